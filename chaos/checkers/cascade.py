"""What becomes of the pods when their set is deleted: cascade (S62, S64), orphan (S61), re-creation (S63)."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chaos.checkers.authorship import Author, first_deletion, is_disrupted
from chaos.checkers.controller.states import canonical, controller_uid, ordinal_of, status_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

COLLECTED_S = 120.0
"""How long the garbage collector, seen to run, may take to delete the pods of a set that is gone."""

DEPENDENCE = frozenset(("ownerReferences", "deletionTimestamp"))
"""What of a pod's metadata says whose it is, and whether it goes."""

KNOWN_S = 1.0
"""How long a pod must have been the set's before an orphan delete: of a younger one the collector may not know yet (S61)."""


@dataclass
class _Request:
    """A delete of the set by this run; `outcome` is empty until it is known."""

    start: int
    began: float
    cascade: str
    outcome: str = ""


class _Owned(NamedTuple):
    """A pod, and since when it has the controller that it has."""

    state: Any
    since: float


class _Recreated(NamedTuple):
    """A set made over orphans: its generation then, and the revisions that hold its template."""

    generation: int
    revisions: set[str]


class _Charge(NamedTuple):
    """What violates `cascade.orphan` if the orphan delete took effect."""

    message: str
    entries: tuple[int, ...]
    pod: str


@dataclass
class _Deletion:
    """What this run asked to become of one set, and the set's pods when it asked, with the time since when."""

    requests: list[_Request] = field(default_factory=list)
    pods: dict[str, float] = field(default_factory=dict)
    charges: list[_Charge] = field(default_factory=list)
    gone_at: float = -1.0
    gone_entry: int = -1

    @property
    def effective(self) -> list[_Request]:
        """The requests that may have had an effect."""
        return [request for request in self.requests if request.outcome != "fail"]

    @property
    def keeps_pods(self) -> bool:
        """Whether every request that may have had an effect was an orphan delete."""
        effective = self.effective
        return bool(effective) and all(request.cascade == "orphan" for request in effective)

    @property
    def takes_pods(self) -> bool:
        """Whether none of them was."""
        effective = self.effective
        return bool(effective) and all(request.cascade != "orphan" for request in effective)


