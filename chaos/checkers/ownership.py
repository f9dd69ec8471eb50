"""Whom a set takes in and whom it lets go: orphans that fit are adopted, pods that no longer fit are released (S59, S60)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.rules import rules
from chaos.checkers.controller.states import Selector, controller_uid, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.past import Cursor, Past
from chaos.checkers.progress import MARGIN_S
from chaos.checkers.quietness import CONTROLLER
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

ADOPTION, RELEASE = "ownership.adoption", "ownership.release"

DECIDING = frozenset(("ownerReferences", "labels", "deletionTimestamp"))
"""Metadata that decides whether a set takes an object in."""

MOST_KNOWN = 256
"""Memberships that are remembered to fit or not."""


class _Membership(NamedTuple):
    """What decides whether a set takes an object in: its controller, its labels, whether it goes, and since when that is so."""

    owner: str
    labels: Mapping[str, str]
    terminating: bool
    since: int


@dataclass
class _Set:
    selector: Selector
    created: float
    deleted_rv: int = 0
    gone: float = -1.0
    known: dict[int, tuple[_Membership, bool]] = field(default_factory=dict)

    def fits(self, seen: _Membership) -> bool:
        """Whether the selector matches."""
        found = self.known.get(id(seen))
        if found is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            # With what was seen, so that nothing else gets its identity.
            found = self.known[id(seen)] = (seen, self.selector.matches(seen.labels))
        return found[1]


class OwnershipChecker(Checker):
    """Follows the controller of pods and revisions. A set is asked for anew before it adopts anything."""

    reads = ("operations",)
    follows = ("statefulsets", "controllerrevisions", "pods")
    minds: ClassVar = {"statefulsets": ("deletionTimestamp",)}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._reads_own_writes = rules(court.info.controller.version, court.info.controller.gates).reads_own_writes
        self._own = OwnRequests("pods", "controllerrevisions")
        self._pods, self._revisions = Cursor(court.lease), Cursor(court.lease)
        self._sets: dict[str, _Set] = {}
        self._objects: dict[str, Past[_Membership]] = {}
        self._strangers: dict[str, tuple[str, float, int]] = {}
        # Objects that were looked at since the last set came or went.
        self._settled: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """What this run does to owners is its own affair."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.uid in self._settled and event.touched is not None and DECIDING.isdisjoint(event.touched):
            if event.type == "modified":
                return
        name = event.after["metadata"]["name"]
        if event.stream == "statefulsets":
            if name == self._set_name:
                self._on_set(event)
        elif ordinal_of(name, self._set_name) >= 0 or name.rpartition("-")[0] == self._set_name:
            self._on_object(event, name, author)

    def on_restart(self) -> None:
        """A new process may have read anything."""
        self._pods.restart()
        self._revisions.restart()

    def on_phase_ended(self, entry: Entry) -> None:
        """Pods that no longer fit and are still owned."""
        self._overdue(entry.t)

    def finish(self, now: float) -> None:
        """As at the end of a phase."""
        self._overdue(now)

    def _on_set(self, event: Event) -> None:
        known = self._sets.get(event.uid)
        if known is None:
            known = self._sets[event.uid] = _Set(Selector(event.after["spec"]["selector"]), event.t)
            self._settled.clear()
        is_going = event.type == "deleted" or "deletionTimestamp" in event.after["metadata"]
        if is_going and not known.deleted_rv:
            known.deleted_rv = event.rv
        if event.type == "deleted":
            known.gone = event.t
            for uid, each in list(self._sets.items()):
                if 0 <= each.gone < event.t - KEPT_S:
                    del self._sets[uid]
                    self._settled.clear()

    def _on_object(self, event: Event, name: str, author: Author | None) -> None:
        past = self._objects.get(event.uid)
        if past is None:
            cursor = self._pods if event.stream == "pods" else self._revisions
            past = self._objects[event.uid] = Past(cursor)
        before = past.newest
        now = _membership(event, before)
        if before is not None and event.type == "modified" and before.owner != now.owner:
            if now.owner in self._sets and not before.owner:
                self._on_adopted(event, name, past, now.owner)
            if before.owner in self._sets and not now.owner and event.stream == "pods":
                self._on_released(event, name, past, before.owner)
        if event.stream == "pods":
            self._on_pod(event, name, author, now)
        if event.type == "deleted":
            self._objects.pop(event.uid, None)
            self._strangers.pop(event.uid, None)
            self._settled.discard(event.uid)
        else:
            past.see(event.rv, event.t, now)
            self._settled.add(event.uid)

    def _on_adopted(self, event: Event, name: str, past: Past[_Membership], owner: str) -> None:
        if not self._may_be_controllers(event):
            return
        known = self._sets[owner]

        def may_adopt(seen: _Membership) -> bool:
            is_alive = not known.deleted_rv or known.deleted_rv > seen.since
            return not seen.owner and known.fits(seen) and not seen.terminating and is_alive

        found = past.explain(event.t, may_adopt)
        if found.is_refuted:
            last = past.newest
            assert last is not None
            why = (
                "its labels do not match"
                if not known.fits(last)
                else "it is being deleted"
                if last.terminating
                else "the set was being deleted before it became an orphan"
            )
            message = f"{name} was adopted at resourceVersion {event.rv}, although, in all that the controller may have seen, {why}"
            self._ledger.violated(ADOPTION, message, (event.i,), (f"{event.stream}/{name}",))
        elif found.is_suspect:
            why = f"suspect: {name} was adopted at resourceVersion {event.rv}, as it was fit only {found.stale_s:.1f} s before"
            self._ledger.doubted(ADOPTION, why)
        else:
            self._ledger.exercised(ADOPTION)
            if self._reads_own_writes and event.stream == "pods":
                self._pods.wrote(event.rv, event.t)

    def _may_be_controllers(self, event: Event) -> bool:
        """Whether nobody else is known to have made this change."""
        managers = [
            each.get("manager")
            for each in event.after["metadata"].get("managedFields") or ()
            if each not in (event.before["metadata"].get("managedFields") or ())
        ]
        return not self._own.may_have_made(event, "patch") and (not managers or CONTROLLER in managers)

    def _on_released(self, event: Event, name: str, past: Past[_Membership], owner: str) -> None:
        # Of a set that goes, the garbage collector takes the references away, under the controller's name.
        known = self._sets[owner]
        if known.deleted_rv or not self._may_be_controllers(event):
            return
        found = past.explain(event.t, lambda seen: seen.owner == owner and not known.fits(seen))
        if found.is_refuted:
            message = (
                f"{name} lost its owner at resourceVersion {event.rv}, although its labels matched {self._set_name} in any state "
                f"that the controller may have seen"
            )
            self._ledger.violated(RELEASE, message, (event.i,), (f"pods/{name}",))
        elif found.is_suspect:
            self._ledger.doubted(
                RELEASE, f"suspect: {name} did not match only {found.stale_s:.1f} s before it was released"
            )
        else:
            self._ledger.exercised(RELEASE)

    def _on_pod(self, event: Event, name: str, author: Author | None, now: _Membership) -> None:
        known = self._sets.get(now.owner)
        if known is None or known.fits(now) or now.terminating:
            self._strangers.pop(event.uid, None)
        else:
            self._strangers.setdefault(event.uid, (name, event.t, event.i))
        if known is None:
            return
        if event.type == "added" and self._reads_own_writes:
            self._pods.wrote(event.rv, event.t)
        if author == "controller" and first_deletion(event):
            if self._objects[event.uid].explain(event.t, known.fits).is_refuted:
                message = (
                    f"{name} was deleted at resourceVersion {event.rv}, although its labels did not match {self._set_name} in any "
                    f"state that the controller may have seen: expected that it loses its owner and stays"
                )
                self._ledger.violated(RELEASE, message, (event.i,), (f"pods/{name}",))

    def _overdue(self, now: float) -> None:
        """Pods that should have been released, and that any retry would have released by now (spec S83)."""
        for uid, (name, since, entry) in list(self._strangers.items()):
            past = self._objects[uid].newest
            known: Any = self._sets.get(past.owner) if past is not None else None
            if known is None or known.deleted_rv or now - since <= since - known.created + MARGIN_S:
                continue
            if self._lease.ran(since, now):
                message = (
                    f"{name} does not match the selector of {self._set_name} any more and still belongs to it {now - since:.0f} s "
                    f"later, longer than any retry can take"
                )
                self._ledger.violated(RELEASE, message, (entry,), (f"pods/{name}",))
                del self._strangers[uid]
                self._settled.discard(uid)


def _membership(event: Event, last: _Membership | None) -> _Membership:
    """What the event shows; the same as before if nothing of it changed."""
    meta = event.after["metadata"]
    owner, labels, terminating = controller_uid(meta), meta.get("labels") or {}, "deletionTimestamp" in meta
    if last is not None and last[:3] == (owner, labels, terminating):
        return last
    return _Membership(owner, labels, terminating, event.rv)
