"""aiohttp over memory: requests, streams, WebSockets, flow control and every way to end a connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from chaos.embedded.virtual import MemoryConnector, run

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Client = Callable[[aiohttp.ClientSession], Awaitable[Any]]

URL = "http://cluster"


def talk(handler: Handler, client: Client) -> Any:
    """What `client` returns, talking to `handler` in virtual time."""

    async def main() -> Any:
        server = web.Server(handler)
        async with aiohttp.ClientSession(connector=MemoryConnector(server)) as session:
            result = await client(session)
        await server.shutdown()
        return result

    return run(main)


def test_a_request_is_answered_in_no_time() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(text=f"{request.method} {request.path} {(await request.text())}")

    async def client(session: aiohttp.ClientSession) -> tuple[str, float]:
        async with session.post(f"{URL}/pods", data="x") as answer:
            return await answer.text(), anyio.current_time()

    assert talk(handler, client) == ("POST /pods x", 0)


def test_a_connection_is_used_again() -> None:
    seen: list[int] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(id(request.transport))
        return web.Response()

    async def client(session: aiohttp.ClientSession) -> None:
        for _ in range(3):
            async with session.get(URL) as answer:
                await answer.read()

    talk(handler, client)

    assert len(set(seen)) == 1


def test_a_stream_arrives_piece_by_piece_at_its_time() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for number in range(3):
            await anyio.sleep(10)
            await response.write(f"{number}\n".encode())
        return response

    async def client(session: aiohttp.ClientSession) -> list[tuple[float, bytes]]:
        async with session.get(URL) as answer:
            return [(anyio.current_time(), line) async for line in answer.content]

    assert talk(handler, client) == [(10, b"0\n"), (20, b"1\n"), (30, b"2\n")]


def test_a_slow_reader_slows_the_writer_and_gets_everything() -> None:
    written: list[float] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(40):
            await response.write(b"x" * 100_000)
            written.append(anyio.current_time())
        return response

    async def client(session: aiohttp.ClientSession) -> int:
        size = 0
        async with session.get(URL) as answer:
            async for piece in answer.content.iter_chunked(100_000):
                size += len(piece)
                await anyio.sleep(1)
        return size

    assert talk(handler, client) == 4_000_000
    assert written[-1] > 20


def test_a_websocket_talks_both_ways_and_closes() -> None:
    async def handler(request: web.BaseRequest) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data.upper())
            if message.data == "end":
                await socket.close()
        return socket

    async def client(session: aiohttp.ClientSession) -> list[str]:
        async with session.ws_connect(URL) as socket:
            await socket.send_str("a")
            await socket.send_str("end")
            return [message.data async for message in socket]

    assert talk(handler, client) == ["A", "END"]


def test_a_server_that_cuts_the_connection_is_seen() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"half")
        await anyio.sleep(1)
        assert request.transport is not None
        request.transport.abort()
        return response

    async def client(session: aiohttp.ClientSession) -> bytes:
        async with session.get(URL) as answer:
            return await answer.read()

    with pytest.raises(aiohttp.ClientPayloadError):
        talk(handler, client)


def test_a_client_that_leaves_is_seen() -> None:
    left: list[float] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"tick\n")
                await anyio.sleep(1)
        except ConnectionResetError:
            left.append(anyio.current_time())
            raise

    async def client(session: aiohttp.ClientSession) -> None:
        async with session.get(URL) as answer:
            await answer.content.readline()
        await anyio.sleep(30)

    talk(handler, client)

    assert len(left) == 1
    assert left[0] <= 2


def test_the_end_of_what_is_sent_can_be_told_while_still_receiving() -> None:
    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport
            self.received = b""

        def data_received(self, data: bytes) -> None:
            self.received += data

        def eof_received(self) -> bool:
            self.transport.write(self.received[::-1])
            self.transport.close()
            return True

    class Asker(Echo):
        def __init__(self) -> None:
            self.lost = anyio.Event()

        def connection_lost(self, exc: Exception | None) -> None:
            self.lost.set()

    async def main() -> bytes:
        from chaos.embedded.virtual.pipe import join

        asker = Asker()
        join(asyncio.get_running_loop(), asker, Echo())
        asker.transport.write(b"abc")
        asker.transport.write_eof()
        await asker.lost.wait()
        return asker.received

    assert run(main) == b"cba"
