"""The one place that writes a history.

Every entry reaches the operating system before `append` returns, so that a kill loses at most the line being written.
"""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from chaos.history import mergepatch, seal
from chaos.history.entries import Entry, Header
from chaos.history.redaction import Redactor
from chaos.time import Clock

Tap = Callable[[Entry], None]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entry).decode


class HistoryWriter:
    """Appends entries to a file; a `tap` sees each entry as a reader of the file would."""

    def __init__(self, path: Path, header: Header, clock: Clock) -> None:
        self._clock = clock
        self._next = 0
        self._taps: list[Tap] = []
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._checksum = seal.UNSEALED
        self._write(_encode(header) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def tap(self, callback: Tap) -> None:
        """Call `callback` with every entry from now on, as it would be read back; it must not append."""
        self._taps.append(callback)

    def append(self, stream: str, type: str, data: Any = None, *, rv: str = "", uid: str = "") -> int:
        """Write one entry and return its index.

        Args:
            data: anything JSON, or one of the structs of `chaos.history.entries`.
        """
        entry = Entry(i=self._next, t=self._clock.now(), stream=stream, rv=rv, uid=uid, type=type, data=data)
        self._next += 1
        line = _encode(entry)
        self._write(seal.sealed(line, self._checksum))
        if self._taps:
            seen = _decode(line)
            for tap in self._taps:
                tap(seen)
        return entry.i

    def _write(self, line: bytes) -> None:
        self._checksum = seal.after(line, self._checksum)
        while line:
            line = line[os.write(self._file, line) :]


class ObjectRecorder:
    """Records one watched resource: whole at first sight of a uid, then as patches."""

    def __init__(self, history: HistoryWriter, stream: str, redactor: Redactor | None) -> None:
        self._history = history
        self._stream = stream
        self._redactor = redactor
        self._last: dict[str, dict[str, Any]] = {}

    def object(self, type: str, state: dict[str, Any]) -> None:
        """Append `listed`, `added`, `modified` or `deleted` with this state of an object."""
        meta = state["metadata"]
        uid: str = meta["uid"]
        last = self._last.get(uid)
        # Values that are equal stay so when they are redacted: the patch says the same, and is much shorter.
        patch = None if last is None else mergepatch.diff(last, state)
        told = state if patch is None else patch
        if self._redactor is not None:
            told = self._redactor.part(told, state)
        data = {"whole" if patch is None else "patch": told}
        if last is not None:
            data["from"] = last["metadata"]["resourceVersion"]
        self._history.append(self._stream, type, data, rv=meta["resourceVersion"], uid=uid)
        if type == "deleted":
            self._last.pop(uid, None)
        else:
            self._last[uid] = state

    def mark(self, type: str, rv: str = "", data: Any = None) -> None:
        """Append an entry about the stream itself: `progress`, `gap`, `missed`, `denied`, `synced`, `final`."""
        self._history.append(self._stream, type, data, rv=rv)
