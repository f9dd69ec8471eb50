"""Objects that are written again and again, although nobody has a reason to (S84).

Who wrote an object it does not tell for sure, and others annotate pods and claims as well, now and then. That one object's
metadata, or a revision's number, changes ten times in half a minute is nobody's business: no correct controller does that.
"""

from collections import deque
from typing import Any

from chaos.checkers.authorship import Author
from chaos.checkers.panel import Checker, Court
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "quietness.metadata"

TIMES, WITHIN_S = 10, 30.0

KEYS = ("labels", "annotations", "finalizers", "ownerReferences")


class HotLoopChecker(Checker):
    """Counts the changes of each object's metadata that this run did not make."""

    reads = ("operations",)
    follows = ("statefulsets", "controllerrevisions", "persistentvolumeclaims", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._own = OwnRequests(*self.follows)
        self._changes: dict[str, deque[tuple[float, int]]] = {}
        self._told: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """What this run writes it may write as often as it likes."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.type == "deleted":
            self._changes.pop(event.uid, None)
            return
        if event.type != "modified" or event.before is None or not _is_rewritten(event.before, event.after):
            return
        if not self._is_of_the_set(event.after["metadata"]["name"]) or self._own.may_have_made(
            event, "create", "patch"
        ):
            return
        changes = self._changes.setdefault(event.uid, deque(maxlen=TIMES))
        changes.append((event.t, event.i))
        since = changes[0][0]
        if len(changes) == TIMES and event.t - since <= WITHIN_S and event.uid not in self._told:
            self._told.add(event.uid)
            name = event.after["metadata"]["name"]
            message = (
                f"metadata of {name} changed {TIMES} times in {event.t - since:.1f} s up to resourceVersion {event.rv}, by nothing "
                f"that this run did"
            )
            self._ledger.violated(NAME, message, [i for _, i in changes], (f"{event.stream}/{name}",))

    def on_phase_ended(self, entry: Entry) -> None:
        """A set that settled, and whose controller had time to write too much."""
        if entry.data["reached"]:
            self._ledger.exercised(NAME)

    def _is_of_the_set(self, name: str) -> bool:
        return name == self._set_name or name.startswith(f"{self._set_name}-") or f"-{self._set_name}-" in name


def _is_rewritten(before: Any, after: Any) -> bool:
    old, new = before["metadata"], after["metadata"]
    if any(old.get(key) is not new.get(key) and old.get(key) != new.get(key) for key in KEYS):
        return True
    return bool(before.get("revision") != after.get("revision"))
