"""What runs in containers: a web server, a shell, or something that only waits."""

import datetime
import random
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import anyio

from chaos.embedded.interface import Json, Now, Streams
from chaos.embedded.node.dns import ADDRESS, Dns
from chaos.embedded.node.files import Files
from chaos.embedded.node.network import Network
from chaos.embedded.shell import Fetched, Process, Resolved

ROOT = "/usr/share/nginx/html"
INDEX = b"<!DOCTYPE html>\n<title>Welcome to nginx!</title>\n"

STOPPING_S = 0.02, 0.12
"""How long nginx takes to stop."""


class Program(Protocol):
    """The first process of a container."""

    async def run(self) -> int:
        """Run to the end; the exit code."""

    def signal(self, name: str) -> None:
        """Send TERM or KILL."""


class Container:
    """A container as its commands see it; implements `chaos.embedded.shell.Environment`."""

    def __init__(self, pod: Json, spec: Json, files: Files, address: str, network: Network, dns: Dns, now: Now) -> None:
        self.pod = pod
        self.spec = spec
        self.files = files
        self.address = address
        self.network = network
        self.nameserver = ADDRESS
        self.hostname = str(pod["spec"].get("hostname") or pod["metadata"]["name"])
        self.variables = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOSTNAME": self.hostname,
            **{each["name"]: str(each.get("value", "")) for each in spec.get("env") or ()},
        }
        self.program: Program | None = None
        self.log: list[bytes] = []
        self._dns = dns
        self._now = now

    def now(self) -> datetime.datetime:
        """See `Environment`."""
        return self._now()

    def signal(self, name: str) -> None:
        """See `Environment`."""
        if self.program is not None:
            self.program.signal(name)

    async def resolve(self, name: str) -> Resolved:
        """See `Environment`."""
        return await self._dns.resolve(name, self.pod["metadata"]["namespace"])

    async def fetch(self, address: str, port: int, path: str, host: str) -> Fetched:
        """See `Environment`."""
        return await self.network.fetch(address, port, path)


def program_for(container: Container, draws: random.Random) -> Program:
    """What a container of this image and command runs.

    Raises:
        NoSuchProgram: the command's executable is not in the image.
    """
    command = [*(container.spec.get("command") or ()), *(container.spec.get("args") or ())]
    image = str(container.spec["image"]).rpartition("/")[2].partition(":")[0]
    if command:
        return _Command(command, container)
    if image == "nginx":
        return _WebServer(container, draws)
    if image == "busybox":
        # Its shell finds no standard input, and ends.
        return _Command(["sh", "-c", ""], container)
    return _Waiting(draws)


class _Waiting:
    """A program that does nothing until it is told to stop."""

    def __init__(self, draws: random.Random) -> None:
        self._told = anyio.Event()
        self._stops_in = draws.uniform(*STOPPING_S)
        self._code = 0

    async def run(self) -> int:
        """See `Program`."""
        await self._told.wait()
        if not self._code:
            await anyio.sleep(self._stops_in)
        return self._code

    def signal(self, name: str) -> None:
        """See `Program`."""
        if name == "KILL":
            self._code = 137
        if name in ("KILL", "TERM", "QUIT", "INT"):
            self._told.set()


class _WebServer(_Waiting):
    """nginx with its default configuration: the files below its root, on port 80."""

    PORT = 80

    def __init__(self, container: Container, draws: random.Random) -> None:
        super().__init__(draws)
        self._container = container
        if not container.files.is_dir(ROOT):
            container.files.write(f"{ROOT}/index.html", INDEX)

    async def run(self) -> int:
        """See `Program`."""
        network, address = self._container.network, self._container.address
        network.listen(address, self.PORT, self._serve)
        try:
            return await super().run()
        finally:
            network.close(address, self.PORT)

    def signal(self, name: str) -> None:
        """See `Program`: it stops listening at once."""
        super().signal(name)
        if self._told.is_set():
            self._container.network.close(self._container.address, self.PORT)

    def _serve(self, path: str) -> Fetched:
        name = f"{ROOT}{path}".rstrip("/")
        if self._container.files.is_dir(name):
            name += "/index.html"
            if not self._container.files.exists(name):
                return Fetched(403)
        try:
            return Fetched(200, self._container.files.read(name))
        except OSError:
            return Fetched(404)


class _Command:
    """A command of busybox, as the first process."""

    def __init__(self, command: Sequence[str], container: Container) -> None:
        self._process = Process(command, container, is_init=True)
        self._log = container.log

    async def run(self) -> int:
        """See `Program`."""
        return await self._process.run(Streams(nothing(), self._log.append, self._log.append))

    def signal(self, name: str) -> None:
        """See `Program`."""
        self._process.signal(name)


async def nothing() -> AsyncIterator[bytes]:
    """A standard input that is at its end."""
    empty: tuple[bytes, ...] = ()
    for data in empty:
        yield data
