"""A process of a container: a command with its background jobs, to which signals can be sent."""

from collections.abc import Coroutine, Sequence
from typing import Any

import anyio
from anyio.abc import TaskGroup

from chaos.embedded.interface import Streams
from chaos.embedded.shell.environment import Environment
from chaos.embedded.shell.interpreter import Descriptors, Shell, check
from chaos.embedded.shell.outcome import Leaving, Run, settled
from chaos.embedded.shell.streams import Live

KILLED, TERMINATED = 137, 143


class Process:
    """A command, from its start to its exit code."""

    def __init__(self, argv: Sequence[str], environment: Environment, *, is_init: bool = False) -> None:
        """Prepare to run `argv`. The first process of a container (`is_init`) ignores the signals that it does not trap.

        Raises:
            NoSuchProgram: there is no such executable.
        """
        check(argv[0])
        self.environment = environment
        self.traps: dict[str, str] = {}
        self.has_signal = False
        self._argv = list(argv)
        self._is_init = is_init
        self._signals: list[str] = []
        self._wake = anyio.Event()
        self._jobs: dict[int, Coroutine[Any, Any, int]] = {}
        self._started = 0
        self._group: TaskGroup | None = None
        self._killed = 0

    async def run(self, streams: Streams) -> int:
        """Run to the end; its background jobs end with it. The exit code, 137 or 143 if a signal ended it."""
        descriptors = Descriptors({0: Live(streams.stdin), 1: streams.stdout, 2: streams.stderr})
        shell = Shell(self, self.environment.variables, [], descriptors)
        status = 0
        async with anyio.create_task_group() as self._group:
            try:
                status = await settled(shell.call(self._argv))
            except Leaving as leaving:
                status = leaving.status
            self._group.cancel_scope.cancel()
        for pending in self._jobs.values():
            pending.close()
        return self._killed or status

    def signal(self, name: str) -> None:
        """Send TERM, INT, HUP, QUIT or KILL."""
        if name == "KILL":
            self._end(KILLED)
        elif name in self.traps:
            if self.traps[name]:
                self._signals.append(name)
                self.has_signal = True
                self._wake.set()
        elif not self._is_init:
            self._end(TERMINATED)

    def start(self, shell: Shell, run: Run) -> int:
        """Start a background job; its number. It runs up to where it first waits, before anything else does."""
        assert self._group is not None, "the process is running"
        self._started += 1
        number = self._started + 1
        outcome = shell.isolated(run)
        if not isinstance(outcome, int):
            self._jobs[number] = outcome
            self._group.start_soon(self._job, number, outcome)
        return number

    async def wait(self, number: int | None = None) -> None:
        """Wait for one job, or for all; a signal that is trapped ends the wait."""
        while not self._signals:
            if number not in self._jobs and (number is not None or not self._jobs):
                return
            self._wake = anyio.Event()
            await self._wake.wait()

    async def handle_signals(self, shell: Shell) -> None:
        """Run the traps of the signals that came."""
        while self._signals:
            name = self._signals.pop(0)
            self.has_signal = bool(self._signals)
            await shell.run(self.traps[name])

    def _end(self, code: int) -> None:
        self._killed = code
        if self._group is not None:
            self._group.cancel_scope.cancel()

    async def _job(self, number: int, pending: Coroutine[Any, Any, int]) -> None:
        await pending
        del self._jobs[number]
        self._wake.set()
