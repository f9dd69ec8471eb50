"""A container for scripts: files in memory, a few names, a few pages, and what the script wrote."""

import datetime
import posixpath
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from chaos.embedded.interface import Streams
from chaos.embedded.shell import Fetched, Process, Resolved
from chaos.embedded.virtual import run


class Memory:
    """Files by path; directories are what contains them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.content = dict(files)

    def read(self, path: str) -> bytes:
        if path not in self.content:
            raise FileNotFoundError(path)
        return self.content[path]

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        self.content[path] = (self.content.get(path, b"") if append else b"") + data

    def rename(self, old: str, new: str) -> None:
        self.content[new] = self.read(old)
        del self.content[old]

    def link(self, target: str, path: str) -> None:
        if path in self.content:
            raise FileExistsError(path)
        self.content[path] = self.read(target)

    def remove(self, path: str) -> None:
        self.read(path)
        del self.content[path]

    def is_dir(self, path: str) -> bool:
        return bool(self.names(path))

    def exists(self, path: str) -> bool:
        return path in self.content or self.is_dir(path)

    def names(self, path: str) -> list[str]:
        return sorted(posixpath.basename(name) for name in self.content if posixpath.dirname(name) == path.rstrip("/"))

    def make_dir(self, path: str) -> None:
        self.content[f"{path}/."] = b""


class Container:
    """What a script sees; `signals` is what it sent to its first process."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = Memory(files or {})
        self.variables: Mapping[str, str] = {"PATH": "/bin"}
        self.hostname = "probe-0"
        self.nameserver = "10.96.0.10"
        self.names: dict[str, Resolved] = {}
        self.pages: dict[str, Fetched] = {}
        self.signals: list[str] = []

    def now(self) -> datetime.datetime:
        return datetime.datetime(2026, 1, 1, 12, 30, tzinfo=datetime.UTC)

    def signal(self, name: str) -> None:
        self.signals.append(name)

    async def resolve(self, name: str, server: str = "") -> Resolved:
        return self.names.get(f"{name}@{server}" if server else name, Resolved("NXDOMAIN"))

    async def fetch(self, address: str, port: int, path: str, host: str) -> Fetched:
        return self.pages.get(address, Fetched(trouble="refused"))


class Ran(NamedTuple):
    """What became of a script."""

    code: int
    out: str
    err: str


def sh(script: str, *arguments: str, stdin: bytes = b"", container: Container | None = None) -> Ran:
    """Run `sh -c script sh arguments…` in virtual time."""
    out: list[bytes] = []
    err: list[bytes] = []

    async def source() -> AsyncIterator[bytes]:
        if stdin:
            yield stdin

    async def main() -> int:
        process = Process(["sh", "-c", script, "sh", *arguments], container or Container())
        return await process.run(Streams(source(), out.append, err.append))

    code = run(main)
    return Ran(code, b"".join(out).decode(), b"".join(err).decode())
