"""Objects that are written again and again, although nobody has a reason to (S84).

Who wrote an object it does not tell for sure, and others annotate pods and claims as well, now and then. That one object's
metadata, or a revision's number, changes ten times in half a minute is nobody's business: no correct controller does that, unless
this run asks it to: sets that are orphaned and made again and rollbacks make it let go, adopt and number anew each time.
"""

from collections import deque
from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.panel import Checker, Court
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "quietness.metadata"

TIMES, WITHIN_S = 10, 30.0

ANSWER_S = 10.0
"""For how long controllers may still answer to what this run did: as long as a state may be old without suspicion."""

KEYS = ("labels", "annotations", "finalizers", "ownerReferences")


class HotLoopChecker(Checker):
    """Counts the changes of each object's metadata that this run did not make."""

    reads = ("operations",)
    follows = ("statefulsets", "controllerrevisions", "persistentvolumeclaims", "pods")
    minds: ClassVar = dict.fromkeys(follows, (*KEYS, "revision"))

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._own = OwnRequests(*self.follows)
        self._changes: dict[str, deque[tuple[float, int]]] = {}
        self._told: set[str] = set()
        self._asked: deque[float] = deque()

    def on_entry(self, entry: Entry) -> None:
        """What this run writes it may write as often as it likes, and controllers may answer to it."""
        self._own.on_entry(entry)
        if entry.type == "start" and entry.data["request"]["verb"] != "exec":
            resource = entry.data["request"]["resource"].partition("/")[0]
            if resource == "statefulsets" or (resource in self.follows and entry.data["request"]["verb"] != "delete"):
                self._asked.append(entry.t)

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
        while self._asked and self._asked[0] < event.t - WITHIN_S - ANSWER_S:
            self._asked.popleft()
        was_asked = any(since - ANSWER_S <= t <= event.t for t in self._asked)
        if len(changes) == TIMES and event.t - since <= WITHIN_S and not was_asked and event.uid not in self._told:
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
