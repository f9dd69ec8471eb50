"""A process of a container: a command with its background jobs, to which signals can be sent."""

from collections.abc import Sequence

import anyio

from chaos.embedded.interface import Streams
from chaos.embedded.shell.environment import Environment
from chaos.embedded.shell.interpreter import Descriptors, Shell, check
from chaos.embedded.shell.outcome import Leaving, Run, settled
from chaos.embedded.shell.strands import Strand
from chaos.embedded.shell.streams import Live
from chaos.embedded.waiting import Bell

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
        self._waiters: list[Bell] = []
        self._jobs: dict[int, Strand] = {}
        self._started = 0
        self._scope: anyio.CancelScope | None = None
        self._killed = 0
        self._error: BaseException | None = None

    async def run(self, streams: Streams) -> int:
        """Run to the end; its background jobs end with it. The exit code, 137 or 143 if a signal ended it.

        A job that fails, as nothing does that a script can say, ends the process with its error.
        """
        descriptors = Descriptors({0: Live(streams.stdin), 1: streams.stdout, 2: streams.stderr})
        shell = Shell(self, self.environment.variables, [], descriptors)
        status = 0
        try:
            with anyio.CancelScope() as self._scope:
                status = await settled(shell.call(self._argv))
        except Leaving as leaving:
            status = leaving.status
        finally:
            for job in self._jobs.values():
                job.kill()
        if self._error is not None:
            raise self._error
        return self._killed or status

    def signal(self, name: str) -> None:
        """Send TERM, INT, HUP, QUIT or KILL."""
        if name == "KILL":
            self._end(KILLED)
        elif name in self.traps:
            if self.traps[name]:
                self._signals.append(name)
                self.has_signal = True
                self._ring()
        elif not self._is_init:
            self._end(TERMINATED)

    def start(self, shell: Shell, run: Run) -> int:
        """Start a background job; its number. It runs up to where it first waits, before anything else does."""
        self._started += 1
        number = self._started + 1
        outcome = shell.isolated(run)
        if not isinstance(outcome, int):
            job = self._jobs[number] = Strand(outcome, lambda error: self._job_ended(number, error))
            job.start()
        return number

    async def wait(self, number: int | None = None) -> None:
        """Wait for one job, or for all; a signal that is trapped ends the wait."""
        while not self._signals:
            if number not in self._jobs and (number is not None or not self._jobs):
                return
            bell = Bell()
            self._waiters.append(bell)
            await bell.rung()

    async def handle_signals(self, shell: Shell) -> None:
        """Run the traps of the signals that came."""
        while self._signals:
            name = self._signals.pop(0)
            self.has_signal = bool(self._signals)
            await shell.run(self.traps[name])

    def _end(self, code: int) -> None:
        self._killed = code
        if self._scope is not None:
            self._scope.cancel()

    def _job_ended(self, number: int, error: BaseException | None) -> None:
        del self._jobs[number]
        if error is not None:
            self._error = error
            self._end(KILLED)
        self._ring()

    def _ring(self) -> None:
        waiters, self._waiters = self._waiters, []
        for bell in waiters:
            bell.ring()
