"""Events last for an hour, as etcd's leases make them do (kube-apiserver's --event-ttl); the hour begins anew with each write."""

import heapq
from contextlib import suppress

import anyio

from chaos.embedded.api.server import ITSELF
from chaos.embedded.interface import Api, ApiError, EventType, Json

LASTS_S = 3600.0
EVERY_S = 60.0


class EventExpiry:
    """Removes events that nobody has written for an hour, until it is cancelled."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._due: list[tuple[float, str, str, str]] = []

    async def run(self) -> None:
        """Look every minute."""
        end = self._api.watch("events", self._changed, since=self._api.list("events").rv)
        try:
            while True:
                await anyio.sleep(EVERY_S)
                self._expire(anyio.current_time())
        finally:
            end()

    def _changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED":
            meta = item["metadata"]
            due = anyio.current_time() + LASTS_S
            heapq.heappush(self._due, (due, meta["namespace"], meta["name"], meta["resourceVersion"]))

    def _expire(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            _, namespace, name, version = heapq.heappop(self._due)
            # One that was written again meanwhile, or is gone, is not of this version any more.
            with suppress(ApiError):
                self._api.delete("events", namespace, name, user=ITSELF, rv=version)
