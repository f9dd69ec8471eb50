"""What a cache of unknown age may have held: the states of one thing, each for as long as it was the newest (spec A0.2).

A write is explained if any state that the reader may have had explains it. Its own earlier writes are a floor where a sync
starts only on caches that hold them (from 1.36): a state that was replaced before one of these is no excuse. A floor counts
once it is `STALE_S` old, since the answer to a write may have been lost, and since the write may be of the same sync.
"""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from chaos.checkers.controller.sights import KEPT_S
from chaos.checkers.controller.states import STALE_S
from chaos.checkers.lease import ControllerLease

T = TypeVar("T")


class Explanation(NamedTuple):
    """How well the past explains a write. `stale_s` is the age of the youngest state that does, None if none does.

    `is_whole`: every state that the reader may have had was tried; otherwise nothing follows from None. `excuse`: why the
    reader had states of that age.
    """

    stale_s: float | None
    is_whole: bool
    excuse: str = ""

    @property
    def is_refuted(self) -> bool:
        """Whether nothing explains the write."""
        return self.stale_s is None and self.is_whole

    @property
    def is_suspect(self) -> bool:
        """Whether only states do that are older than any that a controller at work reads (spec A0.4)."""
        return self.stale_s is not None and self.stale_s > STALE_S and not self.excuse


class _State(NamedTuple, Generic[T]):
    rv: int
    t: float
    value: T


class Cursor:
    """How far a reader has come at least, in a cache that it never reads backwards."""

    def __init__(self, lease: ControllerLease) -> None:
        self.lease = lease
        self.restarted = False
        self._floors: list[tuple[int, float]] = []
        self._shown = 0

    def wrote(self, rv: int, t: float) -> None:
        """The reader wrote at `rv`, and reads nothing older in a later sync."""
        self._ripen(t)
        self._floors.append((rv, t))

    def showed(self, rv: int) -> None:
        """What the reader did proves that it had read `rv` or later."""
        self._shown = max(self._shown, rv)

    def restart(self) -> None:
        """The reader is another process, which may start on any state."""
        self._floors.clear()
        self._shown = 0
        self.restarted = True

    def at(self, now: float) -> int:
        """The version that a write made now was read at, or after."""
        self._ripen(now)
        if not self._floors or self._floors[0][1] > now - STALE_S:
            return self._shown
        rv, t = self._floors[0]
        # A process that stood still in the middle of a sync goes on with what it had read.
        return self._shown if self.lease.covering(t, now) else max(rv, self._shown)

    def _ripen(self, now: float) -> None:
        """Only the youngest floor that counts is needed, and those that will."""
        while len(self._floors) > 1 and self._floors[1][1] <= now - STALE_S:
            del self._floors[0]


class Past(Generic[T]):
    """The states of one thing, for readers with one cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self._states: list[_State[T]] = []
        self._is_whole = True

    @property
    def newest(self) -> T | None:
        """The state now; None before the first."""
        return self._states[-1].value if self._states else None

    def see(self, rv: int, t: float, value: T) -> None:
        """The state from `rv` on."""
        if self._states and self._states[-1].value == value:
            return
        self._states.append(_State(rv, t, value))
        while len(self._states) > 1 and self._states[1].t < t - KEPT_S:
            del self._states[0]
            self._is_whole = False

    def readable(self, now: float) -> Iterator[T]:
        """Every state that may have been read for a write made now, newest first."""
        floor = self.cursor.at(now)
        for at in range(len(self._states) - 1, -1, -1):
            if at + 1 < len(self._states) and self._states[at + 1].rv <= floor:
                return
            yield self._states[at].value

    def explain(self, now: float, fits: Callable[[T], bool]) -> Explanation:
        """Whether a state that may have been read fits a write made now."""
        at = len(self._states)
        for value in self.readable(now):
            at -= 1
            if fits(value):
                age = self._age(at, now)
                return Explanation(age, True, self.cursor.lease.covering(now - age, now) if age > STALE_S else "")
        # What was forgotten is far older than any state that is not a suspect, unless the reader has just begun.
        return Explanation(None, self._is_whole or not self.cursor.restarted)

    def _age(self, at: int, now: float) -> float:
        return now - self._states[at + 1].t if at + 1 < len(self._states) else 0.0
