"""The lines of a history, as a writer leaves them."""

from collections.abc import Iterable

import msgspec

from chaos.history import seal
from chaos.history.entries import SCHEMA, Entry, Header

HEADER = Header(SCHEMA, "test", "2026-01-01T00:00:00Z")


def lines(entries: Iterable[Entry], header: Header = HEADER) -> list[bytes]:
    """The header's line and those of the entries, each sealed."""
    written = [msgspec.json.encode(header) + b"\n"]
    checksum = seal.after(written[0], seal.UNSEALED)
    for entry in entries:
        written.append(seal.sealed(msgspec.json.encode(entry), checksum))
        checksum = seal.after(written[-1], checksum)
    return written
