"""Reads a history back, and says where it is not whole.

Lines are trusted only as far as their indices run without a hole, their times do not go back and their seals fit. Whatever
breaks that (a removed, repeated, swapped or foreign line) ends the trusted part: the reader then gives one `run`/`broken` entry
and stops, because nothing after it can be tied to what came before. A torn last line, as a kill leaves it, just ends the history.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from chaos.history import seal
from chaos.history.entries import SCHEMA, Entry, Header

FILE = "history.jsonl"

_entry = msgspec.json.Decoder(Entry)
_header = msgspec.json.Decoder(Header)


class NotAHistory(Exception):
    """Raised when the first line is no header of a version this program reads."""


def read(path: Path) -> Iterator[Entry]:
    """Entries of the history at `path`, in order.

    Raises:
        NotAHistory: there is no readable header.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        yield from parse(file)


def parse(lines: Iterable[bytes]) -> Iterator[Entry]:
    """As `read`, from lines that keep their newline."""
    source = iter(lines)
    try:
        first = next(source)
        header = _header.decode(first)
    except (StopIteration, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotAHistory("the first line is no header of a history") from error
    if header.schema != SCHEMA:
        raise NotAHistory(f"schema {header.schema}; this program reads schema {SCHEMA}")
    expected, now = 0, 0.0
    decode, is_sealed, after = _entry.decode, seal.is_sealed, seal.after
    checksum = after(first, seal.UNSEALED)
    for line in source:
        if not line.endswith(b"\n"):
            return
        try:
            entry = decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield _broken(expected, now, f"line {expected + 2} is no entry: {str(error)[:80]}")
            return
        if entry.i != expected or entry.t < now:
            yield _broken(expected, now, f"line {expected + 2} holds entry {entry.i}, expected {expected}")
            return
        if not is_sealed(line, checksum):
            yield _broken(expected, now, f"line {expected + 2} does not follow the lines before it")
            return
        expected, now = entry.i + 1, entry.t
        checksum = after(line, checksum)
        yield entry


def _broken(i: int, t: float, why: str) -> Entry:
    return Entry(i=i, t=t, stream="run", rv="", uid="", type="broken", data={"why": why})
