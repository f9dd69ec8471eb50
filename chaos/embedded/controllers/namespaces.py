"""Namespaces: what each of them holds from the start, and how one is emptied before it goes.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/namespace, pkg/controller/serviceaccount and
pkg/controller/certificates/rootcacertpublisher.
"""

from collections.abc import Callable, Mapping, Sequence

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.emptying import conditions, pods_estimate_s, remaining_s
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:namespace-controller"
ACCOUNT_USER = "system:serviceaccount:kube-system:service-account-controller"
CERTIFICATE_USER = "system:serviceaccount:kube-system:root-ca-cert-publisher"
WORKERS = 10
DELAY_S = 5.0
"""Between an event of a namespace that is being deleted and the look at it, so that all servers know of the deletion."""
RETRIES_S = (0.005, 60.0)

ACCOUNT = "default"
CERTIFICATES = "kube-root-ca.crt"
CONTENT = ("pods", *(name for name, each in RESOURCES.items() if each.namespaced and name != "pods"))
"""Pods go first; nothing else goes before they are gone."""

_DESCRIBED = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal "
    "service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
)


class NamespaceController:
    """Furnishes namespaces and empties those that are deleted, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float], now: Now) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        self._account_client = Client(api, ACCOUNT_USER, latency)
        self._certificate_client = Client(api, CERTIFICATE_USER, latency)
        self._emptying: WorkQueue[str] = WorkQueue(*RETRIES_S)
        self._furnishing: WorkQueue[str] = WorkQueue()
        self._accounts = Informer(api, "serviceaccounts", lag, self._furniture_changed)
        self._maps = Informer(api, "configmaps", lag, self._furniture_changed)
        self._namespaces = Informer(api, "namespaces", lag, self._changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in (self._accounts, self._maps, self._namespaces):
                await group.start(informer.run)
            group.start_soon(self._emptying.run, self._empty, WORKERS)
            group.start_soon(self._furnishing.run, self._furnish, 1)
            task_status.started()

    def _changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind != "DELETED":
            if "deletionTimestamp" in meta:
                self._emptying.add_after(meta["name"], DELAY_S)
            else:
                self._furnishing.add(meta["name"])

    def _furniture_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind == "DELETED" and meta["name"] in (ACCOUNT, CERTIFICATES):
            self._furnishing.add(meta["namespace"])

    async def _furnish(self, name: str) -> bool:
        """Put into a namespace what every one has; whether that needs no repetition."""
        namespace = self._namespaces.objects.get(("", name))
        if namespace is None or "deletionTimestamp" in namespace["metadata"]:
            return True
        try:
            if (name, ACCOUNT) not in self._accounts.objects:
                await self._ensure(self._account_client, "serviceaccounts", name, {"metadata": {"name": ACCOUNT}})
            if (name, CERTIFICATES) not in self._maps.objects:
                meta = {"name": CERTIFICATES, "annotations": {"kubernetes.io/description": _DESCRIBED}}
                body = {"metadata": meta, "data": {"ca.crt": ""}}
                await self._ensure(self._certificate_client, "configmaps", name, body)
        except ApiError as error:
            return error.status in (403, 404)
        return True

    async def _ensure(self, client: Client, resource: str, namespace: str, body: Json) -> None:
        try:
            await client.create(resource, namespace, body)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise

    async def _empty(self, name: str) -> bool:
        """Delete what is in a namespace; once nothing is left, let it go. Whether that needs no repetition."""
        try:
            namespace = await self._client.get("namespaces", "", name)
            if "deletionTimestamp" not in namespace["metadata"] or not namespace["spec"].get("finalizers"):
                return True
            left, wait_s, unexplained = await self._delete_content(namespace)
            # Of pods that are left nothing is said: everything else has not been looked at.
            await self._tell(namespace, {} if left.get("pods") else left, unexplained)
            if unexplained:
                return False
            if wait_s:
                self._emptying.add_after(name, wait_s // 2 + 1)
            else:
                await self._finalize(name)
        except ApiError as error:
            return error.status == 404
        return True

    async def _delete_content(self, namespace: Json) -> tuple[dict[str, Sequence[Json]], int, list[str]]:
        """What is left by resource, how many seconds that should take, and what is left without a reason."""
        name = namespace["metadata"]["name"]
        left: dict[str, Sequence[Json]] = {}
        wait_s, unexplained = 0, []
        for resource in CONTENT:
            estimate_s = 0
            if resource == "pods":
                estimate_s = pods_estimate_s(await self._client.list("pods", name), namespace, self._now())
            await self._client.delete_all(resource, name, propagation="Background")
            left[resource] = await self._client.list(resource, name)
            seconds = remaining_s(left[resource], estimate_s)
            if seconds is None:
                unexplained.append(resource)
            wait_s = max(wait_s, seconds or 0)
            if resource == "pods" and left["pods"]:
                break
        return left, wait_s, unexplained

    async def _tell(self, namespace: Json, left: Mapping[str, Sequence[Json]], unexplained: Sequence[str]) -> None:
        told = conditions(namespace["status"].get("conditions") or (), left, unexplained, self._now())
        if told is not None:
            status = {**namespace["status"], "conditions": told}
            try:
                await self._client.update("namespaces", {**namespace, "status": status}, subresource="status")
            except ApiError as error:
                if error.reason != "Conflict":
                    raise

    async def _finalize(self, name: str) -> None:
        while True:
            fresh = await self._client.get("namespaces", "", name)
            finalizers = [each for each in fresh["spec"].get("finalizers") or () if each != "kubernetes"]
            released = {**fresh, "spec": {**fresh["spec"], "finalizers": finalizers}}
            try:
                await self._client.update("namespaces", released, subresource="finalize")
                return
            except ApiError as error:
                if error.reason != "Conflict":
                    raise
