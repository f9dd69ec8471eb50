"""One judged order out of several watches.

Receipt order across watches is not resourceVersion order: an event may arrive some 20 ms after a younger one of another
stream. The merger holds every event until each ordered stream has shown a resourceVersion at least as high, then gives them
out by resourceVersion (of one etcd, where these are comparable across resources).
"""

import heapq
from typing import Any, NamedTuple

from chaos.history import mergepatch
from chaos.history.entries import Entry

CHANGES = ("listed", "added", "modified", "deleted")


class Event(NamedTuple):
    """A change of one object. `before` is None at first sight; `after` of a `deleted` is its last state.

    `i` and `t` are those of the entry that recorded it.
    """

    rv: int
    i: int
    t: float
    stream: str
    type: str
    uid: str
    before: Any
    after: Any


class Broken(Exception):
    """Raised when an entry cannot follow what was recorded before it: lines are missing or foreign."""


class Objects:
    """Rebuilds whole objects from the entries of one stream."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}
        self._gone: dict[str, int] = {}

    def event(self, entry: Entry) -> Event:
        """The change that `entry` records.

        Raises:
            Broken: it patches an object never seen, or has no usable data.
        """
        before = self._last.get(entry.uid)
        data = entry.data
        if not isinstance(data, dict) or not entry.rv.isdigit():
            raise Broken(f"entry {entry.i} has no object")
        if "whole" in data:
            after = data["whole"]
        elif before is not None and "patch" in data:
            after = mergepatch.apply(before, data["patch"])
        else:
            raise Broken(f"entry {entry.i} changes {entry.uid}, which was never seen whole")
        rv = int(entry.rv)
        if before is not None and rv < int(before["metadata"]["resourceVersion"]):
            raise Broken(f"entry {entry.i} takes {entry.uid} back to resourceVersion {rv}")
        if entry.type == "deleted":
            self._last.pop(entry.uid, None)
            self._gone[entry.uid] = rv
        else:
            self._last[entry.uid] = after
        return Event(rv, entry.i, entry.t, entry.stream, entry.type, entry.uid, before, after)

    def agrees(self, listed: dict[str, str], rv: int) -> bool:
        """Whether what was recorded could have been `listed` ({uid: resourceVersion}) at resourceVersion `rv`.

        The record may be ahead of the LIST; it may not lack a state that the LIST has, nor hold one that it should have.
        """
        for uid, version in listed.items():
            state = self._last.get(uid)
            if state is None:
                if self._gone.get(uid, -1) <= rv:
                    return False
            elif int(state["metadata"]["resourceVersion"]) < int(version):
                return False
        return all(
            int(state["metadata"]["resourceVersion"]) > rv for uid, state in self._last.items() if uid not in listed
        )


class Merger:
    """Holds events of `streams` until their order is certain."""

    def __init__(self, streams: tuple[str, ...]) -> None:
        self._shown = dict.fromkeys(streams, -1)
        self._held: list[tuple[int, int, Event]] = []

    def push(self, event: Event) -> None:
        """Hold an event; its own stream has now shown its resourceVersion."""
        # A LIST comes in no order and is complete only with its `synced`.
        if event.type != "listed":
            self.shown(event.stream, event.rv)
        heapq.heappush(self._held, (event.rv, event.i, event))

    def shown(self, stream: str, rv: int) -> None:
        """The stream has shown everything up to `rv`."""
        if stream in self._shown:
            self._shown[stream] = max(self._shown[stream], rv)

    def drop(self, stream: str) -> None:
        """Wait for this stream no longer: it may not be watched, or has a gap."""
        self._shown.pop(stream, None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held."""
        return not self._held

    @property
    def certain(self) -> int:
        """Every event up to this resourceVersion has been pushed."""
        return min(self._shown.values(), default=-1)

    def peek(self) -> Event | None:
        """The next event in order, if its place is certain."""
        if self._held and self._held[0][0] <= self.certain:
            return self._held[0][2]
        return None

    def pop(self) -> Event:
        """Take the event that `peek` gave."""
        return heapq.heappop(self._held)[2]
