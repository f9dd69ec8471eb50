"""A work queue: a key waits in it once, is worked on by one worker at a time, and comes back later after an error.

Facts: k8s.io/client-go 0.37 util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import anyio

from chaos.embedded.waiting import Bell

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """Keys that are to be worked on, in the order in which they came."""

    def __init__(self, first_s: float = 0.005, longest_s: float = 1000.0) -> None:
        """`first_s` is the pause after a key's first error, which doubles with each, up to `longest_s`."""
        self._first_s = first_s
        self._longest_s = longest_s
        # Dicts, since they keep their order.
        self._waiting: dict[K, None] = {}
        self._working: dict[K, None] = {}
        self._again: dict[K, None] = {}
        self._failures: dict[K, int] = {}
        self._idle: deque[Bell] = deque()
        self._timers: dict[K, asyncio.TimerHandle] = {}

    def add(self, key: K) -> None:
        """Have a key worked on; one that is being worked on comes again afterwards."""
        if key in self._working:
            self._again[key] = None
        elif key not in self._waiting:
            self._waiting[key] = None
            # One worker for one key: to wake all of them would cost more than most of the work.
            if self._idle:
                self._idle.popleft().ring()

    def add_after(self, key: K, seconds: float) -> None:
        """Have a key worked on later; of several such wishes the earliest counts."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= due:
                return
            timer.cancel()
        self._timers[key] = loop.call_at(due, self._add_now, key)

    async def run(self, work: Callable[[K], Awaitable[bool]], workers: int) -> None:
        """Work on keys until cancelled. `work` gives whether it is done; a key that is not comes back after a pause."""
        try:
            async with anyio.create_task_group() as group:
                for _ in range(workers):
                    group.start_soon(self._worker, work)
        finally:
            for timer in self._timers.values():
                timer.cancel()

    async def _worker(self, work: Callable[[K], Awaitable[bool]]) -> None:
        bell = Bell()
        while True:
            while not self._waiting:
                self._idle.append(bell)
                await bell.rung()
            key = next(iter(self._waiting))
            del self._waiting[key]
            self._working[key] = None
            done = await work(key)
            del self._working[key]
            if done:
                self._failures.pop(key, None)
            else:
                failures = self._failures.get(key, 0)
                self._failures[key] = failures + 1
                self.add_after(key, min(self._first_s * 2.0 ** min(failures, 60), self._longest_s))
            if key in self._again:
                del self._again[key]
                self.add(key)

    def _add_now(self, key: K) -> None:
        del self._timers[key]
        self.add(key)
