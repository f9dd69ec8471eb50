"""What a container offers the commands that run in it."""

import datetime
from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol


class NoSuchProgram(Exception):
    """There is no such executable in the container."""


class Resolved(NamedTuple):
    """What the resolver says of a name: NODATA is a name without an address; TIMEOUT is no answer."""

    code: Literal["NOERROR", "NXDOMAIN", "NODATA", "TIMEOUT"]
    addresses: tuple[str, ...] = ()
    name: str = ""


class Fetched(NamedTuple):
    """What a web server says: its status and body; or why there is no answer (`refused`, `timeout`)."""

    status: int = 0
    body: bytes = b""
    trouble: str = ""


class Files(Protocol):
    """A container's file system, by absolute paths. What is missing raises FileNotFoundError, as the system's does."""

    def read(self, path: str) -> bytes: ...

    def write(self, path: str, data: bytes, *, append: bool = False) -> None: ...

    def rename(self, old: str, new: str) -> None: ...

    def link(self, target: str, path: str) -> None:
        """Make a symbolic link; FileExistsError if something is there."""

    def remove(self, path: str) -> None: ...

    def is_dir(self, path: str) -> bool: ...

    def exists(self, path: str) -> bool: ...

    def names(self, path: str) -> list[str]:
        """What a directory holds, in order."""

    def make_dir(self, path: str) -> None: ...


class Environment(Protocol):
    """A container, as its commands see it."""

    @property
    def files(self) -> Files: ...

    @property
    def variables(self) -> Mapping[str, str]: ...

    @property
    def hostname(self) -> str: ...

    @property
    def nameserver(self) -> str: ...

    def now(self) -> datetime.datetime: ...

    def signal(self, name: str) -> None:
        """Send a signal to the container's first process."""

    async def resolve(self, name: str, server: str = "") -> Resolved:
        """Look a name up as the C library does: along the search list, by ndots; from another `server` than its own."""

    async def fetch(self, address: str, port: int, path: str, host: str) -> Fetched:
        """GET a page."""
