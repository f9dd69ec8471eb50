"""The edge on a socket of this machine, and nowhere else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from chaos.embedded.http.edge import Edge

LOOPBACK = "127.0.0.1"
END_S = 1.0
"""How long clients that are being answered are waited for at the end: a watch would go on for half an hour."""


@asynccontextmanager
async def listening(edge: Edge, port: int = 0) -> AsyncIterator[int]:
    """Listen on the loopback address until the context is left; the port, a free one for 0.

    Raises:
        OSError: the port is taken.
    """
    runner = web.ServerRunner(edge.server(), shutdown_timeout=END_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
