"""Coroutines of a shell that run beside others, or under a time limit, without a task of their own.

A lookup in a probe pod is a background job under `timeout`: a task with its cancel scopes would cost more than all that it runs.
What a script awaits is futures and pauses, which need no task.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

Pending = Coroutine[Any, Any, int]


class Strand:
    """Runs a coroutine until it ends or is killed. Whoever makes one sees to that."""

    __slots__ = ("_ended", "_is_over", "_pending", "_waits_for")

    def __init__(self, pending: Pending, ended: Callable[[BaseException | None], None]) -> None:
        """`ended` is called in the end, with the error if one ended it, but not after `kill`."""
        self._pending = pending
        self._ended = ended
        self._waits_for: Any = None
        self._is_over = False

    def start(self) -> None:
        """Run up to where it first waits."""
        self._step(None)

    def kill(self) -> None:
        """End it where it is."""
        if not self._is_over:
            self._is_over = True
            self._pending.close()
            self._waits_for.cancel()

    def _step(self, _: Any) -> None:
        if self._is_over:
            return
        try:
            self._waits_for = waits_for = self._pending.send(None)
        except StopIteration:
            self._end(None)
        except BaseException as error:
            self._end(error)
        else:
            # As asyncio's own tasks do (Lib/asyncio/tasks.py).
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(self._step)

    def _end(self, error: BaseException | None) -> None:
        self._is_over = True
        self._ended(error)


class Limited:
    """Runs a coroutine as part of the one that awaits this, but not for longer than some seconds."""

    __slots__ = ("_is_late", "_pending", "_seconds", "_waits_for")

    def __init__(self, pending: Pending, seconds: float) -> None:
        self._pending = pending
        self._seconds = seconds
        self._waits_for: Any = None
        self._is_late = False

    def __await__(self) -> Generator[Any, Any, int | None]:
        """What it gives; None if it was late."""
        timer = asyncio.get_running_loop().call_later(self._seconds, self._be_late)
        pending = self._pending
        try:
            self._waits_for = pending.send(None)
            while True:
                try:
                    yield self._waits_for
                except GeneratorExit:
                    pending.close()
                    raise
                except BaseException as error:
                    self._waits_for = pending.throw(error)
                else:
                    self._waits_for = pending.send(None)
        except StopIteration as ended:
            return int(ended.value)
        except asyncio.CancelledError:
            if self._is_late:
                return None
            raise
        finally:
            timer.cancel()

    def _be_late(self) -> None:
        self._is_late = True
        self._waits_for.cancel()
