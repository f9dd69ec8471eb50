"""EndpointSlices: the addresses of the pods that a Service selects, ready or not.

Facts: k8s.io/endpointslice 0.37 reconciler.go and utils.go; slices as a real 1.37.2 writes them.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:endpointslice-controller"
WORKERS = 5
MANAGER = "endpointslice-controller.k8s.io"
SERVICE = "kubernetes.io/service-name"
TRIGGERED = "endpoints.kubernetes.io/last-change-trigger-time"


class EndpointSliceController:
    """Keeps one slice per Service, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        self._queue: WorkQueue[Key] = WorkQueue()
        self._services = Informer(api, "services", lag, self._service_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)
        self._slices = Informer(api, "endpointslices", lag, self._slice_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._queue.run, self._work, WORKERS)
            for informer in (self._pods, self._slices, self._services):
                await group.start(informer.run)
            task_status.started()

    def _service_changed(self, kind: EventType, item: Json) -> None:
        self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        for key, service in self._services.objects.items():
            if key[0] == item["metadata"]["namespace"] and selects(service, item):
                self._queue.add(key)

    def _slice_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        name = (meta.get("labels") or {}).get(SERVICE)
        if kind == "DELETED" and name:
            self._queue.add((meta["namespace"], name))

    async def _work(self, key: Key) -> bool:
        """Bring one Service's slice up to date; whether that needs no repetition."""
        service = self._services.objects.get(key)
        if service is None or not service["spec"].get("selector"):
            # The garbage collector takes the slices of a Service that is gone.
            return True
        pods = [pod for (namespace, _), pod in sorted(self._pods.objects.items()) if namespace == key[0]]
        wanted = slice_of(service, [pod for pod in pods if selects(service, pod)], timestamp(self._now()))
        present = [item for item in self._slices.objects.values() if _belongs(item, service)]
        try:
            if not present:
                await self._client.create("endpointslices", key[0], wanted)
            elif not _same(present[0], wanted):
                meta = {**present[0]["metadata"], "labels": wanted["metadata"]["labels"]}
                meta["annotations"] = wanted["metadata"]["annotations"]
                await self._client.update("endpointslices", {**wanted, "metadata": meta})
        except ApiError as error:
            # A namespace that is going takes no new slice; repeating that would never end.
            return error.status in (403, 404)
        return True


def selects(service: Json, pod: Json) -> bool:
    """Whether a Service selects a pod."""
    selector = service["spec"].get("selector") or {}
    labels = pod["metadata"].get("labels") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def slice_of(service: Json, pods: list[Json], at: str) -> Json:
    """The slice that a Service with these pods has."""
    meta, spec = service["metadata"], service["spec"]
    labels = {**(meta.get("labels") or {}), "endpointslice.kubernetes.io/managed-by": MANAGER, SERVICE: meta["name"]}
    if spec.get("clusterIP") == "None":
        labels["service.kubernetes.io/headless"] = ""
    endpoints = [_endpoint(service, pod) for pod in pods if _has_address(pod)]
    ports = [
        {"name": port.get("name", ""), "protocol": port["protocol"], "port": _number(port)}
        for port in spec.get("ports", ())
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            "labels": labels,
            "annotations": {TRIGGERED: at},
            "ownerReferences": [controller_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints or None,
        "ports": ports if endpoints else None,
    }


def _number(port: Json) -> int:
    target = port.get("targetPort", port["port"])
    # Names of container ports would have to be looked up in the pods; nothing here uses them.
    return target if isinstance(target, int) else int(port["port"])


def _has_address(pod: Json) -> bool:
    status = pod.get("status") or {}
    return bool(status.get("podIP")) and status.get("phase") not in ("Failed", "Succeeded")


def _endpoint(service: Json, pod: Json) -> Json:
    meta, spec, status = pod["metadata"], pod["spec"], pod["status"]
    is_serving = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or ())
    is_terminating = "deletionTimestamp" in meta
    is_ready = bool(service["spec"].get("publishNotReadyAddresses")) or (is_serving and not is_terminating)
    endpoint: Json = {
        "addresses": [status["podIP"]],
        "conditions": {"ready": is_ready, "serving": is_serving, "terminating": is_terminating},
    }
    if spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]:
        endpoint["hostname"] = spec["hostname"]
    target = {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}
    return {**endpoint, "targetRef": target, "nodeName": spec["nodeName"]}


def _belongs(item: Json, service: Json) -> bool:
    meta, of = item["metadata"], service["metadata"]
    if meta["namespace"] != of["namespace"] or (meta.get("labels") or {}).get(SERVICE) != of["name"]:
        return False
    return any(each["uid"] == of["uid"] for each in meta.get("ownerReferences") or ())


def _same(present: Json, wanted: Json) -> bool:
    is_same: bool = present["metadata"].get("labels") == wanted["metadata"]["labels"]
    return is_same and all(present.get(key) == wanted[key] for key in ("endpoints", "ports"))
