"""A command of the shell as the first process of a container: what it prints is the container's log."""

from collections.abc import Sequence

from chaos.embedded.interface import Streams
from chaos.embedded.node.container import Container, nothing
from chaos.embedded.shell import Process


class Command:
    """A command, which ignores the signals that it does not trap."""

    def __init__(self, command: Sequence[str], container: Container) -> None:
        """Prepare to run it.

        Raises:
            NoSuchProgram: there is no such executable.
        """
        self._process = Process(command, container, is_init=True)
        self._print = container.log.write

    async def run(self) -> int:
        """See `Program`."""
        return await self._process.run(Streams(nothing(), self._print, self._print))

    def signal(self, name: str) -> None:
        """See `Program`."""
        self._process.signal(name)
