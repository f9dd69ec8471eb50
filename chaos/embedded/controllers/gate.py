"""The API as a process sees it that can be stopped like one that was sent SIGSTOP: it sees nothing and does nothing."""

from collections import deque
from collections.abc import Callable
from typing import Any

import anyio

from chaos.embedded.interface import Api, EventType, Json, Listing, OnEvent, PatchType, Propagation


class Gate:
    """Implements `Api`. While it is shut, events wait in order and a `Client` waits before its next request.

    `is_shut` tells whether nothing passes; `slow_s` is what every request of a `Client` takes longer.
    """

    def __init__(self, api: Api) -> None:
        """Pass everything on to `api`; open at first."""
        self.slow_s = 0.0
        self._api = api
        self.is_shut = False
        self._opened = anyio.Event()
        self._held: deque[tuple[_Ear, EventType, Json]] = deque()

    def shut(self) -> None:
        """Let nothing through any more."""
        if not self.is_shut:
            self.is_shut = True
            self._opened = anyio.Event()

    def open(self) -> None:
        """Let everything through; what happened meanwhile is told now, in order."""
        self.is_shut = False
        self._opened.set()
        while self._held:
            ear, kind, item = self._held.popleft()
            if ear.listens:
                ear.on_event(kind, item)

    async def passed(self) -> None:
        """Wait until the gate is open."""
        while self.is_shut:
            await self._opened.wait()

    def get(self, resource: str, namespace: str, name: str, *, subresource: str = "") -> Json:
        """See `Api.get`."""
        return self._api.get(resource, namespace, name, subresource=subresource)

    def list(self, resource: str, namespace: str = "") -> Listing:
        """See `Api.list`."""
        return self._api.list(resource, namespace)

    def list_at(self, resource: str, rv: int) -> tuple[Json, ...]:
        """See `Api.list_at`."""
        return self._api.list_at(resource, rv)

    def rehearsal(self) -> Api:
        """See `Api.rehearsal`."""
        return self._api.rehearsal()

    def create(
        self,
        resource: str,
        namespace: str,
        body: Json,
        *,
        user: str,
        subresource: str = "",
        name: str = "",
        manager: str = "",
    ) -> Json:
        """See `Api.create`."""
        return self._api.create(
            resource, namespace, body, user=user, subresource=subresource, name=name, manager=manager
        )

    def update(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Json,
        *,
        user: str,
        subresource: str = "",
        manager: str = "",
    ) -> Json:
        """See `Api.update`."""
        return self._api.update(resource, namespace, name, body, user=user, subresource=subresource, manager=manager)

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType,
        *,
        user: str,
        subresource: str = "",
        manager: str = "",
        force: bool = False,
    ) -> Json:
        """See `Api.patch`."""
        return self._api.patch(
            resource,
            namespace,
            name,
            body,
            patch_type,
            user=user,
            subresource=subresource,
            manager=manager,
            force=force,
        )

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        user: str,
        uid: str | None = None,
        rv: str | None = None,
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        """See `Api.delete`."""
        return self._api.delete(
            resource, namespace, name, user=user, uid=uid, rv=rv, grace_s=grace_s, propagation=propagation
        )

    def watch(self, resource: str, on_event: OnEvent, *, since: int) -> Callable[[], None]:
        """See `Api.watch`; events that come while the gate is shut are told when it opens."""
        ear = _Ear(on_event)

        def hear(kind: EventType, item: Json) -> None:
            if self.is_shut:
                self._held.append((ear, kind, item))
            else:
                on_event(kind, item)

        end = self._api.watch(resource, hear, since=since)

        def stop() -> None:
            ear.listens = False
            end()

        return stop


class _Ear:
    """Who is told, until it wants to hear no more."""

    def __init__(self, on_event: OnEvent) -> None:
        self.on_event = on_event
        self.listens = True