class CascadeChecker(Checker):
    """After an orphan delete the pods stay; after any other they go, and only because their owner is gone.

    What the controller deletes is the explain rule's to judge: until it has seen the set's end it may go on.
    """

    reads = ("operations",)
    follows = ("statefulsets", "controllerrevisions", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._sets: dict[str, int] = {}
        self._asked: deque[_Request] = deque()
        self._open: dict[int, _Request] = {}
        self._deletions: dict[str, _Deletion] = {}
        self._pods: dict[str, _Owned] = {}
        self._revisions: dict[str, tuple[str, str]] = {}
        self._adopting: dict[str, _Recreated] = {}
        self._begun: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """Own deletes of the set, and how they ended."""
        if entry.type == "start":
            asked = entry.data["request"]
            if asked["verb"] == "delete" and asked["resource"] == "statefulsets":
                cascade = entry.data["operation"].get("cascade", "background")
                request = _Request(entry.i, entry.t, cascade)
                self._open[entry.i] = request
                self._asked.append(request)
        elif entry.type == "end" and entry.data["start"] in self._open:
            self._open.pop(entry.data["start"]).outcome = entry.data["outcome"]
            self._settle()

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.touched is not None and event.type == "modified" and not self._may_matter(event.stream, event.touched):
            return
        # Events come later than entries: a request meets the set and the pods as they were when it left.
        while self._asked and self._asked[0].start < event.i:
            self._begin(self._asked.popleft())
        if event.stream != "statefulsets" and controller_uid(event.after["metadata"]) in self._adopting:
            self._begun.add(controller_uid(event.after["metadata"]))
        match event.stream:
            case "statefulsets" if event.after["metadata"]["name"] == self._set_name:
                self._on_set(event)
            case "controllerrevisions" if event.type != "deleted":
                template = event.after.get("data", {}).get("spec", {}).get("template")
                name = event.after["metadata"]["name"]
                if name.rpartition("-")[0] == self._set_name:
                    self._revisions[event.uid] = (name, canonical(template))
            case "controllerrevisions":
                self._revisions.pop(event.uid, None)
            case "pods" if ordinal_of(event.after["metadata"]["name"], self._set_name) >= 0:
                self._on_pod(event, author)

    def _may_matter(self, stream: str, touched: tuple[str, ...]) -> bool:
        """Whether a change may: of a pod, only owners and marks of deletion do while no set is made again."""
        return stream != "pods" or bool(self._asked or self._adopting) or not DEPENDENCE.isdisjoint(touched)

    def finish(self, now: float) -> None:
        """Pods that should have been collected and are still there, and charges that nobody can settle."""
        for uid, deletion in self._deletions.items():
            if deletion.charges and deletion.keeps_pods:
                self._ledger.doubted("cascade.orphan", "nobody knows whether an orphan delete took effect")
            if not deletion.takes_pods or deletion.gone_at < 0:
                continue
            left = [owned.state["metadata"]["name"] for owned in self._pods.values() if _is_left(owned.state, uid)]
            waited = now - deletion.gone_at
            if left and waited > COLLECTED_S and self._lease.ran(deletion.gone_at, now):
                message = f"{', '.join(sorted(left))} still run {waited:.0f} s after their set was removed"
                entries = (deletion.effective[0].start, deletion.gone_entry)
                self._ledger.violated("cascade.background", message, entries, [f"pods/{name}" for name in left])
            elif left:
                self._ledger.doubted(
                    "cascade.background", f"{len(left)} pods had not been collected when the record ended"
                )

    def _begin(self, request: _Request) -> None:
        for uid in self._sets:
            deletion = self._deletions.setdefault(uid, _Deletion())
            if not deletion.effective:
                deletion.pods = {
                    pod: owned.since
                    for pod, owned in self._pods.items()
                    if controller_uid(owned.state["metadata"]) == uid
                }
            deletion.requests.append(request)

    def _settle(self) -> None:
        """Charges stand once an orphan delete surely took effect, and nothing but orphan deletes may have."""
        for deletion in self._deletions.values():
            if deletion.keeps_pods and any(request.outcome == "ok" for request in deletion.requests):
                for charge in deletion.charges:
                    self._ledger.violated("cascade.orphan", charge.message, charge.entries, (f"pods/{charge.pod}",))
                deletion.charges.clear()

    def _charge(self, deletion: _Deletion, uid: str, message: str, entry: int) -> None:
        if deletion.keeps_pods and deletion.pods[uid] <= deletion.effective[0].began - KNOWN_S:
            name = self._pods[uid].state["metadata"]["name"]
            deletion.charges.append(_Charge(message, (deletion.effective[0].start, entry), name))
            self._settle()

    def _on_set(self, event: Event) -> None:
        if event.type != "deleted":
            if event.uid not in self._sets:
                self._sets[event.uid] = event.i
                self._on_new_set(event)
            elif event.uid in self._adopting:
                self._on_first_status(event)
            return
        self._sets.pop(event.uid, None)
        self._adopting.pop(event.uid, None)
        self._begun.discard(event.uid)
        self._forget(event.t)
        deletion = self._deletions.get(event.uid)
        if deletion is None:
            return
        deletion.gone_at, deletion.gone_entry = event.t, event.i
        for uid, (state, _) in self._pods.items():
            owners = [ref["uid"] for ref in state["metadata"].get("ownerReferences", ())]
            if uid in deletion.pods and event.uid in owners:
                name = state["metadata"]["name"]
                message = (
                    f"the set is gone at resourceVersion {event.rv} after an orphan delete, and {name} still names it as its "
                    f"owner"
                )
                self._charge(deletion, uid, message, event.i)

    def _forget(self, now: float) -> None:
        """Deletions that ended ten minutes ago and left neither pods nor charges."""
        for uid, deletion in list(self._deletions.items()):
            is_over = 0 <= deletion.gone_at < now - KEPT_S and not deletion.charges
            if is_over and not any(_is_left(owned.state, uid) for owned in self._pods.values()):
                del self._deletions[uid]

    def _on_new_set(self, event: Event) -> None:
        """A set re-created over orphans: an equal template must find its old revision again (S63)."""
        orphans = [
            state
            for state, _ in self._pods.values()
            if not controller_uid(state["metadata"]) and "deletionTimestamp" not in state["metadata"]
        ]
        template = canonical(event.after["spec"]["template"])
        equal = {name for name, held in self._revisions.values() if held == template}
        if orphans and equal:
            self._adopting[event.uid] = _Recreated(event.after["metadata"]["generation"], equal)

    def _on_first_status(self, event: Event) -> None:
        status = status_of(event.after)
        update = status.update_revision
        # Before the set owns anything, a status may be that of the set before: a sync that was under way when that went writes by
        # name, and its retry after the conflict finds this one (1.37.2, stateful_set_status_updater.go).
        if not update or event.uid not in self._begun:
            return
        self._begun.discard(event.uid)
        generation, expected = self._adopting.pop(event.uid)
        if status.observed_generation != generation:
            # The template may have been changed before the controller saw the set at all.
            return
        if update in expected:
            self._ledger.exercised("cascade.readoption")
        else:
            message = (
                f"re-created with an unchanged template, the updateRevision of {self._set_name} at resourceVersion {event.rv} "
                f"is {update}, expected {' or '.join(sorted(expected))}"
            )
            self._ledger.violated("cascade.readoption", message, (event.i,), (f"statefulsets/{self._set_name}",))

    def _on_pod(self, event: Event, author: Author | None) -> None:
        now = controller_uid(event.after["metadata"])
        if event.before is None:
            before = ""
        elif event.before["metadata"].get("ownerReferences") is event.after["metadata"].get("ownerReferences"):
            before = now
        else:
            before = controller_uid(event.before["metadata"])
        for uid, deletion in self._deletions.items():
            if event.uid in deletion.pods:
                if now not in ("", uid):
                    # Another set took it over: from here on it is that one's.
                    deletion.pods.pop(event.uid)
                else:
                    self._on_dependent(event, author, deletion, let_go=before == uid and not now)
        if event.type == "deleted":
            self._pods.pop(event.uid, None)
            return
        known = self._pods.get(event.uid)
        if known is not None and before == now:
            since = known.since
        else:
            since = float("-inf") if event.type == "listed" else event.t
        self._pods[event.uid] = _Owned(event.after, since)

    def _on_dependent(self, event: Event, author: Author | None, deletion: _Deletion, *, let_go: bool) -> None:
        if deletion.keeps_pods and let_go:
            self._ledger.exercised("cascade.orphan")
        if not first_deletion(event) or event.i < deletion.requests[0].start:
            return
        if deletion.takes_pods and author == "collector":
            self._ledger.exercised("cascade.background")
        elif author in ("collector", "other") and not is_disrupted(event):
            name = event.after["metadata"]["name"]
            message = (
                f"{name} was deleted at resourceVersion {event.rv} after an orphan delete of its set, not by this run"
            )
            self._charge(deletion, event.uid, message, event.i)


def _is_left(state: Any, uid: str) -> bool:
    meta = state["metadata"]
    return "deletionTimestamp" not in meta and controller_uid(meta) == uid
