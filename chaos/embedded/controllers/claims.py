"""Volumes for claims: made at once for every new claim, bound to it, and gone after it.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/volume/persistentvolume and pvcprotection.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.defaults import PROTECTION
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json

USER = "system:serviceaccount:kube-system:persistent-volume-binder"
WORKERS = 5
CLASS = "standard"


class ClaimController:
    """Binds claims of the default class and protects those in use, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._client = Client(api, USER, latency)
        self._queue: WorkQueue[Key] = WorkQueue()
        # The volumes of claims that are gone.
        self._gone: dict[Key, str] = {}
        self._claims = Informer(api, "persistentvolumeclaims", lag, self._claim_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._queue.run, self._work, WORKERS)
            for informer in (self._pods, self._claims):
                await group.start(informer.run)
            task_status.started()

    def _claim_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        key = (meta["namespace"], meta["name"])
        if kind == "DELETED" and item["spec"].get("volumeName"):
            self._gone[key] = item["spec"]["volumeName"]
        self._queue.add(key)

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        if kind == "DELETED" or _is_over(item):
            for name in claimed(item):
                self._queue.add((item["metadata"]["namespace"], name))

    async def _work(self, key: Key) -> bool:
        """Look at one claim; whether that needs no repetition."""
        try:
            volume = self._gone.pop(key, None)
            if volume is not None:
                await self._reclaim(volume)
            claim = self._claims.objects.get(key)
            if claim is not None:
                await self._tend(claim)
        except ApiError as error:
            return error.status in (403, 404)
        return True

    async def _tend(self, claim: Json) -> None:
        meta = claim["metadata"]
        if "deletionTimestamp" in meta:
            if PROTECTION in (meta.get("finalizers") or ()) and not self._is_used(meta["namespace"], meta["name"]):
                left = [each for each in meta["finalizers"] if each != PROTECTION]
                body = {"metadata": {"uid": meta["uid"], "finalizers": left}}
                await self._client.patch("persistentvolumeclaims", meta["namespace"], meta["name"], body, "merge")
        elif claim["status"].get("phase") == "Pending" and claim["spec"].get("storageClassName") == CLASS:
            await self._bind(claim)

    def _is_used(self, namespace: str, name: str) -> bool:
        return any(
            key[0] == namespace and name in claimed(pod) and not _is_over(pod) and pod["spec"].get("nodeName")
            for key, pod in self._pods.objects.items()
        )

    async def _bind(self, claim: Json) -> None:
        """Make the claim's volume, point the claim at it, then say that it is bound."""
        meta, spec = claim["metadata"], claim["spec"]
        volume = f"pvc-{meta['uid']}"
        try:
            await self._client.create("persistentvolumes", "", volume_for(claim, volume))
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
        namespace, name = meta["namespace"], meta["name"]
        marks = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
        named = {"metadata": {"uid": meta["uid"], "annotations": marks}, "spec": {"volumeName": volume}}
        await self._client.patch("persistentvolumeclaims", namespace, name, named, "merge")
        status = {
            "phase": "Bound",
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
        }
        await self._client.patch(
            "persistentvolumeclaims", namespace, name, {"status": status}, "merge", subresource="status"
        )
        await self._client.patch(
            "persistentvolumes", "", volume, {"status": {"phase": "Bound"}}, "merge", subresource="status"
        )

    async def _reclaim(self, volume: str) -> None:
        try:
            await self._client.delete("persistentvolumes", "", volume)
        except ApiError as error:
            if error.status != 404:
                raise


def claimed(pod: Json) -> list[str]:
    """The names of the claims that a pod mounts."""
    return [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"].get("volumes") or ()
        if "persistentVolumeClaim" in volume
    ]


def volume_for(claim: Json, name: str) -> Json:
    """The volume that is made for a claim."""
    meta, spec = claim["metadata"], claim["spec"]
    owner = {
        "kind": "PersistentVolumeClaim",
        "apiVersion": "v1",
        "namespace": meta["namespace"],
        "name": meta["name"],
        "uid": meta["uid"],
    }
    return {
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "claimRef": owner,
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": CLASS,
            "hostPath": {"path": f"/tmp/hostpath_pv/{name}"},
        },
    }


def _is_over(pod: Json) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded")
