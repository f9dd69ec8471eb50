"""Namespaces: what each of them holds from the start, and how one is emptied before it goes.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/namespace/deletion (pods go first and with their grace period),
pkg/controller/serviceaccount.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json

USER = "system:serviceaccount:kube-system:namespace-controller"
WORKERS = 5
AGAIN_S = 0.5
"""Until the next look at a namespace that is not empty yet. Kubernetes waits for half of the pods' longest grace."""

CONTENT = tuple(name for name, each in RESOURCES.items() if each.namespaced)


class NamespaceController:
    """Furnishes new namespaces and empties those that are deleted, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._api = api
        self._client = Client(api, USER, latency)
        self._queue: WorkQueue[str] = WorkQueue()
        self._namespaces = Informer(api, "namespaces", lag, self._changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the cache, then work. Started when the cache is full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._queue.run, self._work, WORKERS)
            await group.start(self._namespaces.run)
            task_status.started()

    def _changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED":
            self._queue.add(item["metadata"]["name"])

    async def _work(self, name: str) -> bool:
        """Look at one namespace; whether that needs no repetition."""
        namespace = self._namespaces.objects.get(("", name))
        if namespace is None:
            return True
        try:
            if "deletionTimestamp" in namespace["metadata"]:
                await self._empty(namespace)
            else:
                await self._furnish(name)
        except ApiError as error:
            return error.status in (403, 404)
        return True

    async def _furnish(self, name: str) -> None:
        await self._ensure("serviceaccounts", name, {"metadata": {"name": "default"}})
        certificates = {"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": ""}}
        await self._ensure("configmaps", name, certificates)

    async def _ensure(self, resource: str, namespace: str, body: Json) -> None:
        try:
            await self._client.create(resource, namespace, body)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise

    async def _empty(self, namespace: Json) -> None:
        """Delete what is there; once nothing is left, let the namespace go."""
        name = namespace["metadata"]["name"]
        left = 0
        for resource in CONTENT:
            items = self._api.list(resource, name).items
            left += len(items)
            for item in items:
                if "deletionTimestamp" not in item["metadata"]:
                    await self._delete(resource, name, item)
        if left:
            self._queue.add_after(name, AGAIN_S)
            return
        fresh = await self._client.get("namespaces", "", name)
        released = {**fresh, "spec": {"finalizers": []}}
        await self._client.update("namespaces", released, subresource="finalize")

    async def _delete(self, resource: str, namespace: str, item: Json) -> None:
        try:
            await self._client.delete(resource, namespace, item["metadata"]["name"], propagation="Background")
        except ApiError as error:
            if error.status != 404:
                raise
