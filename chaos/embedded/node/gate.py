"""Whether a kubelet does anything: while it is frozen, what it does next waits."""

import anyio


class Gate:
    """Open or closed."""

    def __init__(self) -> None:
        self._opened: anyio.Event | None = None

    @property
    def is_closed(self) -> bool:
        """Whether `passed` waits."""
        return self._opened is not None

    def close(self) -> None:
        """Let nobody pass."""
        if self._opened is None:
            self._opened = anyio.Event()

    def open(self) -> None:
        """Let all pass."""
        if self._opened is not None:
            self._opened.set()
            self._opened = None

    async def passed(self) -> None:
        """Wait until it is open; at once if it is."""
        while self._opened is not None:
            await self._opened.wait()
