"""One judged order out of several watches.

Receipt order across watches is not resourceVersion order: an event may arrive some 20 ms after a younger one of another
stream. The merger holds every event until each ordered stream has shown a resourceVersion at least as high, then gives them
out by resourceVersion (of one etcd, where these are comparable across resources).
"""

import heapq
from collections import OrderedDict
from typing import Any

from msgspec import Struct

from chaos.history import mergepatch
from chaos.history.entries import Entry

CHANGES = ("listed", "added", "modified", "deleted")

KEPT_S = 600.0
"""How long an object that is gone is remembered. A LIST that still holds it later disagrees."""

NEVER: tuple[int, Any] = (-1, None)
FORGOTTEN = (0.0, -1)


class Event(Struct, frozen=True, gc=False):
    """A change of one object. `before` is None at first sight; `after` of a `deleted` is its last state.

    `i` and `t` are those of the entry that recorded it; `known` is the index of the entry that recorded `before`, or -1.
    `touched` names the parts that may differ (keys of the object and of its metadata), all others are the same objects as in
    `before`; None: any may.
    """

    rv: int
    i: int
    t: float
    stream: str
    type: str
    uid: str
    before: Any
    after: Any
    known: int = -1
    touched: tuple[str, ...] | None = None


class Broken(Exception):
    """Raised when an entry cannot follow what was recorded before it: lines are missing or foreign.

    `since` is the index of the last entry that is surely not one of those that miss what is missing; -1 if nobody knows.
    """

    def __init__(self, why: str, since: int) -> None:
        super().__init__(why)
        self.since = since


class Objects:
    """Rebuilds whole objects from the entries of one stream."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, Any]] = {}
        self._gone: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def event(self, entry: Entry) -> Event:
        """The change that `entry` records.

        Raises:
            Broken: it patches an object never seen or another state than the last, or has no usable data.
        """
        uid, data = entry.uid, entry.data
        if not isinstance(data, dict) or not entry.rv.isdigit() or not ("whole" in data or "patch" in data):
            raise Broken(f"entry {entry.i} has no object", entry.i)
        known, before = self._last.get(uid, NEVER)
        rv = int(entry.rv)
        if before is not None:
            version = before["metadata"]["resourceVersion"]
            if data.get("from") != version or rv < int(version) or entry.type == "added":
                raise self._breach(entry, version, known)
        elif "from" in data or "whole" not in data or entry.type in ("modified", "deleted"):
            raise Broken(f"entry {entry.i} changes {uid}, which was never seen whole", -1)
        touched = None
        if "whole" in data:
            after = data["whole"]
        else:
            patch = data["patch"]
            after = mergepatch.apply(before, patch)
            touched = (*patch, *patch["metadata"]) if isinstance(patch.get("metadata"), dict) else None
        if entry.type == "deleted":
            del self._last[uid]
            self._gone[uid] = (entry.t, rv)
            while next(iter(self._gone.values()))[0] < entry.t - KEPT_S:
                self._gone.popitem(last=False)
        else:
            self._last[uid] = (entry.i, after)
        return Event(rv, entry.i, entry.t, entry.stream, entry.type, uid, before, after, known, touched)

    def _breach(self, entry: Entry, version: str, known: int) -> Broken:
        """Why an entry cannot follow `version`, which entry `known` left."""
        if entry.type == "added":
            return Broken(f"entry {entry.i} adds {entry.uid}, which entry {known} had told of", known)
        if int(entry.rv) < int(version):
            return Broken(f"entry {entry.i} takes {entry.uid} back to resourceVersion {entry.rv}", known)
        return Broken(f"entry {entry.i} does not change {entry.uid} as entry {known} left it", known)

    def agrees(self, listed: dict[str, str], rv: int) -> bool:
        """Whether what was recorded could have been `listed` ({uid: resourceVersion}) at resourceVersion `rv`.

        The record may be ahead of the LIST; it may not lack a state that the LIST has, nor hold one that it should have.
        """
        for uid, version in listed.items():
            _, state = self._last.get(uid, NEVER)
            if state is None:
                if self._gone.get(uid, FORGOTTEN)[1] <= rv:
                    return False
            elif int(state["metadata"]["resourceVersion"]) < int(version):
                return False
        return all(
            int(state["metadata"]["resourceVersion"]) > rv
            for uid, (_, state) in self._last.items()
            if uid not in listed
        )


class Versions:
    """Follows the resourceVersions of objects whose states nobody asks for, each for ten minutes after its last change."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[float, int, str]] = OrderedDict()

    def follow(self, entry: Entry) -> None:
        """Take in a change.

        Raises:
            Broken: it changes another version than the last.
        """
        data = entry.data
        if not isinstance(data, dict) or not ("whole" in data or "patch" in data):
            raise Broken(f"entry {entry.i} has no object", entry.i)
        last = self._last.pop(entry.uid, None)
        if last is not None and data.get("from") != last[2]:
            raise Broken(f"entry {entry.i} does not change {entry.uid} as entry {last[1]} left it", last[1])
        if entry.type != "deleted":
            self._last[entry.uid] = (entry.t, entry.i, entry.rv)
        while self._last and next(iter(self._last.values()))[0] < entry.t - KEPT_S:
            self._last.popitem(last=False)


class Merger:
    """Holds events of `streams` until their order is certain."""

    def __init__(self, streams: tuple[str, ...]) -> None:
        self._shown = dict.fromkeys(streams, -1)
        self._held: list[tuple[int, int, Event]] = []
        self.certain = -1
        """Every event up to this resourceVersion has been pushed."""

    def push(self, event: Event) -> None:
        """Hold an event; its own stream has now shown its resourceVersion.

        Raises:
            Broken: its stream had shown everything up to there.
        """
        if event.type in ("added", "modified") and event.rv <= self._shown.get(event.stream, -1):
            raise Broken(
                f"entry {event.i} comes after {event.stream} had shown {self._shown[event.stream]}", event.known
            )
        # A LIST comes in no order and is complete only with its `synced`.
        if event.type != "listed":
            self.shown(event.stream, event.rv)
        heapq.heappush(self._held, (event.rv, event.i, event))

    def shown(self, stream: str, rv: int) -> None:
        """The stream has shown everything up to `rv`."""
        before = self._shown.get(stream)
        if before is not None and rv > before:
            self._shown[stream] = rv
            if before == self.certain:
                self.certain = min(self._shown.values())

    def drop(self, stream: str) -> None:
        """Wait for this stream no longer: it may not be watched, or has a gap."""
        self._shown.pop(stream, None)
        self.certain = min(self._shown.values(), default=-1)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held."""
        return not self._held

    def peek(self) -> Event | None:
        """The next event in order, if its place is certain."""
        held = self._held
        return held[0][2] if held and held[0][0] <= self.certain else None

    def pop(self) -> Event:
        """Take the event that `peek` gave."""
        return heapq.heappop(self._held)[2]
