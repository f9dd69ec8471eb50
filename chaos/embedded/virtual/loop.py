"""An event loop whose clock moves only when nothing else can happen, and then straight to the next timer."""

import asyncio
import gc
import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from typing import Any, TypeVar, TypeVarTuple

import anyio

POLL_EVERY = 500
"""Turns of the loop between two looks at the real files, of which there is one: the pipe that signals wake."""

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

    Turns and timers are its own. Those of asyncio look at files, threads and debugging flags at each step, which nobody needs
    here, and compare timers in Python.
    """

    # What asyncio puts there itself is what signals wake.
    _ready: deque[asyncio.Handle]
    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        # When, which of those of one moment, what.
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timers_made = 0
        self._timers_cancelled = 0

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def call_soon(
        self, callback: Callable[[*Arguments], object], *args: *Arguments, context: Context | None = None
    ) -> asyncio.Handle:
        """See `asyncio.AbstractEventLoop`."""
        handle = _Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[[*Arguments], object], *args: *Arguments, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See `asyncio.AbstractEventLoop`."""
        when = self._now + delay
        timer = _TimerHandle(when, callback, args, self, context)
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, timer))
        return timer

    def call_at(
        self, when: float, callback: Callable[[*Arguments], object], *args: *Arguments, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See `asyncio.AbstractEventLoop`."""
        timer = _TimerHandle(when, callback, args, self, context)
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, timer))
        return timer

    def _timer_handle_cancelled(self, handle: Any) -> None:
        # A deadline that was met stays in the heap until it would have been due: hours, for some.
        self._timers_cancelled += handle._scheduled
        if self._timers_cancelled > 1000 and 2 * self._timers_cancelled > len(self._timers):
            # In place: the loop has the list in its hands.
            self._timers[:] = [timer for timer in self._timers if not (timer[2].cancelled() or timer[2] is handle)]
            heapq.heapify(self._timers)
            self._timers_cancelled = 0

    def _run_once(self) -> None:
        """Turns, each of what is ready or else of what is due next, until it is time for a look at the real files."""
        ready, timers, heappop = self._ready, self._timers, heapq.heappop
        handle: Any
        for _ in range(POLL_EVERY):
            if not ready and not self._stopping:
                self._jump()
            now = self._now
            while timers and timers[0][0] <= now:
                handle = heappop(timers)[2]
                handle._scheduled = False
                ready.append(handle)
            # What these make ready is for the next turn.
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle._cancelled:
                    try:
                        handle._context.run(handle._callback, *handle._args)
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:
                        message = f"Exception in callback {handle._callback}"
                        self.call_exception_handler({"message": message, "exception": error, "handle": handle})
            if self._stopping:
                return
        self._poll()

    def _jump(self) -> None:
        """Move the clock to the next timer."""
        timers = self._timers
        while timers:
            when, _, handle = timers[0]
            if not handle._cancelled:
                if when > self._now:
                    self._now = when
                return
            heapq.heappop(timers)
            self._timers_cancelled = max(0, self._timers_cancelled - 1)
        self._poll()
        if not self._ready:
            raise Deadlock("the simulation waits for something that will never happen")

    def _poll(self) -> None:
        """Look at the real files."""
        asyncio_own: Any = self
        asyncio_own._process_events(asyncio_own._selector.select(0))


class _Handle(asyncio.Handle):
    """Made without a look at whether anybody debugs."""

    __slots__ = ()

    def __init__(
        self, callback: Callable[..., object], args: tuple[Any, ...], loop: VirtualLoop, context: Context | None
    ) -> None:
        self._callback: Any = callback
        self._args: Any = args
        self._loop: Any = loop
        self._context: Any = copy_context() if context is None else context
        self._cancelled: Any = False
        self._source_traceback: Any = None
        self._repr: Any = None


class _TimerHandle(asyncio.TimerHandle):
    """As `_Handle`."""

    __slots__ = ()

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: VirtualLoop,
        context: Context | None,
    ) -> None:
        self._when: Any = when
        self._scheduled: Any = True
        self._callback: Any = callback
        self._args: Any = args
        self._loop: Any = loop
        self._context: Any = copy_context() if context is None else context
        self._cancelled: Any = False
        self._source_traceback: Any = None
        self._repr: Any = None

    def cancel(self) -> None:
        """See `asyncio.TimerHandle`."""
        if not self._cancelled:
            self._cancelled = True
            self._callback = self._args = None
            self._loop._timer_handle_cancelled(self)


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
