"""A history in a folder of the test's, read back as short tuples."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from chaos.history.entries import Entry, Header
from chaos.history.writer import HistoryWriter
from chaos.time import Clock


class Recording:
    """A history being written, and its entries so far."""

    def __init__(self, history: HistoryWriter, clock: Clock, file: Path) -> None:
        self.history = history
        self.clock = clock
        self._file = file

    def entries(self) -> list[Entry]:
        """All entries on disk."""
        return [msgspec.json.decode(line, type=Entry) for line in self._file.read_bytes().splitlines()[1:]]

    def told(self) -> list[tuple[str, str, Any]]:
        """Type, rv and uid of each entry; of an entry about the stream itself, its data in place of the uid."""
        return [(entry.type, entry.rv, entry.uid or entry.data) for entry in self.entries()]


@contextmanager
def recording(folder: Path) -> Iterator[Recording]:
    """A fresh history; needs a running event loop."""
    clock = Clock()
    file = folder / "history.jsonl"
    with HistoryWriter(file, Header(schema=1, run="r", began=""), clock) as history:
        yield Recording(history, clock, file)
