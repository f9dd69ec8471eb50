"""An event loop whose clock moves only when nothing else can happen, and then straight to the next timer."""

import asyncio
import gc
import selectors
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, TypeVarTuple

import anyio

POLL_EVERY = 1000
"""Turns of a busy loop between two looks at the real files, of which there is one: the pipe that signals wake."""

RARELY = (20_000, 50, 100)
"""When garbage is collected: a simulation makes objects all the time, of which few are in cycles. At Python's own thresholds
the collector takes a sixth of the time."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Deadlock(RuntimeError):
    """Every task waits for something that no timer will bring about."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that starts at second 0 and never waits.

    It serves timers, tasks and transports in memory. Sockets, threads and subprocesses would take real time, in which the
    clock jumps ahead of them: nothing in a simulation may use them.
    """

    def __init__(self) -> None:
        self._selector_in_time = _JumpingSelector()
        super().__init__(self._selector_in_time)
        # Timers that are due within this much are run: more than rounding takes from a jump after years, less than any wait.
        self._clock_resolution = 1e-7

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._selector_in_time.now


def run(main: Callable[[*Arguments], Awaitable[Result]], *args: *Arguments) -> Result:
    """Run a coroutine function to its end in virtual time.

    Raises:
        Deadlock: nothing was left that could ever happen.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        return anyio.run(main, *args, backend_options={"loop_factory": VirtualLoop})
    finally:
        gc.set_threshold(*thresholds)


class _JumpingSelector(selectors.BaseSelector):
    """Where a loop would sleep until its next timer, this moves the clock there."""

    def __init__(self) -> None:
        self.now = 0.0
        self._files = selectors.DefaultSelector()
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What became readable; the clock has moved by `timeout` unless something did."""
        if timeout == 0:
            self._turns += 1
            return self._files.select(0) if self._turns % POLL_EVERY == 0 else []
        ready = self._files.select(0)
        if ready:
            return ready
        if timeout is None:
            raise Deadlock("the simulation waits for something that will never happen")
        self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """See `selectors.BaseSelector`."""
        return self._files.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """See `selectors.BaseSelector`."""
        return self._files.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """See `selectors.BaseSelector`."""
        return self._files.get_map()

    def close(self) -> None:
        """See `selectors.BaseSelector`."""
        self._files.close()
