"""What one run of a container has printed, and when."""

from datetime import datetime

import anyio

from chaos.embedded.interface import Now


class Log:
    """A log that grows until its program has ended; implements `chaos.embedded.interface.ContainerLog`."""

    def __init__(self, now: Now) -> None:
        self.pieces: list[tuple[datetime, bytes]] = []
        self.is_over = False
        self._now = now
        self._changed: anyio.Event | None = None

    def write(self, data: bytes) -> None:
        """The program prints something."""
        self.pieces.append((self._now(), data))
        self._tell()

    def end(self) -> None:
        """Nothing more will come."""
        self.is_over = True
        self._tell()

    async def changed(self) -> None:
        """See `ContainerLog`."""
        if self._changed is None:
            self._changed = anyio.Event()
        await self._changed.wait()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None
