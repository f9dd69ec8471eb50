"""Who owns claims: as the retention policy says, and before a condemned pod is deleted (S19, S54-S56, S58)."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.claims.living import Living
from chaos.checkers.claims.owners import (
    Owner,
    References,
    is_contested,
    is_stale,
    references,
    written,
)
from chaos.checkers.claims.sets import KnownSet, Wish, is_same, known_set, place, wish
from chaos.checkers.controller.rules import rules
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.overdue import Overdue, is_healthy
from chaos.checkers.panel import Checker, Court
from chaos.checkers.past import Cursor, Past
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

RETAIN, SCALED, DELETED = "claims.retain", "claims.when-scaled", "claims.when-deleted"
FOREIGN, FIRST, OWNED = "claims.foreign-owner", "claims.owner-first", "claims.owned"

CONTROLLER_FLAG = (1, 31)
"""From this release on own references are those of a controller, and claims that somebody else controls are left alone."""


class RetentionChecker(Checker):
    """Follows the owners of claims. An update of a claim names the version that it changes: it was read just so."""

    reads = ("operations",)
    follows = ("statefulsets", "persistentvolumeclaims", "pods")
    minds: ClassVar = {"persistentvolumeclaims": ("ownerReferences",), "pods": ("deletionTimestamp", "finalizers")}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        version = tuple(int(part) for part in court.info.controller.version.split(".")[:2])
        self._flags = version >= CONTROLLER_FLAG
        self._reads_own_writes = rules(court.info.controller.version, court.info.controller.gates).reads_own_writes
        self._own = OwnRequests("persistentvolumeclaims")
        self._reads_sets, self._reads_claims = Cursor(court.lease), Cursor(court.lease)
        self._living = Living()
        self._sets: dict[str, KnownSet] = {}
        self._ended: dict[str, tuple[float, KnownSet]] = {}
        self._claims: dict[str, Past[References | None]] = {}
        self._uids: dict[str, dict[str, float]] = {}
        self._overdue = Overdue(court.lease)
        # By uid of the set, until something changes that a look round looks at.
        self._looked: dict[str, tuple[list[str], int]] = {}

    def on_entry(self, entry: Entry) -> None:
        """Claims that this run changes are its own affair."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        match event.stream:
            case "statefulsets":
                self._living.on_event(event)
                if name == self._set_name:
                    self._on_set(event)
            case "persistentvolumeclaims":
                self._on_claim(event, name)
            case "pods":
                self._living.on_event(event)
                if ordinal_of(name, self._set_name) >= 0:
                    self._on_pod(event, name, author)

    def on_restart(self) -> None:
        """A new process may have read anything."""
        self._reads_sets.restart()
        self._reads_claims.restart()

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            self._looked.clear()
            known = self._sets.pop(event.uid, None)
            if known is not None:
                self._ended[event.uid] = (event.t, known)
            for uid, (t, _) in list(self._ended.items()):
                if t < event.t - KEPT_S:
                    del self._ended[uid]
            return
        known = self._sets.get(event.uid)
        if known is None:
            known = self._sets[event.uid] = known_set(event, self._reads_sets)
        known.deleting = str(event.after["metadata"].get("deletionTimestamp", ""))
        if event.before is None or not is_same(event):
            known.wishes.see(event.rv, event.t, wish(known, event.after))
            self._looked.clear()
        if event.before is not None and event.before.get("status") != event.after.get("status"):
            if self._reads_own_writes:
                self._reads_sets.wrote(event.rv, event.t)
            self._look_round(event, known)

    def _on_pod(self, event: Event, name: str, author: Author | None) -> None:
        uids = self._uids.setdefault(name, {})
        is_new = event.uid not in uids
        uids[event.uid] = event.t
        if is_new:
            self._looked.clear()
        for uid, t in list(uids.items()) if is_new else ():
            if t < event.t - KEPT_S and uid not in self._living.uids:
                del uids[uid]
        known = self._sets.get(controller_uid(event.after["metadata"]))
        if known is not None and author == "controller" and first_deletion(event):
            self._on_pod_deleted(event, name, known)

    def _on_claim(self, event: Event, name: str) -> None:
        self._looked.clear()
        past = self._claims.setdefault(name, Past(self._reads_claims))
        if event.type == "deleted":
            past.see(event.rv, event.t, None)
            return
        after = references(event.after["metadata"])
        before = references(event.before["metadata"]) if event.before is not None else after
        if before != after and not self._own.may_have_made(event, "create", "patch"):
            self._on_owners(event, name, before, after)
        past.see(event.rv, event.t, after)

    def _on_owners(self, event: Event, name: str, before: References, after: References) -> None:
        """Somebody changed the owners of a claim: the controller, or the collector, which takes dead ones away."""
        removed = set(before) - set(after)
        if removed and not set(after) - set(before) and all(self._living.is_let_go(ref.uid) for ref in removed):
            return
        all_sets = [*self._sets.values(), *(known for _, known in self._ended.values())]
        concerned = [(known, place(name, self._set_name, known)[1]) for known in all_sets]
        concerned = [(known, ordinal) for known, ordinal in concerned if ordinal >= 0]
        if not concerned:
            return
        for known, ordinal in concerned:
            owner = known.owner(self._set_name)
            pods = list(self._pods_of(ordinal))
            found = known.wishes.explain(
                event.t,
                lambda w, o=owner, k=ordinal, each=pods: any(  # type: ignore[misc]
                    self._equal(written(w.policy(k), o, pod, before), after) for pod in each
                ),
            )
            if found.stale_s is not None:
                if self._reads_own_writes:
                    self._reads_claims.wrote(event.rv, event.t)
                promise = self._promise(known, ordinal, before, after)
                if found.is_suspect:
                    why = f"suspect: the owners of {name} at resourceVersion {event.rv} are those of a policy"
                    self._ledger.doubted(promise, f"{why} of {found.stale_s:.1f} s ago")
                else:
                    self._ledger.exercised(promise)
                return
            if not found.is_whole:
                self._ledger.doubted("claims.", "the controller restarted, and what it may have read is forgotten")
                return
        known, ordinal = concerned[0]
        self._accuse(event, name, known, ordinal, before, after)

    def _accuse(
        self, event: Event, name: str, known: KnownSet, ordinal: int, before: References, after: References
    ) -> None:
        promise = self._promise(known, ordinal, before, after)
        newest = known.wishes.newest
        assert newest is not None
        wanted = written(newest.policy(ordinal), known.owner(self._set_name), next(self._pods_of(ordinal)), before)
        message = (
            f"the owners of claim {name} became {_told(after)} at resourceVersion {event.rv}, expected {_told(wanted)}: "
            f"{_asked(newest)}, and no version of {self._set_name} in the window asks for this"
        )
        self._ledger.violated(promise, message, (event.i,), (f"persistentvolumeclaims/{name}",))

    def _promise(self, known: KnownSet, ordinal: int, before: References, after: References) -> str:
        """Which promise a change of owners is about."""
        owner = known.owner(self._set_name)
        pod = next(self._pods_of(ordinal))
        newest = known.wishes.newest
        changed = set(before) ^ set(after)
        if newest is not None and not newest.policy(ordinal).keeps and self._flags and is_contested(before, owner, pod):
            return FOREIGN
        if newest is not None and newest.policy(ordinal).keeps:
            return RETAIN
        if any((ref.kind, ref.name) == ("Pod", pod.name) for ref in changed):
            return SCALED
        return DELETED if any(ref.kind == "StatefulSet" for ref in changed) else FOREIGN

    def _pods_of(self, ordinal: int) -> Iterator[Owner]:
        """The pods of an ordinal that a sync may mean, newest first, and last one that is not created yet."""
        name = f"{self._set_name}-{ordinal}"
        for uid in reversed(self._uids.get(name, {})):
            yield Owner("Pod", name, uid)
        yield Owner("Pod", name, "")

    def _equal(self, made: References, after: References) -> bool:
        if self._flags:
            return made == after
        return {ref.uid for ref in made} == {ref.uid for ref in after}

    def _on_pod_deleted(self, event: Event, name: str, known: KnownSet) -> None:
        """The controller deletes a pod: if that is condemned, its claims must be its own by now."""
        ordinal = ordinal_of(name, self._set_name)
        pod, owner = Owner("Pod", name, event.uid), known.owner(self._set_name)
        claims = [self._claims[f"{t}-{name}"] for t in known.templates if f"{t}-{name}" in self._claims]
        may_be_condemned = any(not each.policy(ordinal).in_range for each in known.wishes.readable(event.t))
        may_be_replaced = _has_ended(event) or not _is_updated(event, list(known.wishes.readable(event.t)))

        def allows(w: Wish) -> bool:
            policy = w.policy(ordinal)
            if policy.in_range:
                return may_be_replaced
            if not policy.deletes_when_scaled:
                return True
            return all(
                claim.explain(
                    event.t, lambda refs: refs is None or self._equal(written(policy, owner, pod, refs), refs)
                ).stale_s
                is not None
                for claim in claims
            )

        found = known.wishes.explain(event.t, allows)
        newest = known.wishes.newest
        if found.is_refuted and may_be_condemned:
            message = (
                f"condemned {name} was deleted at resourceVersion {event.rv} before its claims got it as their owner "
                f"(whenScaled: Delete): they would stay for good"
            )
            self._ledger.violated(FIRST, message, (event.i,), (f"pods/{name}",))
        elif found.is_suspect:
            self._ledger.doubted(FIRST, f"suspect: {name} was condemned in a version {found.stale_s:.1f} s old")
        elif newest is not None and claims and not newest.policy(ordinal).in_range:
            if newest.deletes_when_scaled:
                self._ledger.exercised(FIRST)
            elif newest.policy(ordinal).keeps:
                self._ledger.exercised(RETAIN)

    def _look_round(self, event: Event, known: KnownSet) -> None:
        """A healthy sync has passed all pods in range: are the owners of their claims right?"""
        newest = known.wishes.newest
        if newest is None or not self._flags or not is_healthy(event.after):
            return
        if known.uid not in self._looked:
            self._looked[known.uid] = self._look_at_claims(known, newest)
        wrong, seen = self._looked[known.uid]
        if not wrong and self._overdue.is_idle:
            if seen:
                self._ledger.exercised(OWNED)
            return
        self._overdue.weigh(event.t, wrong)
        for late in self._overdue.synced(event.t):
            message = (
                f"claim {late.what} has owners at resourceVersion {event.rv} that the retention policy of {self._set_name} does not "
                f"ask for, and had them {late.lasted_s:.0f} s before; the status was written {late.syncs} times meanwhile with all "
                f"pods Ready"
            )
            self._ledger.violated(OWNED, message, (event.i,), (f"persistentvolumeclaims/{late.what}",))
        if seen and not wrong:
            self._ledger.exercised(OWNED)

    def _look_at_claims(self, known: KnownSet, newest: Wish) -> tuple[list[str], int]:
        """Claims whose owners are wrong, and how many have the owners that a policy with Delete gives them."""
        owner, wrong, seen = known.owner(self._set_name), [], 0
        for ordinal in range(newest.start, newest.start + newest.replicas):
            pod = next(self._pods_of(ordinal))
            for template in known.templates:
                name = f"{template}-{pod.name}"
                refs = self._claims[name].newest if name in self._claims else None
                if refs is None:
                    continue
                if written(newest.policy(ordinal), owner, pod, refs) != refs:
                    wrong.append(name)
                elif not is_stale(refs, owner, pod):
                    seen += not newest.policy(ordinal).keeps
        return wrong, seen


def _has_ended(event: Event) -> bool:
    return event.after.get("status", {}).get("phase") in ("Failed", "Succeeded")


def _is_updated(event: Event, wishes: Sequence[Wish]) -> bool:
    """Whether the pod is at the update revision in every version of the set: one in range has nothing to be replaced for."""
    revision = event.after["metadata"].get("labels", {}).get("controller-revision-hash", "")
    return all(each.update_revision == revision and each.template == wishes[0].template for each in wishes)


def _told(refs: References) -> str:
    return ", ".join(f"{ref.kind} {ref.name} ({ref.uid})" for ref in refs) or "none"


def _asked(newest: Wish) -> str:
    deleted = "Delete" if newest.deletes_with_set else "Retain"
    scaled = "Delete" if newest.deletes_when_scaled else "Retain"
    return f"whenDeleted is {deleted}, whenScaled is {scaled}, replicas are {newest.replicas}"
