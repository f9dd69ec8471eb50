"""Quietness (S84): a controller that has nothing to say writes nothing.

A status is written when it differs from the one before. One that differs in conditions alone says nothing: of these the
controller writes only Progressing, under Recreate (1.37), and until 1.36 it drops those that others wrote (spec S51, S84).
"""

from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.panel import Checker, Court
from chaos.history.order import Event

NAME = "progress.quietness"
CONTROLLER = "kube-controller-manager"

STATUS = frozenset(("status", "metadata", "resourceVersion", "managedFields"))
"""What a write of a status touches."""


class QuietnessChecker(Checker):
    """Compares each status with the one before it."""

    follows = ("statefulsets",)
    minds: ClassVar = {"statefulsets": ("status",)}

    def __init__(self, court: Court) -> None:
        self._name = court.info.statefulset
        self._ledger = court.ledger

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        meta = event.after["metadata"]
        if meta["name"] != self._name or event.type != "modified" or event.before is None:
            return
        old, new = event.before.get("status", {}), event.after.get("status", {})
        if old == new or not _is_controllers(event):
            return
        if _say_otherwise(old, new):
            self._ledger.exercised(NAME)
        elif not _may_differ(event):
            message = (
                f"status of {self._name} at resourceVersion {event.rv} says nothing new: expected no write, since "
                f"observedGeneration {new.get('observedGeneration')}, all counters and both revisions are those of "
                f"resourceVersion {event.before['metadata']['resourceVersion']}; conditions were {_told(old)} and are {_told(new)}"
            )
            self._ledger.violated(NAME, message, (event.known, event.i), (f"statefulsets/{self._name}",))


def _say_otherwise(old: Any, new: Any) -> bool:
    """Whether a status says something else besides conditions; a count of nothing may be left out."""
    for key in {**old, **new}:
        was, now = old.get(key), new.get(key)
        if was != now and (was or now) and key != "conditions":
            return True
    return False


def _is_controllers(event: Event) -> bool:
    """Whether nobody else can have written it: only the status differs, and no other manager is named for it."""
    if event.touched is None or not STATUS.issuperset(event.touched):
        if event.before.get("spec") != event.after.get("spec") or _meta(event.before) != _meta(event.after):
            return False
    for each in event.after["metadata"].get("managedFields", ()):
        if each.get("subresource") == "status" and each.get("manager") != CONTROLLER:
            return False
    return True


def _meta(state: Any) -> dict[str, Any]:
    return {key: value for key, value in state["metadata"].items() if key not in ("resourceVersion", "managedFields")}


def _may_differ(event: Event) -> bool:
    """Whether conditions may have been written: Recreate tells of its progress, older controllers drop what others wrote."""
    is_recreate = event.after["spec"].get("updateStrategy", {}).get("type") == "Recreate"
    return is_recreate or not event.after.get("status", {}).get("conditions")


def _told(status: Any) -> str:
    told = [
        f"{each.get('type')}={each.get('status')} since {each.get('lastTransitionTime')}"
        for each in status.get("conditions", ())
    ]
    return ", ".join(told) or "none"
