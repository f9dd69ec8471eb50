"""HTTP without a network: an aiohttp connector whose connections end in a server of the same process."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.client_proto import ResponseHandler

from chaos.embedded.virtual.pipe import join

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.tracing import Trace


class MemoryConnector(aiohttp.BaseConnector):
    """Connects every request to `server`, which makes one protocol per connection: an `aiohttp.web.Server`.

    `_create_connection` and `_factory` are aiohttp's own names (aiohttp 3.14, connector.py): a test holds them to it.
    """

    def __init__(self, server: Callable[[], asyncio.Protocol]) -> None:
        # With a limit aiohttp would wake its waiters in random order.
        super().__init__(limit=0)
        self._server = server

    async def _create_connection(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> ResponseHandler:
        client: ResponseHandler = self._factory()
        join(self._loop, client, self._server())
        return client
