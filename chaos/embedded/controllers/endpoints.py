"""The EndpointSlice controller: it keeps the slices of every Service that selects pods.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/endpointslice/endpointslice_controller.go, k8s.io/endpointslice 0.37
util/endpointslice_tracker.go, util/trigger_time_tracker.go and util/controller_utils.go (podEndpointsChanged).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.controllers.slices import (
    MANAGED_BY,
    MANAGER,
    SERVICE,
    Changes,
    is_ready,
    matches,
    reconcile,
    selects,
)
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:endpointslice-controller"
WORKERS = 5
TRIGGERED = "endpoints.kubernetes.io/last-change-trigger-time"
RETRY_S = 1.0
"""After the first error, and after somebody else changed a slice."""

_DELETED = 0


class Seen(NamedTuple):
    """What of a pod bears on endpoints."""

    labels: Mapping[str, str]
    host: tuple[str | None, str | None]
    is_terminating: bool
    is_ready: bool
    ip: str | None


class EndpointSliceController:
    """Keeps slices, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, "endpoint-slice-controller")
        self._queue: WorkQueue[Key] = WorkQueue(first_s=RETRY_S)
        self._seen: dict[Key, Seen] = {}
        self._triggers = Triggers()
        self._written = Written()
        self._services = Informer(api, "services", lag, self._service_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)
        self._nodes = Informer(api, "nodes", lag, self._node_changed)
        self._slices = Informer(api, "endpointslices", lag, self._slice_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            for informer in (self._nodes, self._pods, self._slices, self._services):
                await group.start(informer.run)
            group.start_soon(self._queue.run, self._work, WORKERS)
            task_status.started()

    def _service_changed(self, kind: EventType, item: Json) -> None:
        self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _node_changed(self, kind: EventType, item: Json) -> None:
        if kind == "ADDED":
            # Its pods were left out until now.
            for key in self._services.objects:
                self._queue.add(key)

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        key = (item["metadata"]["namespace"], item["metadata"]["name"])
        old, new = self._seen.get(key), seen(item)
        if kind == "DELETED":
            self._seen.pop(key, None)
            old = None
        else:
            self._seen[key] = new
        for service in concerned(self._services.objects, key[0], old, new):
            self._queue.add(service)

    def _slice_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        labels = meta.get("labels") or {}
        service = (meta["namespace"], labels.get(SERVICE, ""))
        if labels.get(MANAGED_BY) == MANAGER and self._written.is_news(service, kind, meta):
            self._queue.add_after(service, RETRY_S)

    async def _work(self, key: Key) -> bool:
        """Bring one Service's slices up to date; whether that needs no repetition."""
        service = self._services.objects.get(key)
        if service is None:
            self._triggers.forget(key)
            self._written.forget(key)
            return True
        spec = service["spec"]
        if spec.get("type") == "ExternalName" or not spec.get("selector"):
            return True
        slices = [each for _, each in sorted(self._slices.objects.items()) if _is_ours(each, key)]
        if self._written.is_ahead(key, slices):
            return False
        pods = [pod for at, pod in sorted(self._pods.objects.items()) if at[0] == key[0] and selects(service, pod)]
        trigger = self._triggers.newest(key, service, pods)
        nodes = {name: node for (_, name), node in self._nodes.objects.items()}
        try:
            await self._apply(key, reconcile(service, pods, nodes, slices), service, trigger)
        except ApiError as error:
            if error.status == 403:
                # A namespace that is going takes no new slice; repeating that would never end.
                return True
            told = f"Error updating Endpoint Slices for Service {key[0]}/{key[1]}: {error.message}"
            self._recorder.event(service, "Warning", "FailedToUpdateEndpointSlices", told)
            return False
        return True

    async def _apply(self, key: Key, changes: Changes, service: Json, trigger: str | None) -> None:
        if "deletionTimestamp" not in service["metadata"]:
            for each in changes.create:
                body = _stamped(each, trigger)
                self._written.note(key, await self._client.create("endpointslices", key[0], body))
        for each in changes.update:
            self._written.note(key, await self._client.update("endpointslices", _stamped(each, trigger)))
        for each in changes.delete:
            await self._client.delete("endpointslices", key[0], each["metadata"]["name"])
            self._written.expect_deletion(key, each)


class Written:
    """What this controller last wrote of each slice: while its cache is behind that, it must not write."""

    def __init__(self) -> None:
        self._versions: dict[Key, dict[str, int]] = {}

    def note(self, service: Key, item: Json) -> None:
        """A slice was written."""
        meta = item["metadata"]
        self._versions.setdefault(service, {})[meta["uid"]] = int(meta["resourceVersion"])

    def expect_deletion(self, service: Key, item: Json) -> None:
        """A slice was deleted."""
        self._versions.setdefault(service, {})[item["metadata"]["uid"]] = _DELETED

    def forget(self, service: Key) -> None:
        """The Service is gone."""
        self._versions.pop(service, None)

    def is_news(self, service: Key, kind: EventType, meta: Json) -> bool:
        """Whether an event of a slice tells what this controller did not do itself."""
        versions = self._versions.get(service, {})
        known = versions.get(meta["uid"])
        if kind == "DELETED":
            versions.pop(meta["uid"], None)
            return known is not None and known != _DELETED
        return known is None or int(meta["resourceVersion"]) > known

    def is_ahead(self, service: Key, slices: Sequence[Json]) -> bool:
        """Whether the cache does not show yet what was written."""
        shown = {each["metadata"]["uid"]: int(each["metadata"]["resourceVersion"]) for each in slices}
        for uid, version in self._versions.get(service, {}).items():
            is_expected_gone = version == _DELETED
            if (uid in shown) == is_expected_gone or (uid in shown and shown[uid] < version):
                return True
        return False


class Triggers:
    """When the change happened that a slice is written for: the annotation for those who measure how long that takes."""

    def __init__(self) -> None:
        self._services: dict[Key, dict[str, str]] = {}

    def newest(self, key: Key, service: Json, pods: Iterable[Json]) -> str | None:
        """The earliest change since the last call; None if no pod's readiness has changed."""
        before = self._services.get(key)
        times = {pod["metadata"]["name"]: at for pod in pods if (at := _ready_since(pod))}
        self._services[key] = times
        if before is None:
            return str(service["metadata"]["creationTimestamp"])
        return min((at for name, at in times.items() if at > before.get(name, "")), default=None)

    def forget(self, key: Key) -> None:
        """The Service is gone."""
        self._services.pop(key, None)


def seen(pod: Json) -> Seen:
    """What of a pod bears on endpoints."""
    meta, spec = pod["metadata"], pod["spec"]
    host = spec.get("hostname"), spec.get("subdomain")
    return Seen(meta.get("labels") or {}, host, "deletionTimestamp" in meta, is_ready(pod), pod["status"].get("podIP"))


def concerned(services: Mapping[Key, Json], namespace: str, old: Seen | None, new: Seen) -> list[Key]:
    """The Services whose endpoints a change of a pod may change. Every change of a terminating pod counts, as upstream."""
    mine = [(key, each) for key, each in services.items() if key[0] == namespace]
    if old is None:
        return [key for key, each in mine if matches(each, new.labels)]
    is_changed = new.is_terminating or (old.is_ready, old.ip) != (new.is_ready, new.ip)
    if (old.labels, old.host) == (new.labels, new.host):
        return [key for key, each in mine if is_changed and matches(each, new.labels)]
    found = []
    for key, each in mine:
        before, after = matches(each, old.labels), matches(each, new.labels)
        if (before or after) if is_changed else before != after:
            found.append(key)
    return found


def _ready_since(pod: Json) -> str:
    for each in pod["status"].get("conditions") or ():
        if each["type"] == "Ready":
            return str(each.get("lastTransitionTime") or "")
    return ""


def _is_ours(item: Json, service: Key) -> bool:
    meta = item["metadata"]
    labels = meta.get("labels") or {}
    is_of_service = (meta["namespace"], labels.get(SERVICE)) == service
    return is_of_service and labels.get(MANAGED_BY) == MANAGER and "deletionTimestamp" not in meta


def _stamped(item: Json, trigger: str | None) -> Json:
    """The slice as it is written: with the annotation, and null where a list is empty, as Kubernetes stores it."""
    meta = {**item["metadata"], "annotations": {**item["metadata"].get("annotations", {})}}
    if trigger is None:
        meta["annotations"].pop(TRIGGERED, None)
    else:
        meta["annotations"][TRIGGERED] = trigger
    return {**item, "metadata": meta, "endpoints": item["endpoints"] or None, "ports": item["ports"] or None}
