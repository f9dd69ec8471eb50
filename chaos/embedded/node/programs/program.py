"""The first process of a container, as its kubelet sees it."""

from typing import Protocol


class Program(Protocol):
    """A process."""

    async def run(self) -> int:
        """Run to the end; the exit code."""

    def signal(self, name: str) -> None:
        """Send TERM, INT, QUIT, HUP or KILL."""
