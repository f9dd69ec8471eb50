"""The status of a set that stands still: exactly what its pods are (S51)."""

from typing import Any

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import Selector, controller_uid, is_ready, ordinal_of, status_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.progress import MARGIN_S
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "progress.status"


class QuiescenceChecker(Checker):
    """Counts the pods at the end of each phase. Between, a status may be as old as the caches it was counted from."""

    follows = ("statefulsets", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._set: Any = None
        self._pods: dict[str, Any] = {}
        self._created = 0.0
        self._changed = 0.0
        self._changed_entry = 0

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        if event.stream == "statefulsets" and name == self._set_name:
            if self._set is None or self._set["metadata"]["uid"] != event.uid:
                self._created = event.t
            self._set = None if event.type == "deleted" else event.after
        elif event.stream == "pods" and ordinal_of(name, self._set_name) >= 0:
            if event.type == "deleted":
                self._pods.pop(event.uid, None)
            else:
                self._pods[event.uid] = event.after
        else:
            return
        self._changed, self._changed_entry = event.t, event.i

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended: what does the status say?"""
        if self._set is None or "deletionTimestamp" in self._set["metadata"]:
            return
        wrong = self._wrong()
        if not wrong:
            if entry.data["reached"]:
                self._ledger.exercised(NAME)
            return
        stood_still = entry.t - self._changed
        if stood_still > self._changed - self._created + MARGIN_S and self._lease.ran(self._changed, entry.t):
            message = (
                f"phase {entry.data['name']}: the status of {self._set_name} says {wrong}, and nothing changed for "
                f"{stood_still:.0f} s, longer than any retry can take"
            )
            self._ledger.violated(NAME, message, (self._changed_entry, entry.i), (f"statefulsets/{self._set_name}",))

    def _wrong(self) -> str:
        """What the status says otherwise than the pods; empty if nothing."""
        status, spec = status_of(self._set), self._set["spec"]
        uid, selector = self._set["metadata"]["uid"], Selector(spec["selector"])
        pods = [
            pod
            for pod in self._pods.values()
            if controller_uid(pod["metadata"]) == uid and selector.matches(pod["metadata"].get("labels") or {})
        ]
        staying = [
            (pod["metadata"].get("labels") or {}).get("controller-revision-hash")
            for pod in pods
            if "deletionTimestamp" not in pod["metadata"]
        ]
        ready = sum(is_ready(pod) and pod["status"].get("phase") == "Running" for pod in pods)
        counts = {
            "replicas": (status.replicas, len(pods)),
            "readyReplicas": (status.ready, ready),
            "currentReplicas": (status.current, staying.count(status.current_revision)),
            "updatedReplicas": (status.updated, staying.count(status.update_revision)),
        }
        # Who becomes available next is a matter of the clock.
        if not spec.get("minReadySeconds"):
            counts["availableReplicas"] = (status.available, ready)
        return ", ".join(
            f"{name} {said} where the pods make {is_so}" for name, (said, is_so) in counts.items() if said != is_so
        )
