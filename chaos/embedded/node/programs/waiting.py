"""A program that does nothing until it is told to stop, as `pause` does."""

import anyio

KILLED = 137


class Waiting:
    """Waits for a signal, and ends a moment later."""

    def __init__(self, stops_in_s: float) -> None:
        self._told = anyio.Event()
        self._killed = anyio.Event()
        self._stops_in_s = stops_in_s

    @property
    def is_told(self) -> bool:
        """Whether it was told to stop."""
        return self._told.is_set()

    async def run(self) -> int:
        """See `Program`."""
        await self._told.wait()
        with anyio.move_on_after(self._stops_in_s):
            await self._killed.wait()
        return KILLED if self._killed.is_set() else 0

    def signal(self, name: str) -> None:
        """See `Program`."""
        if name == "KILL":
            self._killed.set()
        if name in ("KILL", "TERM", "QUIT", "INT"):
            self._told.set()
