"""The StatefulSet controller: its caches, its queue, and the requests that carry out what a sync decides."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import NoReturn

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.selectors import matches
from chaos.embedded.controllers import ownership
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.controllers.statefulset import revisions, sync
from chaos.embedded.controllers.statefulset.batches import (
    OBJECT_PAUSES_S,
    STATUS_PAUSES_S,
    retry_on_conflict,
    slow_start,
)
from chaos.embedded.controllers.statefulset.claim_writes import RESOURCE as CLAIMS
from chaos.embedded.controllers.statefulset.claim_writes import ClaimWriter
from chaos.embedded.controllers.statefulset.floors import Floors
from chaos.embedded.controllers.statefulset.history import History
from chaos.embedded.controllers.statefulset.membership import Membership, may_be_adopted
from chaos.embedded.controllers.statefulset.rules import Rules
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now
from chaos.embedded.release import RECREATE

USER = "system:serviceaccount:kube-system:statefulset-controller"
WORKERS = 5
"""Syncs at once (kube-controller-manager --concurrent-statefulset-syncs)."""


class StatefulSetController:
    """Reconciles StatefulSets until it is cancelled.

    `sets`, `pods`, `claims` and `revisions` are its caches; each can be frozen.
    """

    def __init__(
        self,
        api: Api,
        now: Now,
        lag: Callable[[], float],
        latency: Callable[[], float],
        rules: Rules | None = None,
        workers: int = WORKERS,
    ) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds; sync at most `workers` sets at once."""
        self._now = now
        self._rules = rules or Rules()
        self._workers = workers
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, "statefulset-controller")
        self._queue: WorkQueue[Key] = WorkQueue()
        self._pods_before: dict[Key, Json] = {}
        self.sets = Informer(api, "statefulsets", lag, self._set_changed)
        self.pods = Informer(api, "pods", lag, self._pod_changed)
        self.claims = Informer(api, CLAIMS, lag)
        self.revisions = Informer(api, "controllerrevisions", lag)
        self._floors = Floors({"pods": self.pods, CLAIMS: self.claims, "statefulsets": self.sets})
        self._members = Membership(self._client, self.pods, self.revisions, self._floors)
        self._history = History(self._client, self.revisions)
        self._claim_writer = ClaimWriter(self._client, self.claims, self._floors, self._recorder)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            group.start_soon(self._queue.run, self._work, self._workers)
            for informer in (self.pods, self.claims, self.revisions, self.sets):
                await group.start(informer.run)
            task_status.started()

    def _set_changed(self, kind: EventType, item: Json) -> None:
        self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        key = (meta["namespace"], meta["name"])
        before = self._pods_before.get(key)
        if kind == "DELETED":
            self._pods_before.pop(key, None)
        else:
            self._pods_before[key] = item
        owner = ownership.controller_of(item)
        previous = ownership.controller_of(before) if before is not None else None
        concerned = [self._owner_key(meta["namespace"], each) for each in (previous, owner) if each is not None]
        if owner is None and may_be_adopted(kind, before, item):
            concerned += self._selecting(item)
        for set_key in dict.fromkeys(each for each in concerned if each is not None):
            self._queue.add(set_key)
        if (
            owner is not None
            and before is not None
            and p.ready_since(before) is None
            and p.ready_since(item) is not None
        ):
            self._became_ready(self._owner_key(meta["namespace"], owner))

    def _became_ready(self, key: Key | None) -> None:
        min_ready_s = self.sets.objects[key]["spec"].get("minReadySeconds", 0) if key is not None else 0
        if key is not None and min_ready_s:
            self._queue.add_after(key, min_ready_s)

    def _owner_key(self, namespace: str, owner: Json) -> Key | None:
        key = (namespace, owner["name"])
        found = self.sets.objects.get(key)
        is_it = owner["kind"] == "StatefulSet" and found is not None and found["metadata"]["uid"] == owner["uid"]
        return key if is_it else None

    def _selecting(self, pod: Json) -> list[Key | None]:
        """The sets that might adopt an orphan."""
        labels = pod["metadata"].get("labels") or {}
        return [
            key
            for key, item in self.sets.objects.items()
            if key[0] == pod["metadata"]["namespace"] and matches(item["spec"].get("selector"), labels)
        ]

    async def _work(self, key: Key) -> bool:
        """One sync; whether it needs no repetition."""
        if self._rules.consistency and self._floors.is_behind(key):
            return False
        statefulset = self.sets.objects.get(key)
        if statefulset is None:
            self._floors.forget(key)
            self._members.forget(key)
            return True
        try:
            await self._sync(key, statefulset)
        except ApiError:
            return False
        return True

    async def _sync(self, key: Key, statefulset: Json) -> None:
        await self._members.adopt_revisions(statefulset)
        own = await self._members.claim_pods(statefulset)
        now = self._now()
        known = self._members.revisions_of(statefulset)
        update, collisions = await self._history.update_revision(statefulset, known)
        kept = (statefulset.get("status") or {}).get("currentRevision")
        current = next((each for each in known if each["metadata"]["name"] == kept), update)
        if statefulset["spec"]["updateStrategy"]["type"] == sync.RECREATE and not self._rules.recreates:
            await self._give_up(statefulset, known, [each["metadata"]["name"] for each in (current, update)], own)
        seen = sync.Seen(
            statefulset,
            own,
            current["metadata"]["name"],
            update["metadata"]["name"],
            revisions.template_of(current),
            revisions.template_of(update),
            collisions,
            now,
        )
        decision = sync.decide(seen, self._rules)
        replaced, errors = await self._carry_out(statefulset, decision)
        status = sync.without(decision, replaced)
        # A sync that failed writes its status and shortens its history all the same.
        try:
            await self._write_status(key, statefulset, status)
        except ApiError as error:
            errors.append(error)
        live = [seen.current, seen.update, *(p.revision(pod) for pod in own)]
        try:
            await self._history.truncate(statefulset, known, live)
        except ApiError as error:
            errors.append(error)
        if errors:
            raise errors[0]
        look_s = sync.next_look_s(seen, status, self._now())
        if look_s is not None:
            # Each sync asks anew: the pause after an error takes the place of a later wish (delaying_queue.go insert).
            self._queue.add_after(key, look_s)

    async def _give_up(self, statefulset: Json, known: list[Json], in_use: list[str], own: list[Json]) -> NoReturn:
        """End a sync that does not know the set's strategy: nothing but the history is seen to."""
        meta = statefulset["metadata"]
        told = f"statefulset {meta['namespace']}/{meta['name']} uses Recreate strategy but feature gate {RECREATE} is disabled"
        self._recorder.event(statefulset, "Warning", "UnknownStrategy", told)
        await self._history.truncate(statefulset, known, [*in_use, *(p.revision(pod) for pod in own)])
        raise ApiError(500, "UnknownStrategy", told)

    async def _carry_out(self, statefulset: Json, decision: sync.Decision) -> tuple[int, list[ApiError]]:
        """How many pods were deleted for the update, and the error that ended the actions, if any."""
        replaced = 0

        async def in_turn(actions: list[sync.Action]) -> None:
            for action in actions:
                await self._act(statefulset, action)

        try:
            for stage, actions in groupby(decision.actions, key=lambda action: action.stage):
                if stage == "recreate" or (decision.is_burst and stage != "update"):
                    await slow_start(_by_pod(actions), in_turn)
                    continue
                for action in actions:
                    if not await self._act(statefulset, action):
                        return replaced, []
                    replaced += stage == "update"
        except ApiError as error:
            return replaced, [error]
        return replaced, []

    async def _act(self, statefulset: Json, action: sync.Action) -> bool:
        """Carry an action out; whether the next may follow."""
        match action.kind:
            case "create":
                return await self._create(statefulset, action.pod)
            case "delete":
                await self._delete(statefulset, action.pod)
            case "claims":
                await self._claim_writer.create(statefulset, action.pod)
                await self._own_claims(statefulset, action.pod)
            case "own" if action.stage == "retire":
                if not self._claim_writer.fit(statefulset, action.pod):
                    await self._claim_writer.own(statefulset, action.pod)
            case "own" | "repair":
                # What is to be owned is right in everything else.
                if action.kind == "repair" or not self._claim_writer.fit(statefulset, action.pod):
                    await self._repair(statefulset, action.pod)
        return True

    async def _create(self, statefulset: Json, pod: Json) -> bool:
        if self._claim_writer.is_stale(statefulset, pod):
            return False
        try:
            await self._claim_writer.create(statefulset, pod)
        except ApiError as error:
            self._recorder.failed(statefulset, "create", pod, error)
            raise
        refused: ApiError | None = None
        try:
            made = await self._client.create("pods", pod["metadata"]["namespace"], pod)
            self._floors.wrote(statefulset, "pods", made)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                raise
            refused = error
        await self._own_claims(statefulset, pod)
        if refused is not None:
            self._recorder.failed(statefulset, "create", pod, refused)
            raise refused
        self._recorder.succeeded(statefulset, "create", pod)
        return True

    async def _delete(self, statefulset: Json, pod: Json) -> None:
        """By name, whichever pod bears it by now; one that is gone counts as deleted."""
        try:
            await self._client.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        except ApiError as error:
            if error.status != 404:
                self._recorder.failed(statefulset, "delete", pod, error)
                raise
        self._recorder.succeeded(statefulset, "delete", pod)

    async def _own_claims(self, statefulset: Json, pod: Json) -> None:
        try:
            await self._claim_writer.own(statefulset, pod)
        except ApiError as error:
            self._recorder.failed(statefulset, "update", pod, error)
            raise

    async def _repair(self, statefulset: Json, pod: Json) -> None:
        """Set right what is wrong about a pod and its claims' owners; mostly nothing is."""
        if self._is_right(statefulset, pod):
            return
        has_tried = False

        async def attempt(number: int) -> None:
            nonlocal has_tried
            meta = pod["metadata"]
            latest = self.pods.objects.get((meta["namespace"], meta["name"]), pod) if number else pod
            if self._is_right(statefulset, latest):
                return
            await self._repair_claims(statefulset, latest)
            has_tried = True
            fixed = await self._client.update("pods", p.repaired(statefulset, latest))
            self._floors.wrote(statefulset, "pods", fixed)

        try:
            await retry_on_conflict(attempt, OBJECT_PAUSES_S)
        except ApiError as error:
            if has_tried:
                self._recorder.failed(statefulset, "update", pod, error)
            raise
        if has_tried:
            self._recorder.succeeded(statefulset, "update", pod)

    async def _repair_claims(self, statefulset: Json, pod: Json) -> None:
        """Every failure is told, also one that is tried again."""
        try:
            if not p.has_storage(statefulset, pod):
                await self._claim_writer.create(statefulset, pod)
            await self._claim_writer.own(statefulset, pod)
        except ApiError as error:
            self._recorder.failed(statefulset, "update", pod, error)
            raise

    def _is_right(self, statefulset: Json, pod: Json) -> bool:
        has_place = p.has_identity(statefulset, pod) and p.has_storage(statefulset, pod)
        return has_place and self._claim_writer.fit(statefulset, pod)

    async def _write_status(self, key: Key, statefulset: Json, status: Json) -> None:
        """Write a status that says something new; after a conflict, onto what the cache shows by then."""
        if not sync.is_new(statefulset, status):
            return

        async def attempt(number: int) -> Json:
            latest = self.sets.objects.get(key, statefulset) if number else statefulset
            return await self._client.update(
                "statefulsets", {**latest, "status": sync.written(status)}, subresource="status"
            )

        stored = await retry_on_conflict(attempt, STATUS_PAUSES_S)
        self._floors.wrote(stored, "statefulsets", stored)


def _by_pod(actions: Iterable[sync.Action]) -> list[list[sync.Action]]:
    """The actions of one stage, those about the same pod together."""
    found: dict[str, list[sync.Action]] = {}
    for action in actions:
        found.setdefault(action.pod["metadata"]["name"], []).append(action)
    return list(found.values())
