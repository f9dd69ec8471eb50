"""A cache of one resource that lags behind the API server, as every controller's does.

Events arrive in order, each after a lag of its own, so what a controller acts on is a past state of the cluster; caches of
different resources are past by different amounts. That is where legal staleness comes from.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.interface import Api, EventType, Json, OnEvent

Key = tuple[str, str]
"""(namespace, name)"""


class Informer:
    """The objects of one resource as they were a moment ago: `objects`, by key. What it holds must not be changed.

    `rv` is the version up to which everything is in the cache.

    While `frozen` is set nothing arrives; what happened meanwhile comes afterwards, in order.
    """

    def __init__(self, api: Api, resource: str, lag: Callable[[], float], on_event: OnEvent | None = None) -> None:
        """Tell `on_event` of each change once it is in the cache; `lag` draws the seconds that an event takes."""
        self.objects: dict[Key, Json] = {}
        self.synced = False
        self.rv = 0
        self._api = api
        self._resource = resource
        self._lag = lag
        self._on_event = on_event
        self._arriving: deque[tuple[float, EventType, Json]] = deque()
        self._loop: asyncio.AbstractEventLoop
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._failed = anyio.Event()
        self._frozen = False

    @property
    def frozen(self) -> bool:
        """Whether events are held back."""
        return self._frozen

    @frozen.setter
    def frozen(self, value: bool) -> None:
        self._frozen = value
        self._wait()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """List, then follow, until cancelled. Started when the list is in the cache."""
        self._loop = asyncio.get_running_loop()
        listing = self._api.list(self._resource)
        for item in listing.items:
            self._apply("ADDED", item)
        self.synced = True
        self.rv = listing.rv
        end = self._api.watch(self._resource, self._receive, since=listing.rv)
        task_status.started()
        try:
            await self._failed.wait()
            assert self._error is not None
            raise self._error
        finally:
            end()
            self._frozen = True
            self._wait()

    def _receive(self, kind: EventType, item: Json) -> None:
        due = self._loop.time() + self._lag()
        if self._arriving:
            self._arriving.append((max(due, self._arriving[-1][0]), kind, item))
            return
        self._arriving.append((due, kind, item))
        if not self._frozen:
            self._timer = self._loop.call_at(due, self._arrive)

    def _wait(self) -> None:
        """Set the timer for what comes next.

        A timer of the loop and no task: hundreds of thousands of events arrive in a simulated hour, each by itself.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._arriving and not self._frozen:
            self._timer = self._loop.call_at(self._arriving[0][0], self._arrive)

    def _arrive(self) -> None:
        """Apply everything that is due."""
        self._timer = None
        arriving = self._arriving
        try:
            now = self._loop.time()
            while arriving and arriving[0][0] <= now and not self._frozen:
                _, kind, item = arriving.popleft()
                self._apply(kind, item)
        except Exception as error:
            self._error = error
            self._failed.set()
        else:
            if arriving:
                self._wait()

    def _apply(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        self.rv = max(self.rv, int(meta["resourceVersion"]))
        key = (meta.get("namespace", ""), meta["name"])
        if kind == "DELETED":
            self.objects.pop(key, None)
        else:
            self.objects[key] = item
        if self._on_event is not None:
            self._on_event(kind, item)
