"""A client of the edge over memory, in virtual time."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import anyio

from chaos import chance, time
from chaos.embedded.api import ApiServer
from chaos.embedded.http import Edge, EdgeFaults
from chaos.embedded.interface import ApiError, Streams
from chaos.embedded.node.log import Log
from chaos.embedded.virtual import MemoryConnector, run
from tests.embedded.server import server

T = TypeVar("T")


class Echo:
    """A kubelet whose only command gives its input back, after its arguments, and exits with their number; all logs are `log`."""

    def __init__(self) -> None:
        self.log = Log(time.virtual)

    def check(self, namespace: str, pod: str, container: str, command: list[str]) -> None:
        if pod != "web-0":
            raise ApiError(404, "NotFound", f'pods "{pod}" not found')

    async def exec(self, namespace: str, pod: str, container: str, command: list[str], streams: Streams) -> int:
        streams.stdout(" ".join(command).encode())
        async for data in streams.stdin:
            streams.stderr(data)
        return len(command)

    def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Log:
        return self.log


class World:
    """The API behind the edge, its faults, and a session that talks to it."""

    def __init__(self, session: aiohttp.ClientSession, api: ApiServer, faults: EdgeFaults, kubelet: Echo) -> None:
        self.session = session
        self.kubelet = kubelet
        self.api = api
        self.faults = faults

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        async with self.session.request(method, f"http://k{path}", **more) as answer:
            return answer.status, await answer.json(content_type=None)


def talk(client: Callable[[World], Awaitable[T]]) -> T:
    """What `client` returns."""

    async def main() -> T:
        api, faults = server(time.virtual), EdgeFaults(chance.stream(1, "faults"))  # type: ignore[arg-type]
        kubelet = Echo()
        web = Edge(api, kubelet, faults, time.virtual).server()  # type: ignore[arg-type]
        async with aiohttp.ClientSession(connector=MemoryConnector(web)) as session:
            with anyio.fail_after(10_000):
                return await client(World(session, api, faults, kubelet))

    return run(main)
