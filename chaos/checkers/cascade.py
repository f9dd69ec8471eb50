"""What becomes of the pods when their set is deleted: cascade (S62, S64), orphan (S61), re-creation (S63)."""

from dataclasses import dataclass
from typing import Any

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.states import canonical, controller_uid, ordinal_of, status_of
from chaos.checkers.ledger import Ledger
from chaos.history.entries import Entry
from chaos.history.order import Event

COLLECTED_S = 120.0
"""How long the garbage collector may take to delete the pods of a set that is gone, while it is seen to run."""


@dataclass
class _Deletion:
    """A delete of the set by this run: which way, and uids of the pods it owned when the request left."""

    entry: int
    cascade: str
    pods: set[str]
    gone_at: float = -1.0
    gone_entry: int = -1


class CascadeChecker:
    """After an orphan delete the pods stay; after any other they go, and only because their owner is gone."""

    def __init__(self, set_name: str, ledger: Ledger) -> None:
        self._set_name = set_name
        self._ledger = ledger
        self._sets: dict[str, int] = {}
        self._deletions: dict[str, _Deletion] = {}
        self._pods: dict[str, Any] = {}
        self._revisions: dict[str, tuple[str, str]] = {}
        self._adopting: dict[str, str] = {}
        self._now = 0.0

    def on_entry(self, entry: Entry) -> None:
        """Own deletes of the set."""
        self._now = entry.t
        if entry.stream == "operations" and entry.type == "start":
            request = entry.data["request"]
            if request["verb"] == "delete" and request["resource"] == "statefulsets":
                cascade = entry.data["operation"].get("cascade", "background")
                for uid in self._sets:
                    # Dependents whose events come later may be collected: they were created meanwhile (spec S61).
                    owned = {pod for pod, state in self._pods.items() if controller_uid(state["metadata"]) == uid}
                    self._deletions.setdefault(uid, _Deletion(entry.i, cascade, owned))

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
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

    def finish(self) -> None:
        """Pods that should have been collected and are still there."""
        for uid, deletion in self._deletions.items():
            if deletion.cascade == "orphan" or deletion.gone_at < 0:
                continue
            left = [state["metadata"]["name"] for state in self._pods.values() if self._is_left(state, uid)]
            if left and self._now - deletion.gone_at > COLLECTED_S:
                message = f"{', '.join(sorted(left))} still run {self._now - deletion.gone_at:.0f} s after their set was removed"
                self._ledger.violated("cascade.background", message, (deletion.entry, deletion.gone_entry))
            elif left:
                self._ledger.doubted(
                    "cascade.background", f"{len(left)} pods had not been collected when the record ended"
                )

    def _is_left(self, state: Any, uid: str) -> bool:
        meta = state["metadata"]
        return "deletionTimestamp" not in meta and controller_uid(meta) == uid

    def _on_set(self, event: Event) -> None:
        if event.type != "deleted":
            if event.uid not in self._sets:
                self._sets[event.uid] = event.i
                self._on_new_set(event)
            elif event.uid in self._adopting:
                self._on_first_status(event)
            return
        self._sets.pop(event.uid, None)
        deletion = self._deletions.get(event.uid)
        if deletion is None:
            return
        deletion.gone_at, deletion.gone_entry = event.t, event.i
        if deletion.cascade != "orphan":
            return
        for uid, state in self._pods.items():
            owned = [ref["uid"] for ref in state["metadata"].get("ownerReferences", ())]
            if uid in deletion.pods and event.uid in owned:
                name = state["metadata"]["name"]
                message = f"the set is gone after an orphan delete, and {name} still names it as its owner"
                self._ledger.violated("cascade.orphan", message, (deletion.entry, event.i), (f"pods/{name}",))

    def _on_new_set(self, event: Event) -> None:
        """A set re-created over orphans: an equal template must find its old revision again (S63)."""
        orphans = [
            s
            for s in self._pods.values()
            if not controller_uid(s["metadata"]) and "deletionTimestamp" not in s["metadata"]
        ]
        template = canonical(event.after["spec"]["template"])
        equal = next((name for name, held in self._revisions.values() if held == template), None)
        if orphans and equal is not None:
            self._adopting[event.uid] = equal

    def _on_first_status(self, event: Event) -> None:
        update = status_of(event.after).update_revision
        if not update:
            return
        expected = self._adopting.pop(event.uid)
        if update == expected:
            self._ledger.exercised("cascade.readoption")
        else:
            message = (
                f"re-created with an unchanged template, the set's updateRevision is {update}, expected {expected}"
            )
            self._ledger.violated("cascade.readoption", message, (event.i,), (f"statefulset/{self._set_name}",))

    def _on_pod(self, event: Event, author: Author | None) -> None:
        before = controller_uid(event.before["metadata"]) if event.before else ""
        now = controller_uid(event.after["metadata"])
        for uid, deletion in self._deletions.items():
            if event.uid in deletion.pods:
                self._on_dependent(
                    event, author, deletion, let_go=before == uid and not now, adopted=now not in ("", uid)
                )
        if event.type == "deleted":
            self._pods.pop(event.uid, None)
        else:
            self._pods[event.uid] = event.after

    def _on_dependent(
        self, event: Event, author: Author | None, deletion: _Deletion, *, let_go: bool, adopted: bool
    ) -> None:
        if deletion.cascade == "orphan" and let_go:
            self._ledger.exercised("cascade.orphan")
        if not first_deletion(event) or event.i < deletion.entry:
            return
        if deletion.cascade != "orphan":
            if author == "collector":
                self._ledger.exercised("cascade.background")
        elif author in ("controller", "collector", "other") and not adopted:
            name = event.after["metadata"]["name"]
            message = (
                f"{name} was deleted at resourceVersion {event.rv} after an orphan delete of its set, not by this run"
            )
            self._ledger.violated("cascade.orphan", message, (deletion.entry, event.i), (f"pods/{name}",))
