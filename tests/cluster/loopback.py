"""A scripted API server on loopback, and a client for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from chaos.cluster.rest import Kube, Server

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """The URL of a server that answers every request with `handler`."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield site.name if not site.name.endswith(":0") else f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(url: str, *, timeout_s: float = 5.0, silence_s: float = 5.0) -> AsyncIterator[Kube]:
    """A client with its own session."""
    async with aiohttp.ClientSession() as session:
        yield Kube(session, Server(url), timeout_s=timeout_s, silence_s=silence_s)


@asynccontextmanager
async def api(handler: Handler, *, timeout_s: float = 5.0, silence_s: float = 5.0) -> AsyncIterator[Kube]:
    """A client for a server that answers with `handler`."""
    async with listening(handler) as url, client(url, timeout_s=timeout_s, silence_s=silence_s) as kube:
        yield kube


def answering(status: int, text: str, content_type: str = "application/json") -> Handler:
    """A handler that always says the same."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=content_type)

    return handler


def status(code: int, reason: str, message: str) -> str:
    """A Kubernetes Status as JSON."""
    return f'{{"kind":"Status","status":"Failure","code":{code},"reason":"{reason}","message":"{message}"}}'
