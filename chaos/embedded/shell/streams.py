"""Where a command reads from and writes to."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from chaos.embedded.shell.environment import Files

ENCODING, ERRORS = "utf-8", "surrogateescape"
"""Text that is not UTF-8 passes through a shell unchanged."""


class Input(Protocol):
    """A source of bytes."""

    def line_now(self) -> bytes | None:
        """The next line with its newline, empty at the end; None if it has to be waited for."""

    async def line(self) -> bytes:
        """The next line, as soon as it is there."""

    def rest_now(self) -> bytes | None:
        """Everything to the end; None if that has to be waited for."""

    async def rest(self) -> bytes:
        """Everything to the end, as soon as it is there."""


class Buffered:
    """Bytes that are all there."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._at = 0

    def line_now(self) -> bytes:
        """See `Input`."""
        end = self._data.find(b"\n", self._at) + 1 or len(self._data)
        found, self._at = self._data[self._at : end], end
        return found

    async def line(self) -> bytes:
        """See `Input`."""
        return self.line_now()

    def rest_now(self) -> bytes:
        """See `Input`."""
        found, self._at = self._data[self._at :], len(self._data)
        return found

    async def rest(self) -> bytes:
        """See `Input`."""
        return self.rest_now()


class Live:
    """Bytes that arrive while the command runs."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._data = b""

    def line_now(self) -> bytes | None:
        """See `Input`."""
        found, newline, rest = self._data.partition(b"\n")
        if not newline:
            return None
        self._data = rest
        return found + newline

    async def line(self) -> bytes:
        """See `Input`."""
        while (found := self.line_now()) is None:
            piece = await anext(self._source, b"")
            if not piece:
                found, self._data = self._data, b""
                return found
            self._data += piece
        return found

    def rest_now(self) -> None:
        """See `Input`."""
        return

    async def rest(self) -> bytes:
        """See `Input`."""
        pieces = [self._data, *[piece async for piece in self._source]]
        self._data = b""
        return b"".join(pieces)


Output = Callable[[bytes], None]
"""A sink of bytes; one call is one write."""


class Collected:
    """An output that is kept."""

    __slots__ = ("_pieces", "write")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.write: Output = self._pieces.append

    @property
    def data(self) -> bytes:
        """Everything that was written."""
        return b"".join(self._pieces)


def nowhere(data: bytes) -> None:
    """/dev/null."""


def to_file(files: Files, path: str, *, append: bool) -> Output:
    """A file that is opened now: it exists, and is empty unless it is appended to."""
    files.write(path, b"", append=append)
    return lambda data: files.write(path, data, append=True)
