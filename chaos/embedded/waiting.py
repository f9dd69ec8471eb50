"""Waiting, made cheap: a cluster waits hundreds of thousands of times in a simulated hour.

anyio's own sleep is a future, a timer that sets it and a turn of the loop that then wakes the task; its events ask each time
which library runs. What is here waits as part of an anyio task all the same, and is cancelled with it.
"""

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

Woken = Callable[[Any], object]


class Pause:
    """A stretch of time, which is awaited once. The loop's timer itself wakes the task."""

    __slots__ = ("_asyncio_future_blocking", "_loop", "_message", "_timer", "_woken", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._asyncio_future_blocking = False
        self._timer: asyncio.TimerHandle | None = None
        self._woken: tuple[Woken, Context | None] | None = None
        self._message: Any = _NOT_CANCELLED

    def __await__(self) -> Generator["Pause", None, None]:
        # What asyncio's tasks ask of a future (Lib/asyncio/futures.py, "Future-compatible"): this flag, `_loop`,
        # `add_done_callback`, `result` and `cancel`.
        self._asyncio_future_blocking = True
        yield self
        self.result()

    def add_done_callback(self, woken: Woken, *, context: Context | None = None) -> None:
        """Begin: from now on the time passes."""
        self._woken = woken, context
        self._timer = self._loop.call_later(self.seconds, woken, self, context=context)

    def result(self) -> None:
        """Nothing, once the time is over.

        Raises:
            CancelledError: it was cancelled.
        """
        if self._message is not _NOT_CANCELLED:
            raise asyncio.CancelledError(*(() if self._message is None else (self._message,)))

    def cancel(self, msg: Any = None) -> bool:
        """End it early; whether that was news."""
        if self._timer is None or self._woken is None or self._message is not _NOT_CANCELLED:
            return False
        self._timer.cancel()
        self._message = msg
        woken, context = self._woken
        self._loop.call_soon(woken, self, context=context)
        return True


_NOT_CANCELLED = object()


class Bell:
    """Wakes whoever waits for it, once, when it is rung; a ring that nobody waits for is lost."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the one who waits."""
        waiting = self._waiting
        if waiting is not None:
            self._waiting = None
            if not waiting.done():
                waiting.set_result(None)

    async def rung(self) -> None:
        """Wait for the next ring. Only one waits at a time."""
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting
