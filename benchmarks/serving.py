"""What the served API server answers on one core: `python -m benchmarks.serving`.

The server is a process of its own on the first core, with no controllers for what is created; the clients are on the last.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from timeit import default_timer

import msgspec
import yaml

CONNECTIONS = 8
REQUESTS = 12_000
CREATES = 6_000
CHANGES = 1_500
WATCHERS = 20
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def main() -> None:
    """Serve, ask, and print the rates."""
    with tempfile.TemporaryDirectory() as place:
        kubeconfig = Path(place) / "kubeconfig"
        command = [sys.executable, "-m", "chaos", "serve", "--kubeconfig-out", str(kubeconfig), "--seed", "1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            try:
                # It says where it listens once it does.
                server.stdout.readline()
                cores = sorted(os.sched_getaffinity(0))
                os.sched_setaffinity(server.pid, {cores[0]})
                os.sched_setaffinity(0, {cores[-1]})
                url = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
                asyncio.run(_measure(int(url.rpartition(":")[2])))
            finally:
                server.terminate()


async def _measure(port: int) -> None:
    async with _connected(port, 1) as (first,):
        await _ask(first, _request("POST", CONFIG_MAPS, _config_map("seen")))
    got = _request("GET", f"{CONFIG_MAPS}/seen")
    print(f"small GETs        {await _rate(port, REQUESTS, lambda number: got):>8.0f} /s")
    create = await _rate(port, CREATES, lambda number: _request("POST", CONFIG_MAPS, _config_map(f"made-{number}")))
    print(f"creates           {create:>8.0f} /s")
    print(f"events delivered  {await _events(port):>8.0f} /s to {WATCHERS} watchers")


async def _rate(port: int, count: int, request: Callable[[int], bytes]) -> float:
    """Requests per second over all connections, one after another on each."""
    async with _connected(port, CONNECTIONS) as connections:
        began = default_timer()

        async def work(connection: Connection, which: int) -> None:
            for number in range(which, count, CONNECTIONS):
                await _ask(connection, request(number))

        await asyncio.gather(*(work(each, which) for which, each in enumerate(connections)))
        return count / (default_timer() - began)


async def _events(port: int) -> float:
    """Events per second that all watchers together receive of objects being patched."""
    watch = _request("GET", f"{CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dseen")
    async with _connected(port, WATCHERS) as watchers, _connected(port, 1) as (writer,):
        for _, out in watchers:
            out.write(watch)
        for source, _ in watchers:
            await source.readuntil(b"seen")

        async def follow(connection: Connection) -> None:
            data = b""
            while b'"tick":"end"' not in data:
                data = data[-20:] + await connection[0].read(1 << 20)

        began = default_timer()

        async def write() -> None:
            for number in range(CHANGES):
                tick = "end" if number == CHANGES - 1 else str(number)
                body = msgspec.json.encode({"data": {"tick": tick}})
                await _ask(writer, _request("PATCH", f"{CONFIG_MAPS}/seen", body, "application/merge-patch+json"))

        await asyncio.gather(write(), *(follow(each) for each in watchers))
        return CHANGES * WATCHERS / (default_timer() - began)


@asynccontextmanager
async def _connected(port: int, count: int) -> AsyncIterator[list[Connection]]:
    made = [await asyncio.open_connection("127.0.0.1", port, limit=1 << 24) for _ in range(count)]
    try:
        yield made
    finally:
        for _, out in made:
            out.close()


def _config_map(name: str) -> bytes:
    return msgspec.json.encode(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"tick": "0"}}
    )


def _request(verb: str, path: str, body: bytes = b"", content: str = "application/json") -> bytes:
    head = (
        f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _ask(connection: Connection, request: bytes) -> None:
    """Send a request and take its answer in.

    Raises:
        RuntimeError: it was refused.
    """
    source, out = connection
    out.write(request)
    head = (await source.readuntil(b"\r\n\r\n")).lower()
    if head[9:10] != b"2":
        raise RuntimeError(head.decode())
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await source.readexactly(int(length))


if __name__ == "__main__":
    main()
