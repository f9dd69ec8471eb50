"""The garbage collector: objects go with their owners, before them, or are let go, as the delete of the owner asked for.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem, orphanDependents,
processDeletingDependentsItem) and operations.go.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.deletion import FOREGROUND, ORPHAN
from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.graph import Graph, Looks, Node, Ref, owner_ref
from chaos.embedded.controllers.ownership import release, unblocking
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json, Propagation

USER = "system:serviceaccount:kube-system:generic-garbage-collector"
WORKERS = 20
CONFLICTS = 4
"""Times that a finalizer's removal is tried before the object is looked at again later."""
CONFLICT_S = 0.01
"""The pause after the first conflict; five times as long after each."""

COLLECTED = tuple(name for name, each in RESOURCES.items() if name != "events" and each.stored)
"""What may own or be owned here."""


class Owners(NamedTuple):
    """An object's references by what became of the owner: it stays, it is gone, it waits for its dependents to go."""

    solid: list[Json]
    dangling: list[Json]
    waiting: list[Json]


class GarbageCollector:
    """Deletes or releases what was owned, until it is cancelled."""

    def __init__(self, api: Api, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._client = Client(api, USER, latency)
        self._graph = Graph()
        self._deleting: WorkQueue[str] = WorkQueue()
        self._orphaning: WorkQueue[str] = WorkQueue()
        self._informers = [Informer(api, name, lag, self._hears(name)) for name in COLLECTED]

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in self._informers:
                await group.start(informer.run)
            group.start_soon(self._deleting.run, self._attempt, WORKERS)
            group.start_soon(self._orphaning.run, self._orphan, WORKERS)
            task_status.started()

    def _hears(self, resource: str) -> Callable[[EventType, Json], None]:
        return lambda kind, item: self._look(self._graph.observe(resource, kind, item))

    def _look(self, looks: Looks) -> None:
        for uid in looks.delete:
            self._deleting.add(uid)
        for uid in looks.orphan:
            self._orphaning.add(uid)

    async def _attempt(self, uid: str) -> bool:
        """Delete an object if it has to go; whether that needs no repetition."""
        node = self._graph.get(uid)
        if node is None or (node.is_being_deleted and not node.is_deleting_dependents):
            return True
        try:
            latest = await self._latest(node.ref)
            if latest is None:
                self._look(self._graph.forget(uid))
                return True
            if node.is_deleting_dependents:
                await self._await_dependents(node)
            elif latest["metadata"].get("ownerReferences"):
                await self._judge(node, latest)
        except ApiError:
            return False
        # An owner that only its dependents speak of is asked for until it is seen.
        return node.is_observed

    async def _judge(self, node: Node, latest: Json) -> None:
        """Keep an object that an owner keeps, delete any other."""
        owners = await self._owners(node.ref, latest["metadata"]["ownerReferences"])
        if owners.solid:
            left = [each["uid"] for each in (*owners.dangling, *owners.waiting)]
            if left:
                ref = node.ref
                await self._client.patch(ref.resource, ref.namespace, ref.name, release(latest, *left))
        elif owners.waiting and node.dependents:
            if any(each.is_deleting_dependents for each in node.dependents.values()):
                # They may wait for each other.
                ref = node.ref
                await self._client.patch(ref.resource, ref.namespace, ref.name, unblocking(latest))
            await self._delete(node, latest, "Foreground")
        else:
            await self._delete(node, latest, _propagation(latest))

    async def _owners(self, ref: Ref, references: Sequence[Json]) -> Owners:
        owners = Owners([], [], [])
        for reference in references:
            at = owner_ref(ref.namespace, reference)
            if at is None:
                owners.solid.append(reference)
                continue
            owner = None if self._graph.is_absent(at) else await self._latest(at)
            if owner is None:
                self._graph.mark_absent(at)
                owners.dangling.append(reference)
            elif "deletionTimestamp" in owner["metadata"] and _has(owner, FOREGROUND):
                owners.waiting.append(reference)
            else:
                owners.solid.append(reference)
        return owners

    async def _delete(self, node: Node, latest: Json, propagation: Propagation) -> None:
        """Delete an object in the state in which it was judged; one that changed in other ways goes too."""
        ref, meta = node.ref, latest["metadata"]
        at = (ref.resource, ref.namespace, ref.name)
        try:
            try:
                await self._client.delete(*at, uid=ref.uid, rv=meta["resourceVersion"], propagation=propagation)
            except ApiError as error:
                if error.reason != "Conflict":
                    raise
                live = await self._client.get(*at)
                is_same = live["metadata"]["uid"] == ref.uid
                if not is_same or live["metadata"].get("ownerReferences") != meta["ownerReferences"]:
                    raise
                await self._client.delete(*at, uid=ref.uid, propagation=propagation)
        except ApiError as error:
            if error.status != 404:
                raise
            self._look(self._graph.forget(ref.uid))

    async def _await_dependents(self, node: Node) -> None:
        """Let an owner go whose last blocking dependent has gone; otherwise have them looked at."""
        blocking = node.blocking()
        if not blocking:
            await self._remove_finalizer(node.ref, FOREGROUND)
        for each in blocking:
            if not each.is_deleting_dependents:
                self._deleting.add(each.ref.uid)

    async def _orphan(self, uid: str) -> bool:
        """Let the dependents go, all at once, then their owner; whether that needs no repetition."""
        node = self._graph.get(uid)
        if node is None:
            return True
        failures: list[ApiError] = []
        async with anyio.create_task_group() as group:
            for each in list(node.dependents.values()):
                group.start_soon(self._release, each.ref, uid, failures)
        if failures:
            return False
        try:
            await self._remove_finalizer(node.ref, ORPHAN)
        except ApiError:
            return False
        return True

    async def _release(self, ref: Ref, owner: str, failures: list[ApiError]) -> None:
        try:
            body = release({"metadata": {"uid": ref.uid}}, owner)
            await self._client.patch(ref.resource, ref.namespace, ref.name, body)
        except ApiError as error:
            if error.status != 404:
                failures.append(error)

    async def _remove_finalizer(self, ref: Ref, finalizer: str) -> None:
        for attempt in range(CONFLICTS):
            fresh = await self._latest(ref)
            if fresh is None or not _has(fresh, finalizer):
                return
            meta = fresh["metadata"]
            left = [each for each in meta["finalizers"] if each != finalizer]
            body = {"metadata": {"resourceVersion": meta["resourceVersion"], "finalizers": left}}
            try:
                await self._client.patch(ref.resource, ref.namespace, ref.name, body, "merge")
                return
            except ApiError as error:
                if error.reason != "Conflict" or attempt == CONFLICTS - 1:
                    raise
            await anyio.sleep(CONFLICT_S * 5**attempt)

    async def _latest(self, ref: Ref) -> Json | None:
        """The object as it is now; None if it is gone, or another one has its name."""
        try:
            item = await self._client.get(ref.resource, ref.namespace, ref.name)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return item if item["metadata"]["uid"] == ref.uid else None


def _has(item: Json, finalizer: str) -> bool:
    return finalizer in (item["metadata"].get("finalizers") or ())


def _propagation(item: Json) -> Propagation:
    """How an object goes that somebody else has begun to delete, or nobody."""
    if _has(item, ORPHAN):
        return "Orphan"
    return "Foreground" if _has(item, FOREGROUND) else "Background"
