"""The garbage collector: objects go with their owners, before them, or are let go, as the delete of the owner asked for.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem, orphanDependents,
processDeletingDependentsItem).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.deletion import FOREGROUND, ORPHAN
from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.ownership import release
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json

USER = "system:serviceaccount:kube-system:generic-garbage-collector"
WORKERS = 5

COLLECTED = (
    "pods",
    "statefulsets",
    "services",
    "controllerrevisions",
    "persistentvolumeclaims",
    "endpointslices",
    "poddisruptionbudgets",
    "configmaps",
)
"""What may own or be owned here."""

_RESOURCES = {(RESOURCES[name].api_version, RESOURCES[name].kind): name for name in COLLECTED}


class Ref(NamedTuple):
    """One object in one of its lives."""

    resource: str
    namespace: str
    name: str
    uid: str


class GarbageCollector:
    """Deletes or releases what was owned, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._client = Client(api, USER, latency)
        self._queue: WorkQueue[Ref] = WorkQueue()
        self._informers = {
            name: Informer(api, name, lag, lambda kind, item, name=name: self._changed(name, kind, item))  # type: ignore[misc]
            for name in COLLECTED
        }

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._queue.run, self._work, WORKERS)
            for informer in self._informers.values():
                await group.start(informer.run)
            task_status.started()

    def _changed(self, resource: str, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind == "DELETED":
            for name, dependent in self._dependents(meta["uid"]):
                self._queue.add(_ref(name, dependent))
            # Whoever waits for the last of its dependents to go may be done now.
            for reference in meta.get("ownerReferences") or ():
                self._look_at_owner(meta.get("namespace", ""), reference)
        elif meta.get("ownerReferences") or ("deletionTimestamp" in meta and meta.get("finalizers")):
            self._queue.add(_ref(resource, item))

    def _look_at_owner(self, namespace: str, reference: Json) -> None:
        resource = _RESOURCES.get((reference["apiVersion"], reference["kind"]))
        if resource is not None:
            owner = self._informers[resource].objects.get((namespace, reference["name"]))
            if owner is not None and owner["metadata"]["uid"] == reference["uid"] and _has(owner, FOREGROUND):
                self._queue.add(_ref(resource, owner))

    def _dependents(self, uid: str) -> Iterator[tuple[str, Json]]:
        for name, informer in self._informers.items():
            for item in list(informer.objects.values()):
                if any(reference["uid"] == uid for reference in item["metadata"].get("ownerReferences") or ()):
                    yield name, item

    async def _work(self, ref: Ref) -> bool:
        """Look at one object; whether that needs no repetition."""
        cached = self._informers[ref.resource].objects.get((ref.namespace, ref.name))
        if cached is None or cached["metadata"]["uid"] != ref.uid:
            return True
        try:
            if "deletionTimestamp" in cached["metadata"]:
                if _has(cached, ORPHAN):
                    return await self._orphan(ref, cached)
                if _has(cached, FOREGROUND):
                    return await self._foreground(ref, cached)
                return True
            return await self._collect(ref)
        except ApiError as error:
            return error.status == 404

    async def _orphan(self, ref: Ref, owner: Json) -> bool:
        for name, dependent in list(self._dependents(ref.uid)):
            meta = dependent["metadata"]
            try:
                await self._client.patch(name, meta["namespace"], meta["name"], release(dependent, ref.uid))
            except ApiError as error:
                # It is gone, or another object has its name by now.
                if error.status not in (404, 409):
                    raise
        return await self._remove_finalizer(ref, ORPHAN)

    async def _foreground(self, ref: Ref, owner: Json) -> bool:
        blocking = [
            (name, item)
            for name, item in self._dependents(ref.uid)
            if any(
                each["uid"] == ref.uid and each.get("blockOwnerDeletion")
                for each in item["metadata"]["ownerReferences"]
            )
        ]
        for name, item in blocking:
            self._queue.add(_ref(name, item))
        return True if blocking else await self._remove_finalizer(ref, FOREGROUND)

    async def _remove_finalizer(self, ref: Ref, finalizer: str) -> bool:
        fresh = await self._client.get(ref.resource, ref.namespace, ref.name)
        meta = fresh["metadata"]
        if meta["uid"] == ref.uid and _has(fresh, finalizer):
            left = [each for each in meta["finalizers"] if each != finalizer]
            body = {"metadata": {"resourceVersion": meta["resourceVersion"], "finalizers": left}}
            await self._client.patch(ref.resource, ref.namespace, ref.name, body, "merge")
        return True

    async def _collect(self, ref: Ref) -> bool:
        """Delete an object none of whose owners is left; take absent owners off one that has others."""
        fresh = await self._client.get(ref.resource, ref.namespace, ref.name)
        meta = fresh["metadata"]
        references = meta.get("ownerReferences") or []
        if meta["uid"] != ref.uid or not references or "deletionTimestamp" in meta:
            return True
        owners = [await self._owner(ref.namespace, reference) for reference in references]
        solid = [owner for owner in owners if owner is not None and not _is_waiting(owner)]
        if solid:
            for reference, owner in zip(references, owners, strict=True):
                if owner is None:
                    await self._client.patch(ref.resource, ref.namespace, ref.name, release(fresh, reference["uid"]))
            return True
        is_waiting = any(owner is not None for owner in owners)
        policy = "Foreground" if is_waiting and any(self._dependents(ref.uid)) else "Background"
        await self._client.delete(
            ref.resource,
            ref.namespace,
            ref.name,
            uid=ref.uid,
            propagation="Foreground" if policy == "Foreground" else "Background",
        )
        return True

    async def _owner(self, namespace: str, reference: Json) -> Json | None:
        """The owner as it is now; None if it is gone, or another object has its name."""
        resource = _RESOURCES.get((reference["apiVersion"], reference["kind"]))
        if resource is None:
            # Of a kind that is not collected nobody knows that it is gone.
            return reference
        cached = self._informers[resource].objects.get((namespace, reference["name"]))
        if cached is not None and cached["metadata"]["uid"] == reference["uid"]:
            return cached
        try:
            owner = await self._client.get(resource, namespace, reference["name"])
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return owner if owner["metadata"]["uid"] == reference["uid"] else None


def _ref(resource: str, item: Json) -> Ref:
    meta = item["metadata"]
    return Ref(resource, meta.get("namespace", ""), meta["name"], meta["uid"])


def _has(item: Json, finalizer: str) -> bool:
    return finalizer in (item["metadata"].get("finalizers") or ())


def _is_waiting(owner: Json) -> bool:
    """Whether an owner waits for its dependents to go."""
    meta = owner.get("metadata") or {}
    return "deletionTimestamp" in meta and FOREGROUND in (meta.get("finalizers") or ())
