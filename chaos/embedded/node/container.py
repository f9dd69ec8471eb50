"""One run of a container, as its commands see it: files, variables, names, and pages of others."""

import datetime
from collections.abc import AsyncIterator, Mapping, Sequence

from chaos.embedded.interface import Json, Now, Streams
from chaos.embedded.node.files import Files
from chaos.embedded.node.log import Log
from chaos.embedded.node.network import Network
from chaos.embedded.node.programs.program import Program
from chaos.embedded.node.resolving import ADDRESS, Dns, Resolver
from chaos.embedded.shell import Fetched, Process, Resolved

LOOPBACK = "127.0.0.1"


class Container:
    """Implements `chaos.embedded.shell.Environment`. `log` is what its program printed."""

    nameserver = ADDRESS

    def __init__(
        self,
        spec: Json,
        files: Files,
        variables: Mapping[str, str],
        hosts: Mapping[str, str],
        address: str,
        resolver: Resolver,
        dns: Dns,
        network: Network,
        now: Now,
    ) -> None:
        """`hosts` are the names that need no DNS."""
        self.spec = spec
        self.files = files
        self.variables = variables
        self.address = address
        self.network = network
        self.hostname = variables["HOSTNAME"]
        self.program: Program | None = None
        self.log = Log(now)
        self._hosts = hosts
        self._resolver = resolver
        self._dns = dns
        self._now = now
        self._processes: list[Process] = []

    def now(self) -> datetime.datetime:
        """See `Environment`."""
        return self._now()

    def signal(self, name: str) -> None:
        """See `Environment`."""
        if self.program is not None:
            self.program.signal(name)

    async def resolve(self, name: str, server: str = "") -> Resolved:
        """See `Environment`."""
        if name in self._hosts:
            return Resolved("NOERROR", (self._hosts[name],), name)
        return await self._dns.resolve(name, self._resolver, server)

    async def fetch(self, address: str, port: int, path: str, host: str) -> Fetched:
        """See `Environment`."""
        return await self.network.fetch(self.address if address == LOOPBACK else address, port, path)

    async def execute(self, command: Sequence[str], streams: Streams) -> int:
        """Run one more command in it; its exit code, 137 if it was killed with the container.

        Raises:
            NoSuchProgram: there is no such executable.
        """
        process = Process(command, self)
        self._processes.append(process)
        try:
            return await process.run(streams)
        finally:
            self._processes.remove(process)

    def end(self) -> None:
        """Kill what still runs in it."""
        for process in list(self._processes):
            process.signal("KILL")


def quiet() -> Streams:
    """For a command that is given nothing and whose output nobody reads."""
    return Streams(nothing(), _ignore, _ignore)


async def nothing() -> AsyncIterator[bytes]:
    """A standard input that is at its end."""
    empty: tuple[bytes, ...] = ()
    for data in empty:
        yield data


def _ignore(data: bytes) -> None:
    """Nobody reads it."""
