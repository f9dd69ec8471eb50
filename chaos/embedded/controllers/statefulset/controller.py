"""The StatefulSet controller: its caches, its queue, and the requests that carry out what a sync decides."""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.selectors import matches
from chaos.embedded.controllers import ownership
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.controllers.statefulset import retention, revisions, sync
from chaos.embedded.controllers.statefulset.rules import Rules
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:statefulset-controller"
WORKERS = 5
"""Syncs at once (kube-controller-manager --concurrent-statefulset-syncs)."""

CONFLICTS = 5
CONFLICT_PAUSE_S = 0.01


class StatefulSetController:
    """Reconciles StatefulSets until it is cancelled."""

    def __init__(
        self,
        api: Api,
        now: Now,
        lag: Callable[[], float],
        latency: Callable[[], float],
        rules: Rules | None = None,
    ) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._rules = rules or Rules()
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, "statefulset-controller")
        self._queue: WorkQueue[Key] = WorkQueue()
        self._pods_before: dict[Key, Json] = {}
        self.sets = Informer(api, "statefulsets", lag, self._set_changed)
        self.pods = Informer(api, "pods", lag, self._pod_changed)
        self.claims = Informer(api, "persistentvolumeclaims", lag)
        self.revisions = Informer(api, "controllerrevisions", lag)
        # Versions of its own last writes, by set: until the caches have shown them, a sync would see the past.
        self._floors: dict[Key, dict[str, int]] = {}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            group.start_soon(self._queue.run, self._work, WORKERS)
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
        owners = [ownership.controller_of(each) for each in (before, item) if each is not None]
        owned = [self._owner_key(meta["namespace"], owner) for owner in owners if owner is not None]
        if not owners or owners[-1] is None:
            owned += self._selecting(item)
        for set_key in dict.fromkeys(key for key in owned if key is not None):
            self._queue.add(set_key)
            self._look_again(set_key, item)

    def _look_again(self, key: Key, pod: Json) -> None:
        """Come back when a pod that is Ready now has been so for long enough."""
        min_ready_s = self.sets.objects[key]["spec"].get("minReadySeconds", 0)
        if min_ready_s and p.is_ready(pod):
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
        if self._rules.consistency and self._is_behind(key):
            return False
        statefulset = self.sets.objects.get(key)
        if statefulset is None:
            self._floors.pop(key, None)
            return True
        try:
            await self._sync(key, statefulset)
        except ApiError:
            return False
        return True

    def _is_behind(self, key: Key) -> bool:
        floors = self._floors.get(key, {})
        caches = {"pods": self.pods, "persistentvolumeclaims": self.claims, "statefulsets": self.sets}
        return any(caches[resource].rv < rv for resource, rv in floors.items())

    def _wrote(self, key: Key, resource: str, item: Json) -> None:
        self._floors.setdefault(key, {})[resource] = int(item["metadata"]["resourceVersion"])

    async def _sync(self, key: Key, statefulset: Json) -> None:
        known = await self._adopt_revisions(statefulset)
        own = await self._claim_pods(key, statefulset)
        update, collisions = await self._update_revision(statefulset, known)
        kept = (statefulset.get("status") or {}).get("currentRevision")
        current = next((each for each in known if each["metadata"]["name"] == kept), update)
        seen = sync.Seen(
            statefulset,
            own,
            current["metadata"]["name"],
            update["metadata"]["name"],
            revisions.template_of(current),
            revisions.template_of(update),
            collisions,
            self._now(),
        )
        decision = sync.decide(seen, self._rules)
        try:
            for action in decision.actions:
                if not await self._act(key, statefulset, action):
                    break
        finally:
            await self._write_status(key, statefulset, decision.status)
        live = [seen.current, seen.update, *(p.revision(pod) for pod in own)]
        for revision in revisions.surplus(statefulset, known, live):
            await self._client.delete("controllerrevisions", key[0], revision["metadata"]["name"])

    async def _adopt_revisions(self, statefulset: Json) -> list[Json]:
        """The set's revisions in order, those of a set that was orphaned among them."""
        meta = statefulset["metadata"]
        found = []
        for key, item in self.revisions.objects.items():
            owner = ownership.controller_of(item)
            if key[0] == meta["namespace"] and (owner is None or owner["uid"] == meta["uid"]):
                labels = item["metadata"].get("labels") or {}
                if owner is not None or matches(statefulset["spec"].get("selector"), labels):
                    found.append(item)
        if any(ownership.controller_of(item) is None for item in found):
            await self._check_alive(statefulset)
            found = [
                item if ownership.controller_of(item) else await self._adopt("controllerrevisions", item, statefulset)
                for item in found
            ]
        return revisions.in_order(found)

    async def _claim_pods(self, key: Key, statefulset: Json) -> list[Json]:
        """The set's pods; those that no longer fit are let go, orphans that fit are adopted."""
        meta, own, checked = statefulset["metadata"], [], False
        for (namespace, name), pod in list(self.pods.objects.items()):
            if namespace != meta["namespace"]:
                continue
            owner = ownership.controller_of(pod)
            if owner is not None and owner["uid"] != meta["uid"]:
                continue
            fits = p.is_member(pod, meta["name"]) and matches(
                statefulset["spec"].get("selector"), pod["metadata"].get("labels") or {}
            )
            if owner is not None and fits:
                own.append(pod)
            elif owner is not None and not p.is_terminating(statefulset):
                await self._release(name, pod, meta["uid"])
            elif owner is None and fits and not p.is_terminating(pod) and not p.is_terminating(statefulset):
                if not checked:
                    await self._check_alive(statefulset)
                    checked = True
                adopted = await self._adopt("pods", pod, statefulset)
                self._wrote(key, "pods", adopted)
                own.append(adopted)
        return own

    async def _check_alive(self, statefulset: Json) -> None:
        """Before anything is adopted: the set must still be there and stay, whatever the cache shows.

        Raises:
            ApiError: it is gone, or being deleted.
        """
        meta = statefulset["metadata"]
        fresh = await self._client.get("statefulsets", meta["namespace"], meta["name"])
        if fresh["metadata"]["uid"] != meta["uid"] or p.is_terminating(fresh):
            raise ApiError(409, "Conflict", f"the original StatefulSet {meta['name']} is gone")

    async def _adopt(self, resource: str, item: Json, statefulset: Json) -> Json:
        meta = item["metadata"]
        patch = ownership.adoption(item, statefulset)
        return await self._client.patch(resource, meta["namespace"], meta["name"], patch)

    async def _release(self, name: str, pod: Json, owner_uid: str) -> None:
        try:
            await self._client.patch("pods", pod["metadata"]["namespace"], name, ownership.release(pod, owner_uid))
        except ApiError as error:
            # It is gone already, or it is another pod by now.
            if error.status not in (404, 409):
                raise

    async def _update_revision(self, statefulset: Json, known: list[Json]) -> tuple[Json, int]:
        """The revision of the set's template, and how many names were taken; `known` gets a new one added."""
        collisions = (statefulset.get("status") or {}).get("collisionCount", 0)
        namespace = statefulset["metadata"]["namespace"]
        while True:
            wanted = revisions.wanted(statefulset, known, collisions)
            if wanted.found is not None:
                return wanted.found, collisions
            if wanted.renumber is not None:
                return await self._client.update("controllerrevisions", wanted.renumber), collisions
            assert wanted.create is not None
            try:
                return await self._client.create("controllerrevisions", namespace, wanted.create), collisions
            except ApiError as error:
                if error.reason != "AlreadyExists":
                    raise
                name = wanted.create["metadata"]["name"]
                present = await self._client.get("controllerrevisions", namespace, name)
                if present["data"] == wanted.create["data"]:
                    return present, collisions
                collisions += 1

    async def _act(self, key: Key, statefulset: Json, action: sync.Action) -> bool:
        """Carry an action out; whether the next may follow."""
        match action.kind:
            case "create":
                return await self._create(key, statefulset, action.pod)
            case "delete":
                await self._delete(statefulset, action.pod)
            case "claims":
                await self._create_claims(key, statefulset, action.pod)
                await self._own_claims(key, statefulset, action.pod)
            case "own":
                await self._own_claims(key, statefulset, action.pod)
            case "repair":
                fixed = p.repaired(statefulset, action.pod)
                self._wrote(key, "pods", await self._client.update("pods", fixed))
        return True

    async def _create(self, key: Key, statefulset: Json, pod: Json) -> bool:
        present = [self.claims.objects.get((key[0], name)) for name in _claim_names(statefulset, pod)]
        if any(claim is not None and retention.is_stale(statefulset, pod, claim) for claim in present):
            return False
        await self._create_claims(key, statefulset, pod)
        try:
            made = await self._client.create("pods", key[0], pod)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                self._recorder.failed(statefulset, "create", pod, error)
            raise
        self._wrote(key, "pods", made)
        await self._own_claims(key, statefulset, made)
        self._recorder.succeeded(statefulset, "create", pod)
        return True

    async def _delete(self, statefulset: Json, pod: Json) -> None:
        try:
            await self._client.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        except ApiError as error:
            if error.status != 404:
                self._recorder.failed(statefulset, "delete", pod, error)
                raise
        self._recorder.succeeded(statefulset, "delete", pod)

    async def _create_claims(self, key: Key, statefulset: Json, pod: Json) -> None:
        for claim in p.claims(statefulset, p.ordinal(pod)):
            name = claim["metadata"]["name"]
            present = self.claims.objects.get((key[0], name))
            if present is None:
                made = await self._client.create("persistentvolumeclaims", key[0], claim)
                self._wrote(key, "persistentvolumeclaims", made)
            elif p.is_terminating(present):
                raise ApiError(409, "Conflict", f"pvc {name} is being deleted")

    async def _own_claims(self, key: Key, statefulset: Json, pod: Json) -> None:
        """Give the ordinal's claims the owners that the retention policy asks for."""
        for name in _claim_names(statefulset, pod):
            claim = self.claims.objects.get((key[0], name))
            owners = None if claim is None else retention.owners(statefulset, pod, claim)
            if claim is not None and owners is not None:
                changed = {**claim, "metadata": {**claim["metadata"], "ownerReferences": owners}}
                self._wrote(key, "persistentvolumeclaims", await self._client.update("persistentvolumeclaims", changed))

    async def _write_status(self, key: Key, statefulset: Json, status: Json) -> None:
        """Write a status that says something new; after a conflict, onto what the cache shows by then."""
        if not sync.is_new(statefulset, status):
            return
        for tries in range(CONFLICTS):
            body = {**statefulset, "status": sync.written(status)}
            try:
                stored = await self._client.update("statefulsets", body, subresource="status")
            except ApiError as error:
                if error.reason != "Conflict" or tries == CONFLICTS - 1:
                    raise
                await anyio.sleep(CONFLICT_PAUSE_S)
                statefulset = self.sets.objects.get(key, statefulset)
            else:
                self._wrote(key, "statefulsets", stored)
                return


def _claim_names(statefulset: Json, pod: Json) -> list[str]:
    templates = statefulset["spec"].get("volumeClaimTemplates") or ()
    return [p.claim_name(statefulset, template, p.ordinal(pod)) for template in templates]
