"""The status of a set that stands still: exactly what its pods are, and an update that is over is complete (S51, S81)."""

from typing import Any

from chaos.checkers.controller.rules import rules
from chaos.checkers.controller.states import Selector, controller_uid, is_ready, status_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.progress import MARGIN_S
from chaos.history.entries import Entry

NAME, COMPLETE = "progress.status", "revisions.completion"


class QuiescenceChecker(Checker):
    """Counts the pods at the end of each phase. Between, a status may be as old as the caches it was counted from."""

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._completes_any_type = rules(court.info.controller.version, court.info.controller.gates).completes_any_type
        self._completed = ""
        self._present = court.present

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended: what does the status say?"""
        if self._present.set is None or "deletionTimestamp" in self._present.set["metadata"]:
            return
        self._judge(entry, NAME, self._wrong())
        update = status_of(self._present.set).update_revision
        if self._is_over(update):
            self._judge(entry, COMPLETE, self._incomplete(), is_new=update != self._completed)
            self._completed = update

    def _judge(self, entry: Entry, name: str, wrong: str, *, is_new: bool = True) -> None:
        if not wrong:
            if entry.data["reached"] and is_new:
                self._ledger.exercised(name)
            return
        stood_still = entry.t - self._present.changed
        if stood_still > self._present.changed - self._present.created + MARGIN_S and self._lease.ran(
            self._present.changed, entry.t
        ):
            message = (
                f"phase {entry.data['name']}: the status of {self._set_name} says {wrong}, and nothing changed for "
                f"{stood_still:.0f} s, longer than any retry can take"
            )
            self._ledger.violated(
                name, message, (self._present.changed_entry, entry.i), (f"statefulsets/{self._set_name}",)
            )

    def _is_over(self, update: str) -> bool:
        """Whether every replica is there, Ready and at the update revision, so that a sync would complete the update."""
        spec, pods = self._present.set["spec"], self._owned()
        if spec.get("updateStrategy", {}).get("type", "RollingUpdate") == "OnDelete" and not self._completes_any_type:
            return False
        updated = [p for p in pods if _revision(p) == update and "deletionTimestamp" not in p["metadata"] and _runs(p)]
        return len(updated) == len(pods) and len(pods) == spec.get("replicas", 1)

    def _incomplete(self) -> str:
        status = status_of(self._present.set)
        if status.current_revision == status.update_revision:
            return ""
        return f"currentRevision {status.current_revision} where every pod is Ready at {status.update_revision}"

    def _owned(self) -> list[Any]:
        """The pods that the controller counts."""
        uid, selector = self._present.set["metadata"]["uid"], Selector(self._present.set["spec"]["selector"])
        return [
            pod
            for pod in self._present.pods.values()
            if controller_uid(pod["metadata"]) == uid and selector.matches(pod["metadata"].get("labels") or {})
        ]

    def _wrong(self) -> str:
        """What the status says otherwise than the pods; empty if nothing."""
        status, spec = status_of(self._present.set), self._present.set["spec"]
        pods = self._owned()
        staying = [_revision(pod) for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        ready = sum(map(_runs, pods))
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


def _revision(pod: Any) -> str:
    return str((pod["metadata"].get("labels") or {}).get("controller-revision-hash", ""))


def _runs(pod: Any) -> bool:
    return is_ready(pod) and pod["status"].get("phase") == "Running"
