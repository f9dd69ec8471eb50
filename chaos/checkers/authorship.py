"""Who deleted a pod: this run, the controller, the garbage collector, somebody else, or nobody can say.

The object does not tell. An own delete is recognised by uid, by having started before the event was received, and by the
resourceVersion of its answer: that of the first event that shows the deletion, or, with an effective grace of 0, that of the
removal (the API server writes both, and answers with the second). A 200 with a foreign resourceVersion changed nothing. A
200 without one wrote the grace of 0, and a kubelet removed the pod before the API server did (it then answers with what it
had written; k8s.io/apiserver 1.37.2, registry/generic/registry/store.go, Delete). Only one write can bring the grace to 0.

A pod that is removed without ever having been marked was not deleted by a request for it: every DELETE of a pod writes the mark
first. The API server removes by name alone when a status write or a delete finds the pod that bore the name before without
grace (the same file, deleteWithoutFinalizers): whoever had created the next pod meanwhile loses it.

The controller deletes by name and uid alone: a pod that an orphan delete has just let go may be one that the controller still
takes for its set's.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from chaos.checkers.controller.states import STALE_S, controller_uid
from chaos.history.entries import End, Entry, Start
from chaos.history.order import KEPT_S, Event

NEVER = float("-inf")

Author = Literal["own", "controller", "collector", "other", "ambiguous"]


@dataclass
class _Request:
    start: int
    end: End | None = None
    rv: str = ""


@dataclass
class Authorship:
    """Knows the run's own deletes and the sets' ends; `author` decides a deletion once nothing is pending."""

    _requests: dict[str, list[_Request]] = field(default_factory=dict)
    _by_start: dict[int, tuple[str, _Request]] = field(default_factory=dict)
    _removed: dict[str, int] = field(default_factory=dict)
    _over: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _sets_deleted: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _sets_foreground: set[str] = field(default_factory=set)
    _let_go: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _closed: bool = False

    def on_entry(self, entry: Entry) -> None:
        """Take in an entry as it arrives: own requests, and removals of pods."""
        if entry.stream == "operations":
            self._on_operation(entry)
        elif entry.stream == "pods" and entry.type == "deleted":
            self._removed[entry.uid] = int(entry.rv)

    def _on_operation(self, entry: Entry) -> None:
        if entry.type == "start":
            asked = entry.data["request"]
            if asked["verb"] == "delete" and asked["resource"] == "pods":
                uid = msgspec.convert(entry.data, Start).request.uid
                self._by_start[entry.i] = (uid, _Request(entry.i))
                self._requests.setdefault(uid, []).append(self._by_start[entry.i][1])
        elif entry.type == "end" and entry.data["start"] in self._by_start:
            uid, request = self._by_start.pop(entry.data["start"])
            request.end, request.rv = msgspec.convert(entry.data, End), entry.rv
            if uid in self._over:
                self._requests.pop(uid, None)

    def on_event(self, event: Event) -> None:
        """Take in a change, in judged order: what became of sets, and pods that nobody can delete any more."""
        if event.stream == "pods":
            if event.type == "deleted":
                self._over[event.uid] = event.t
                self._requests.pop(event.uid, None)
                self._removed.pop(event.uid, None)
                self._let_go.pop(event.uid, None)
                _forget(self._over, event.t)
            elif _lets_go(event):
                self._let_go[event.uid] = event.t
                self._let_go.move_to_end(event.uid)
                _forget(self._let_go, event.t)
        elif event.stream == "statefulsets":
            if event.type == "deleted":
                self._sets_deleted[event.uid] = event.t
                self._sets_foreground.discard(event.uid)
                _forget(self._sets_deleted, event.t)
            elif "foregroundDeletion" in event.after["metadata"].get("finalizers", ()):
                self._sets_foreground.add(event.uid)

    def close(self) -> None:
        """Nothing more will come: what has no answer has none."""
        self._closed = True

    def is_pending(self, event: Event) -> bool:
        """Whether an answer or a removal that `author` needs may still come. `event` first shows a pod's deletion."""
        if self._closed:
            return False
        earlier = self._earlier(event)
        if any(self._is_answer(request, event) for request in earlier):
            return False
        return any(request.end is None for request in earlier) or (bool(earlier) and self._waits_for_removal(event))

    def author(self, event: Event) -> Author:
        """Who caused the deletion that `event` shows first."""
        earlier = self._earlier(event)
        if any(self._is_answer(request, event) for request in earlier):
            return "own"
        if any(self._may_be_answer(request, event) for request in earlier):
            return "ambiguous"
        if "deletionTimestamp" not in event.after["metadata"]:
            return "other"
        owner = controller_uid(event.after["metadata"])
        if owner in self._sets_deleted or owner in self._sets_foreground:
            return "collector"
        if is_disrupted(event):
            return "other"
        if owner:
            return "controller"
        return "ambiguous" if event.t - self._let_go.get(event.uid, NEVER) <= STALE_S else "other"

    def _earlier(self, event: Event) -> list[_Request]:
        """Own deletes of this pod that may have caused the event: they left before it was received."""
        return [request for request in self._requests.get(event.uid, ()) if request.start < event.i]

    def _waits_for_removal(self, event: Event) -> bool:
        """Whether an answer may carry the version of a removal that was not seen yet."""
        return _has_no_grace(event) and event.type != "deleted" and event.uid not in self._removed

    def _may_be_answer(self, request: _Request, event: Event) -> bool:
        if request.end is None or request.end.outcome == "unknown":
            return True
        if request.end.outcome != "ok":
            return False
        # Of a pod whose removal is the first that was seen, nobody can say who had begun to delete it.
        return self._waits_for_removal(event) or (not request.rv and event.type == "deleted")

    def _is_answer(self, request: _Request, event: Event) -> bool:
        if request.end is None or request.end.outcome != "ok":
            return False
        if not request.rv:
            return _has_no_grace(event) and event.type != "deleted"
        rv = int(request.rv)
        return rv == event.rv or (_has_no_grace(event) and rv == self._removed.get(event.uid))


def _lets_go(event: Event) -> bool:
    """Whether a pod loses its controller."""
    if event.before is None or (event.touched is not None and "ownerReferences" not in event.touched):
        return False
    return bool(controller_uid(event.before["metadata"])) and not controller_uid(event.after["metadata"])


def _forget(times: OrderedDict[str, float], now: float) -> None:
    while next(iter(times.values())) < now - KEPT_S:
        times.popitem(last=False)


def first_deletion(event: Event) -> bool:
    """Whether this pod event is the first to show that its pod was deleted."""
    if event.stream != "pods" or event.type == "listed":
        return False
    if event.before is not None and "deletionTimestamp" in event.before["metadata"]:
        return False
    return event.type == "deleted" or "deletionTimestamp" in event.after["metadata"]


def is_disrupted(event: Event) -> bool:
    """Whether the pod says that it was preempted, evicted, tainted away or collected with its node."""
    conditions = event.after.get("status", {}).get("conditions", ())
    return any(c["type"] == "DisruptionTarget" and c["status"] == "True" for c in conditions)


def _has_no_grace(event: Event) -> bool:
    return event.after["metadata"].get("deletionGracePeriodSeconds") == 0 or event.type == "deleted"
