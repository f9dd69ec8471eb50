"""The end of revisions: those past the limit go, oldest first, and never one that is in use (S44, S45)."""

from dataclasses import dataclass, field
from operator import is_
from typing import NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.controller.rules import rules
from chaos.checkers.controller.states import controller_uid, status_of
from chaos.checkers.overdue import Overdue
from chaos.checkers.panel import Checker, Court
from chaos.checkers.past import Cursor, Past
from chaos.checkers.requests import OwnRequests
from chaos.checkers.revisions.revision import Digest, Revision, is_of, revision
from chaos.history.entries import Entry
from chaos.history.order import Event

LIMIT, LIVE = "revisions.limit", "revisions.live-kept"


class _Use(NamedTuple):
    """What a version of the set says of its revisions. `template` is a digest."""

    current: str
    template: str
    limit: int


@dataclass
class _Set:
    """One set and what its controller may have read of it."""

    uses: Past[_Use]
    labels: Past[tuple[str, ...]]
    surplus: Overdue
    pods: dict[str, str] = field(default_factory=dict)
    digest: Digest = field(default_factory=Digest)
    deleting: bool = False
    weighed: tuple[object, ...] = ()


class TruncationChecker(Checker):
    """Judges the deletions of revisions, and the revisions that should have been deleted."""

    reads = ("operations",)
    follows = ("controllerrevisions", "statefulsets", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._reads_own_writes = rules(court.info.controller.version, court.info.controller.gates).reads_own_writes
        self._own = OwnRequests("controllerrevisions")
        self._sets: dict[str, _Set] = {}
        self._revisions: dict[str, Revision] = {}
        self._history: Past[tuple[Revision, ...]] = Past(Cursor(court.lease))

    def on_entry(self, entry: Entry) -> None:
        """Own deletes of revisions are nobody's fault."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        match event.stream:
            case "controllerrevisions" if is_of(event, self._set_name, self._sets):
                self._on_revision(event)
            case "statefulsets" if event.after["metadata"]["name"] == self._set_name:
                self._on_set(event)
            case "pods":
                self._on_pod(event)

    def on_restart(self) -> None:
        """A new process may have read anything."""
        self._history.cursor.restart()
        for each in self._sets.values():
            each.uses.cursor.restart()
            each.labels.cursor.restart()

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            self._sets.pop(event.uid, None)
            return
        meta, spec = event.after["metadata"], event.after["spec"]
        owner = self._sets.get(event.uid)
        if owner is None:
            owner = self._sets[event.uid] = _Set(
                Past(Cursor(self._lease)), Past(Cursor(self._lease)), Overdue(self._lease)
            )
            owner.labels.see(event.rv, event.t, ())
        owner.deleting = "deletionTimestamp" in meta
        status = status_of(event.after)
        use = _Use(status.current_revision, owner.digest.of(spec["template"]), spec.get("revisionHistoryLimit", 10))
        owner.uses.see(event.rv, event.t, use)
        if event.before is not None and event.before.get("status") != event.after.get("status"):
            if self._reads_own_writes:
                owner.uses.cursor.wrote(event.rv, event.t)
            self._weigh(event, event.uid, owner)
            self._on_sync(event, owner, use.limit)
        else:
            self._weigh(event, event.uid, owner)

    def _on_pod(self, event: Event) -> None:
        uid = controller_uid(event.after["metadata"])
        for set_uid, owner in self._sets.items():
            before = owner.pods.get(event.uid)
            if event.type == "deleted" or uid != set_uid:
                owner.pods.pop(event.uid, None)
            else:
                owner.pods[event.uid] = event.after["metadata"].get("labels", {}).get("controller-revision-hash", "")
                if event.type == "added" and self._reads_own_writes:
                    owner.labels.cursor.wrote(event.rv, event.t)
            if owner.pods.get(event.uid) != before:
                owner.labels.see(event.rv, event.t, tuple(sorted(set(owner.pods.values()))))
                self._weigh(event, set_uid, owner)

    def _on_revision(self, event: Event) -> None:
        known = self._revisions.get(event.uid)
        found = revision(event, known)
        if event.type == "deleted":
            owner = self._sets.get(found.owner)
            if owner is not None and not owner.deleting and not self._own.may_have_made(event):
                self._on_dropped(event, found, owner)
            self._revisions.pop(event.uid, None)
        else:
            self._revisions[event.uid] = found
        self._history.see(event.rv, event.t, tuple(sorted(self._revisions.values(), key=lambda each: each.place)))
        for uid, owner in self._sets.items():
            self._weigh(event, uid, owner)

    def _on_dropped(self, event: Event, dropped: Revision, owner: _Set) -> None:
        """The controller deleted a revision."""
        about = f"revision {dropped.name}, deleted at resourceVersion {event.rv},"
        objects = (f"statefulsets/{self._set_name}", f"controllerrevisions/{dropped.name}")
        unnamed = owner.uses.explain(
            event.t, lambda use: dropped.name != use.current and dropped.template != use.template
        )
        unused = owner.labels.explain(event.t, lambda labels: dropped.name not in labels)
        if unnamed.is_refuted:
            message = f"{about} is the current revision or holds the template in every version of {self._set_name} in the window"
            self._ledger.violated(LIVE, message, (event.i,), objects)
        elif unused.is_refuted:
            message = f"{about} is that of a pod of {self._set_name} in every state that the controller may have seen"
            self._ledger.violated(LIVE, message, (event.i,), objects)
        elif unnamed.is_suspect or unused.is_suspect:
            self._ledger.doubted(LIVE, f"suspect: {about} was in use 10 s before and later")
        else:
            self._ledger.exercised(LIVE)
        if unnamed.is_refuted or unused.is_refuted:
            return
        limits = [use.limit for use in owner.uses.readable(event.t) if use.limit >= 0]
        live = self._always_live(event.t, owner)
        past = self._history.explain(
            event.t, lambda held: any(_younger(held, dropped, live) >= limit for limit in limits)
        )
        if past.is_refuted:
            message = f"{about} is not among the oldest past the limit of {max(limits, default=-1)} old revisions"
            self._ledger.violated(LIMIT, message, (event.i,), objects)
        elif past.is_suspect:
            self._ledger.doubted(LIMIT, f"suspect: {about} was past the limit only in states {past.stale_s:.1f} s old")
        else:
            self._ledger.exercised(LIMIT)

    def _always_live(self, now: float, owner: _Set) -> frozenset[str]:
        """Revisions in use in every state that the controller may have seen: they do not count for the limit."""
        uses, labels = list(owner.uses.readable(now)), list(owner.labels.readable(now))
        return frozenset(
            each.name
            for each in self._revisions.values()
            if all(each.name == use.current or each.template == use.template for use in uses)
            or all(each.name in held for held in labels)
        )

    def _weigh(self, event: Event, uid: str, owner: _Set) -> None:
        """Which revisions are one too many from now on."""
        use = owner.uses.newest
        history = self._history.newest or ()
        facts = (use, history, owner.labels.newest, owner.deleting)
        if len(owner.weighed) == len(facts) and all(map(is_, owner.weighed, facts)):
            return
        owner.weighed = facts
        if use is None or use.limit < 0 or owner.deleting or len(history) <= use.limit:
            owner.surplus.weigh(event.t, ())
            return
        live = {use.current, *(owner.labels.newest or ())}
        old = [r for r in history if r.owner in ("", uid) and r.name not in live and r.template != use.template]
        owner.surplus.weigh(event.t, [each.name for each in old[: max(len(old) - use.limit, 0)]])

    def _on_sync(self, event: Event, owner: _Set, limit: int) -> None:
        for late in owner.surplus.synced(event.t):
            message = (
                f"revision {late.what} is still there at resourceVersion {event.rv}, {late.lasted_s:.0f} s after the number of old "
                f"revisions went past {limit}, the limit of {self._set_name}; its status was written {late.syncs} times meanwhile"
            )
            objects = (f"statefulsets/{self._set_name}", f"controllerrevisions/{late.what}")
            self._ledger.violated(LIMIT, message, (event.i,), objects)


def _younger(held: tuple[Revision, ...], dropped: Revision, live: frozenset[str]) -> int:
    """How many revisions that may be old ones are younger than the dropped one."""
    return sum(each.place > dropped.place and each.name not in live for each in held)
