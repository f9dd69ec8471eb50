"""Which pods and revisions belong to a set: owned pods that no longer fit are let go, orphans that fit are adopted.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/controller_ref_manager.go (ClaimObject), pkg/controller/history.
"""

from chaos.embedded.api.selectors import matches
from chaos.embedded.controllers import ownership
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.controllers.statefulset.floors import Floors
from chaos.embedded.controllers.statefulset.revisions import in_order
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import ApiError, EventType, Json


class Membership:
    """Finds the members of a set in the caches, and claims them."""

    def __init__(self, client: Client, pods: Informer, revisions: Informer, floors: Floors) -> None:
        self._client = client
        self._pods = pods
        self._revisions = revisions
        self._floors = floors
        # What `revisions_of` gave last for each set, and of what: they seldom change.
        self._known: dict[Key, tuple[int, Json, list[Json]]] = {}

    def revisions_of(self, statefulset: Json) -> list[Json]:
        """The revisions that the selector fits and nobody else controls, oldest first."""
        meta, spec, rv = statefulset["metadata"], statefulset["spec"], self._revisions.rv
        key = (meta["namespace"], meta["name"])
        known = self._known.get(key)
        if known is None or known[0] != rv or known[1] is not spec:
            fitting = [each for each in _candidates(self._revisions, statefulset) if _selects(statefulset, each)]
            known = self._known[key] = rv, spec, in_order(fitting)
        return known[2]

    def forget(self, key: Key) -> None:
        """The set is gone."""
        self._known.pop(key, None)

    async def adopt_revisions(self, statefulset: Json) -> None:
        """Become the controller of the revisions that an earlier set left behind.

        Raises:
            ApiError: the set is gone or going, or one could not be adopted.
        """
        orphans = [each for each in self.revisions_of(statefulset) if ownership.controller_of(each) is None]
        if orphans:
            await self._check_alive(statefulset)
        for orphan in orphans:
            await self._adopt("controllerrevisions", orphan, statefulset)

    async def claim_pods(self, statefulset: Json) -> list[Json]:
        """The set's pods, as the cache shows them.

        Raises:
            ApiError: the first that could not be adopted or let go; the others were tried all the same.
        """
        name, is_going = statefulset["metadata"]["name"], p.is_terminating(statefulset)
        own: list[Json] = []
        orphans: list[Json] = []
        errors: list[ApiError] = []
        for pod in _candidates(self._pods, statefulset):
            fits = p.is_member(pod, name) and _selects(statefulset, pod)
            if ownership.controller_of(pod) is None:
                if fits and not is_going and not p.is_terminating(pod):
                    orphans.append(pod)
            elif fits:
                own.append(pod)
            elif not is_going:
                await self._release(statefulset, pod, errors)
        own += await self._adopt_pods(statefulset, orphans, errors)
        if errors:
            raise errors[0]
        return own

    async def _adopt_pods(self, statefulset: Json, orphans: list[Json], errors: list[ApiError]) -> list[Json]:
        """Those that were adopted; one that is gone by now is passed over."""
        if orphans:
            try:
                await self._check_alive(statefulset)
            except ApiError as error:
                errors.append(error)
                return []
        adopted = []
        for pod in orphans:
            try:
                self._floors.wrote(statefulset, "pods", await self._adopt("pods", pod, statefulset))
                adopted.append(pod)
            except ApiError as error:
                if error.status != 404:
                    errors.append(error)
        return adopted

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

    async def _release(self, statefulset: Json, pod: Json, errors: list[ApiError]) -> None:
        meta, owner_uid = pod["metadata"], statefulset["metadata"]["uid"]
        try:
            await self._client.patch("pods", meta["namespace"], meta["name"], ownership.release(pod, owner_uid))
        except ApiError as error:
            # It is gone already, or it is another pod by now.
            if error.status not in (404, 422):
                errors.append(error)


def may_be_adopted(kind: EventType, before: Json | None, orphan: Json) -> bool:
    """Whether an event of an orphan may concern a set: it is new, or what decides about adoption changed."""
    if kind == "DELETED":
        return False
    if before is None:
        return not p.is_terminating(orphan)
    has_other_labels = before["metadata"].get("labels") != orphan["metadata"].get("labels")
    return has_other_labels or ownership.controller_of(before) is not None


def _candidates(cache: Informer, statefulset: Json) -> list[Json]:
    """What the set controls or nobody does, in its namespace."""
    meta, found = statefulset["metadata"], []
    for (namespace, _), item in cache.objects.items():
        if namespace == meta["namespace"]:
            owner = ownership.controller_of(item)
            if owner is None or owner["uid"] == meta["uid"]:
                found.append(item)
    return found


def _selects(statefulset: Json, item: Json) -> bool:
    return matches(statefulset["spec"].get("selector"), item["metadata"].get("labels") or {})
