"""Documented limits of StatefulSets that a run met: each is told in a note with its reference, and decides nothing.

These are behaviours that Kubernetes keeps, by design or because nobody has fixed them, and that surprise whoever meets them.
Known bugs of single releases stand in `chaos.checkers.known_bugs`.
"""

from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import controller_uid, is_ready, ordinal_of, status_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

LEFT_S = 60.0
"""How long after its grace a pod may still be there before nobody but its node can be waited for."""

_REVISION = "controller-revision-hash"


class LimitsChecker(Checker):
    """Knows the set and its pods, and what the controller did between two statuses."""

    follows = ("statefulsets", "pods")
    minds: ClassVar = {"pods": ("deletionTimestamp", "deletionGracePeriodSeconds")}

    def __init__(self, court: Court) -> None:
        self._name = court.info.statefulset
        major, minor = court.info.controller.version.removeprefix("v").split(".")[:2]
        self._completes_any_type = (int(major), int(minor)) >= (1, 37)
        self._ledger = court.ledger
        self._set: Any = None
        self._present = court.present
        self._leaving: dict[str, float] = {}
        self._replaced = False

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.stream == "statefulsets":
            if event.after["metadata"]["name"] == self._name:
                self._on_set(event)
        elif ordinal_of(event.after["metadata"]["name"], self._name) >= 0:
            self._on_pod(event, author)

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended: what kept it from its end, or what its end leaves as it is."""
        if self._set is None:
            return
        if entry.data["reached"]:
            self._on_settled()
        else:
            self._on_stall(entry.t)

    def _on_pod(self, event: Event, author: Author | None) -> None:
        if event.type == "deleted":
            self._leaving.pop(event.uid, None)
            return
        meta = event.after["metadata"]
        if "deletionTimestamp" in meta:
            self._leaving[event.uid] = min(
                event.t + meta.get("deletionGracePeriodSeconds", 0), self._leaving.get(event.uid, float("inf"))
            )
        if author == "controller" and self._set is not None and self._is_member(event.after):
            # It is taken off currentReplicas, whichever revision it was at.
            is_other = _revision(event.after) != status_of(self._set).current_revision
            self._replaced |= is_other and self._rolls(event.after)

    def _on_set(self, event: Event) -> None:
        self._set = None if event.type == "deleted" else event.after
        if self._set is None or event.before is None or event.before["metadata"]["uid"] != event.uid:
            self._replaced = False
            return
        old, new, spec = status_of(event.before), status_of(event.after), event.after["spec"]
        if old == new:
            return
        if self._replaced and new.current == self._staying(new.current_revision) - 1:
            self._tell(
                "kubernetes#75498",
                "currentReplicas is one too low for a moment, since the pod that was replaced was not at currentRevision",
            )
        self._replaced = False
        if not old.current_revision or old.current_revision == new.current_revision:
            return
        if new.replicas == 0 and _partition(spec) > 0:
            self._tell(
                "kubernetes#121534",
                "an update counts as complete once the set is scaled to 0, whatever its partition: pods that are created "
                "afterwards are all new",
            )
        elif new.available < new.replicas and spec.get("minReadySeconds"):
            self._tell(
                "kubernetes#136831", "an update counts as complete before its pods were Ready for minReadySeconds"
            )

    def _on_settled(self) -> None:
        status, spec = status_of(self._set), self._set["spec"]
        is_updated = status.updated == status.ready == status.replicas == spec.get("replicas", 1)
        if (
            not self._completes_any_type
            and spec["updateStrategy"]["type"] == "OnDelete"
            and is_updated
            and status.current_revision != status.update_revision
        ):
            self._tell(
                "kubernetes#73492", "currentRevision of an OnDelete set stays what it was, though every pod is updated"
            )

    def _on_stall(self, now: float) -> None:
        for uid, state in self._present.pods.items():
            meta = state["metadata"]
            left = self._leaving.get(uid)
            if left is not None and now - left > LEFT_S and not meta.get("finalizers"):
                self._tell(
                    "kubernetes#54368",
                    f"{meta['name']} should be gone and its node does not say so: it is replaced only once somebody deletes it "
                    "with grace 0",
                )
            elif left is None and self._holds_up(state):
                self._tell(
                    "kubernetes#67250",
                    f"{meta['name']} is not Ready and not at the newest template: an ordered update, or its rollback, waits for "
                    "it until somebody deletes it",
                )

    def _holds_up(self, state: Any) -> bool:
        spec = self._set["spec"]
        is_ordered = spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        is_old = _revision(state) != status_of(self._set).update_revision
        is_ended = state.get("status", {}).get("phase") in ("Failed", "Succeeded")
        return (
            is_ordered
            and is_old
            and self._is_member(state)
            and self._rolls(state)
            and not (is_ended or is_ready(state))
        )

    def _rolls(self, state: Any) -> bool:
        """Whether an update would replace the pod."""
        spec = self._set["spec"]
        start = spec.get("ordinals", {}).get("start", 0)
        index = ordinal_of(state["metadata"]["name"], self._name) - start
        is_rolling = bool(spec["updateStrategy"].get("type", "RollingUpdate") == "RollingUpdate")
        return is_rolling and _partition(spec) <= index < int(spec.get("replicas", 1))

    def _is_member(self, state: Any) -> bool:
        return controller_uid(state["metadata"]) == str(self._set["metadata"]["uid"])

    def _staying(self, revision: str) -> int:
        return sum(
            _revision(state) == revision and "deletionTimestamp" not in state["metadata"] and self._is_member(state)
            for state in self._present.pods.values()
        )

    def _tell(self, reference: str, what: str) -> None:
        self._ledger.note(f"known limit {reference}: {what}")


def _revision(state: Any) -> str:
    return str(state["metadata"].get("labels", {}).get(_REVISION, ""))


def _partition(spec: Any) -> int:
    return int((spec["updateStrategy"].get("rollingUpdate") or {}).get("partition", 0))
