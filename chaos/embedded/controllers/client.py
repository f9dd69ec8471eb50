"""How a controller writes: every request takes its time, so that others act in between."""

from collections.abc import Callable
from typing import Any

from chaos.embedded.controllers.gate import Gate
from chaos.embedded.interface import Api, ApiError, Json, PatchType, Propagation
from chaos.embedded.waiting import Pause


class Client:
    """The API's verbs as one user; each waits for a drawn latency first, and for a `Gate` that is shut."""

    def __init__(self, api: Api, user: str, latency: Callable[[], float]) -> None:
        self._api = api
        self._user = user
        self._latency = latency
        self._gate = api if isinstance(api, Gate) else None

    async def get(self, resource: str, namespace: str, name: str) -> Json:
        """The object as it is now, past every cache."""
        await self._travel()
        return self._api.get(resource, namespace, name)

    async def list(self, resource: str, namespace: str = "") -> tuple[Json, ...]:
        """All objects as they are now, past every cache."""
        await self._travel()
        return self._api.list(resource, namespace).items

    async def create(self, resource: str, namespace: str, body: Json, *, subresource: str = "", name: str = "") -> Json:
        """See `Api.create`."""
        await self._travel()
        return self._api.create(resource, namespace, body, user=self._user, subresource=subresource, name=name)

    async def update(self, resource: str, body: Json, *, subresource: str = "") -> Json:
        """See `Api.update`; the object says what it is."""
        await self._travel()
        meta = body["metadata"]
        return self._api.update(
            resource, meta.get("namespace", ""), meta["name"], body, user=self._user, subresource=subresource
        )

    async def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        kind: PatchType = "strategic",
        *,
        subresource: str = "",
    ) -> Json:
        """See `Api.patch`."""
        await self._travel()
        return self._api.patch(resource, namespace, name, body, kind, user=self._user, subresource=subresource)

    async def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        rv: str | None = None,
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        """See `Api.delete`."""
        await self._travel()
        return self._api.delete(
            resource, namespace, name, user=self._user, uid=uid, rv=rv, grace_s=grace_s, propagation=propagation
        )

    async def delete_all(self, resource: str, namespace: str, *, propagation: Propagation | None = None) -> None:
        """Delete every object of a namespace in one request, by name."""
        await self._travel()
        for item in self._api.list(resource, namespace).items:
            try:
                name = item["metadata"]["name"]
                self._api.delete(resource, namespace, name, user=self._user, propagation=propagation)
            except ApiError as error:
                # One went with another.
                if error.status != 404:
                    raise

    async def _travel(self) -> None:
        gate = self._gate
        await Pause(self._latency() + (gate.slow_s if gate is not None else 0.0))
        if gate is not None and gate.is_shut:
            await gate.passed()
