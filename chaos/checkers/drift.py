"""What somebody changed about a pod's identity is put back (S8)."""

from typing import Any

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.overdue import Overdue, is_healthy
from chaos.checkers.panel import Checker, Court
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event

NAME = "ownership.repair"

POD_NAME = "statefulset.kubernetes.io/pod-name"


class DriftChecker(Checker):
    """Follows the label that names a pod. The index label and the hostname are not put back (utils: identityMatches)."""

    reads = ("operations",)
    follows = ("statefulsets", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._own = OwnRequests("pods")
        self._overdue = Overdue(court.lease)
        self._sets: set[str] = set()
        self._wrong: dict[str, str] = {}

    def on_entry(self, entry: Entry) -> None:
        """What this run puts back is no repair."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        if event.stream == "statefulsets" and name == self._set_name:
            self._on_set(event)
        elif event.stream == "pods" and ordinal_of(name, self._set_name) >= 0:
            self._on_pod(event, name)

    def _on_set(self, event: Event) -> None:
        self._sets.add(event.uid)
        before = event.before
        if event.type == "deleted" or before is None or before.get("status") == event.after.get("status"):
            return
        if not self._wrong and self._overdue.is_idle:
            return
        if not is_healthy(event.after):
            return
        self._overdue.weigh(event.t, self._wrong.values())
        for late in self._overdue.synced(event.t):
            message = (
                f"label {POD_NAME} of {late.what} is not its name at resourceVersion {event.rv}, and was not {late.lasted_s:.0f} s "
                f"before; the status was written {late.syncs} times meanwhile with all pods Ready"
            )
            self._ledger.violated(NAME, message, (event.i,), (f"pods/{late.what}",))

    def _on_pod(self, event: Event, name: str) -> None:
        is_wrong = event.type != "deleted" and self._is_wrong(event.after)
        was_wrong = event.uid in self._wrong
        if was_wrong and not is_wrong and event.type == "modified" and not self._own.may_have_made(event, "patch"):
            self._ledger.exercised(NAME)
        if is_wrong:
            self._wrong[event.uid] = name
        else:
            self._wrong.pop(event.uid, None)

    def _is_wrong(self, state: Any) -> bool:
        meta = state["metadata"]
        label = (meta.get("labels") or {}).get(POD_NAME)
        return label != meta["name"] and controller_uid(meta) in self._sets and "deletionTimestamp" not in meta
