"""Volumes for claims: made at once for every new claim, bound to it, and gone after it.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/volume/persistentvolume; the order of writes as a real 1.37.2 has it. Left
out: volumes that nobody made for a claim, and classes that wait for a claim's first pod.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.controllers import volumes as v
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.protection import VolumeProtection
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:persistent-volume-binder"
WORKERS = 5


class ClaimController:
    """Binds claims, protects those in use, and reclaims volumes, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float], now: Now) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._client = Client(api, USER, latency)
        self._protection = VolumeProtection(api, lag, latency, now)
        self._binding: WorkQueue[Key] = WorkQueue()
        self._reclaiming: WorkQueue[Key] = WorkQueue()
        # Versions of the last own writes: what an older cache shows has been dealt with.
        self._written: dict[str, int] = {}
        self._classes = Informer(api, "storageclasses", lag, self._class_changed)
        self._volumes = Informer(api, "persistentvolumes", lag, self._volume_changed)
        self._claims = Informer(api, "persistentvolumeclaims", lag, self._claim_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full and there is a class for claims."""
        async with anyio.create_task_group() as group:
            for informer in (self._classes, self._volumes, self._claims):
                await group.start(informer.run)
            if ("", v.CLASS) not in self._classes.objects:
                await self._create("storageclasses", v.default_class())
            group.start_soon(self._binding.run, self._bind, WORKERS)
            group.start_soon(self._reclaiming.run, self._reclaim, 1)
            await group.start(self._protection.run)
            task_status.started()

    def _class_changed(self, kind: EventType, item: Json) -> None:
        for key in self._claims.objects:
            self._binding.add(key)

    def _volume_changed(self, kind: EventType, item: Json) -> None:
        if kind == "DELETED":
            self._written.pop(item["metadata"]["uid"], None)
        else:
            self._reclaiming.add(("", item["metadata"]["name"]))

    def _claim_changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED":
            self._binding.add((item["metadata"]["namespace"], item["metadata"]["name"]))
            return
        self._written.pop(item["metadata"]["uid"], None)
        if item["spec"].get("volumeName"):
            self._reclaiming.add(("", item["spec"]["volumeName"]))

    async def _bind(self, key: Key) -> bool:
        """Make a claim's volume and bind the two; whether that needs no repetition."""
        claim = self._claims.objects.get(key)
        if claim is None or "deletionTimestamp" in claim["metadata"] or claim["status"].get("phase") == "Bound":
            return True
        if claim["spec"].get("volumeName", v.volume_name(claim)) != v.volume_name(claim):
            return True
        if int(claim["metadata"]["resourceVersion"]) < self._written.get(claim["metadata"]["uid"], 0):
            return True
        storage_class = self._classes.objects.get(("", claim["spec"].get("storageClassName", "")))
        if storage_class is None:
            return True
        try:
            claim = await self._updated(
                "persistentvolumeclaims", claim, v.awaiting(claim, storage_class["provisioner"])
            )
            volume = await self._create("persistentvolumes", v.volume_for(claim, storage_class))
            if volume["status"].get("phase") != "Bound":
                await self._client.update("persistentvolumes", v.in_phase(volume, "Bound"), subresource="status")
            claim = await self._updated("persistentvolumeclaims", claim, v.bound(claim))
            done = await self._client.update("persistentvolumeclaims", v.bound_status(claim), subresource="status")
            self._note(done)
        except ApiError as error:
            return error.status == 404
        return True

    async def _reclaim(self, key: Key) -> bool:
        """Give up the volume of a claim that is gone; whether that needs no repetition."""
        volume = self._volumes.objects.get(key)
        if volume is None or "deletionTimestamp" in volume["metadata"] or "claimRef" not in volume["spec"]:
            return True
        if int(volume["metadata"]["resourceVersion"]) < self._written.get(volume["metadata"]["uid"], 0):
            return True
        try:
            if await self._is_claimed(volume["spec"]["claimRef"]):
                return True
            if volume["status"].get("phase") != "Released":
                released = v.in_phase(volume, "Released")
                volume = await self._client.update("persistentvolumes", released, subresource="status")
                self._note(volume)
            if volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete":
                freed = v.without_finalizer(volume, v.BINDER_FINALIZER)
                volume = await self._updated("persistentvolumes", volume, freed)
                self._note(await self._client.delete("persistentvolumes", "", volume["metadata"]["name"]))
        except ApiError as error:
            return error.status == 404
        return True

    async def _is_claimed(self, reference: Json) -> bool:
        """Whether the claim is there in the life that the volume was made for; the cache alone cannot say that it is not."""
        key = (reference["namespace"], reference["name"])
        cached = self._claims.objects.get(key)
        if cached is not None and cached["metadata"]["uid"] == reference["uid"]:
            return True
        try:
            claim = await self._client.get("persistentvolumeclaims", *key)
        except ApiError as error:
            if error.status != 404:
                raise
            return False
        return bool(claim["metadata"]["uid"] == reference["uid"])

    async def _create(self, resource: str, body: Json) -> Json:
        """The new object, or the one that has its name."""
        try:
            return await self._client.create(resource, "", body)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
        return await self._client.get(resource, "", body["metadata"]["name"])

    async def _updated(self, resource: str, present: Json, wanted: Json | None) -> Json:
        if wanted is None:
            return present
        stored = await self._client.update(resource, wanted)
        self._note(stored)
        return stored

    def _note(self, item: Json) -> None:
        self._written[item["metadata"]["uid"]] = int(item["metadata"]["resourceVersion"])
