"""The embedded cluster as a target: in virtual time, over connections in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import anyio

from chaos import time
from chaos.cluster.rest import Kube, Server
from chaos.embedded.cluster import EmbeddedCluster, Settings
from chaos.embedded.virtual import MemoryConnector

URL = "http://embedded"
READ_BUFFER = 2**20


@asynccontextmanager
async def connect(seed: int) -> AsyncIterator[Kube]:
    """A client for a fresh cluster, whose every draw depends on the seed; it goes with the context."""
    cluster = EmbeddedCluster(time.virtual, Settings(seed))
    async with anyio.create_task_group() as group:
        await group.start(cluster.run)
        connector = MemoryConnector(cluster.edge.server())
        async with aiohttp.ClientSession(connector=connector, read_bufsize=READ_BUFFER) as session:
            yield Kube(session, Server(URL))
        group.cancel_scope.cancel()
