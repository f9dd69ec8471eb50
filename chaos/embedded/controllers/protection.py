"""Claims and volumes stay while they are used, and a claim says since when nobody uses it.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/volume/pvcprotection and pvprotection; the condition Unused comes with the
gate PersistentVolumeClaimUnusedSinceTime, on since 1.37.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.defaults import PROTECTION, VOLUME_PROTECTION
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.volumes import claimed, without_finalizer
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

CLAIM_USER = "system:serviceaccount:kube-system:pvc-protection-controller"
VOLUME_USER = "system:serviceaccount:kube-system:pv-protection-controller"
WORKERS = 5


class VolumeProtection:
    """Takes the protection off what is deleted and unused, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float], now: Now) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._claim_client = Client(api, CLAIM_USER, latency)
        self._volume_client = Client(api, VOLUME_USER, latency)
        self._queue: WorkQueue[Key] = WorkQueue()
        self._freeing: WorkQueue[Key] = WorkQueue()
        # The pods that mount a claim, by name.
        self._users: dict[Key, dict[str, Json]] = {}
        self._volumes = Informer(api, "persistentvolumes", lag, self._volume_changed)
        self._claims = Informer(api, "persistentvolumeclaims", lag, self._claim_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in (self._pods, self._volumes, self._claims):
                await group.start(informer.run)
            group.start_soon(self._queue.run, self._tend, WORKERS)
            group.start_soon(self._freeing.run, self._free, 1)
            task_status.started()

    def _volume_changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED" and _is_leaving(item, VOLUME_PROTECTION):
            self._freeing.add(("", item["metadata"]["name"]))

    def _claim_changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED" and (_unused(item) is None or _is_leaving(item, PROTECTION)):
            self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        for name in claimed(item):
            key = (meta["namespace"], name)
            users = self._users.setdefault(key, {})
            if kind == "DELETED":
                users.pop(meta["name"], None)
                if not users:
                    del self._users[key]
            else:
                users[meta["name"]] = item
            self._queue.add(key)

    async def _tend(self, key: Key) -> bool:
        """Look at one claim; whether that needs no repetition."""
        claim = self._claims.objects.get(key)
        if claim is None:
            return True
        try:
            if _is_leaving(claim, PROTECTION):
                if not await self._is_used(key, holds):
                    await self._claim_client.update("persistentvolumeclaims", _freed(claim, PROTECTION))
            elif "deletionTimestamp" not in claim["metadata"] and claim["status"].get("phase") == "Bound":
                await self._mark(key, claim)
        except ApiError as error:
            return error.status == 404
        return True

    async def _mark(self, key: Key, claim: Json) -> None:
        """Say whether pods use a claim, where that has changed."""
        is_used = await self._is_used(key, uses)
        if _unused(claim) == ("False" if is_used else "True"):
            return
        told = ("PodUsingPVC", "A pod is") if is_used else ("NoPodsUsingPVC", "No pods are")
        condition = {
            "type": "Unused",
            "status": "False" if is_used else "True",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._now()),
            "reason": told[0],
            "message": f"{told[1]} currently referencing this PVC",
        }
        kept = [each for each in claim["status"].get("conditions") or () if each["type"] != "Unused"]
        status = {**claim["status"], "conditions": [*kept, condition]}
        await self._claim_client.update("persistentvolumeclaims", {**claim, "status": status}, subresource="status")

    async def _is_used(self, key: Key, counts: Callable[[Json], bool]) -> bool:
        """Whether a pod counts as using the claim; the cache alone cannot say that none does."""
        if any(counts(pod) for pod in self._users.get(key, {}).values()):
            return True
        pods = await self._claim_client.list("pods", key[0])
        return any(counts(pod) for pod in pods if key[1] in claimed(pod))

    async def _free(self, key: Key) -> bool:
        """Let a volume go that is bound to nothing; whether that needs no repetition."""
        volume = self._volumes.objects.get(key)
        if volume is None or not _is_leaving(volume, VOLUME_PROTECTION) or volume["status"].get("phase") == "Bound":
            return True
        try:
            await self._volume_client.update("persistentvolumes", _freed(volume, VOLUME_PROTECTION))
        except ApiError as error:
            return error.status == 404
        return True


def holds(pod: Json) -> bool:
    """Whether a pod keeps the claims that it mounts from going: once it was on a node, until it is gone."""
    return bool(pod["spec"].get("nodeName"))


def uses(pod: Json) -> bool:
    """Whether a pod counts as using the claims that it mounts: unless its containers have ended."""
    status = pod.get("status") or {}
    if status.get("phase") in ("Failed", "Succeeded"):
        return False
    states = [each.get("state") or {} for each in status.get("containerStatuses") or ()]
    is_stopped = all("terminated" in state or "waiting" in state for state in states)
    return not ("deletionTimestamp" in pod["metadata"] and is_stopped)


def _unused(claim: Json) -> str | None:
    for each in claim["status"].get("conditions") or ():
        if each["type"] == "Unused":
            return str(each["status"])
    return None


def _is_leaving(item: Json, finalizer: str) -> bool:
    meta = item["metadata"]
    return "deletionTimestamp" in meta and finalizer in (meta.get("finalizers") or ())


def _freed(item: Json, finalizer: str) -> Json:
    return without_finalizer(item, finalizer) or item
