"""The life of one container of a pod: image, start, probes, end, rest, and the next start.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/kuberuntime (kuberuntime_manager.go, kuberuntime_container.go), and what a real kubelet
tells of containers that crash, cannot be started, or fail their probes.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import anyio

from chaos.embedded.interface import Json, Streams
from chaos.embedded.node.backoff import JITTER, Backoff
from chaos.embedded.node.container import Container
from chaos.embedded.node.home import Home
from chaos.embedded.node.log import Log
from chaos.embedded.node.phases import restarts
from chaos.embedded.node.preparing import LOOK_S, prepared, wait
from chaos.embedded.node.probing import beliefs
from chaos.embedded.node.programs.choosing import program_for
from chaos.embedded.node.programs.program import Program
from chaos.embedded.node.states import EPOCH, ContainerState, Run
from chaos.embedded.node.wording import CREATE_FAILED, duration, unexecutable
from chaos.embedded.shell import NoSuchProgram

START_ERROR = 128
MINIMUM_S = 2.0
"""Between TERM and KILL there is always this much (minimumGracePeriodInSeconds)."""


class ContainerLife:
    """One container. `container` is its run while its program runs; `over` is set when it will not run again."""

    def __init__(self, spec: Json, state: ContainerState, home: Home) -> None:
        self.spec = spec
        self.state = state
        self.container: Container | None = None
        self.over = anyio.Event()
        self.started = anyio.Event()
        self.logs: list[Log] = []
        self._home = home
        self._backoff = Backoff()
        self._scope = anyio.CancelScope()
        self._ended_at = [0.0]
        self._was_killed = False
        self._is_up = anyio.Event()

    async def run(self) -> None:
        """Live until it has ended for good, or is dismissed."""
        try:
            with self._scope:
                while await self._once():
                    pass
        finally:
            self.over.set()

    def dismiss(self) -> None:
        """It is not to run any more: forget it if it does not run now; who ends it otherwise signals its program."""
        if self.container is None:
            self._scope.cancel()

    async def execute(self, command: Sequence[str], streams: Streams) -> int:
        """See `Container.execute`."""
        assert self.container is not None, "its program runs"
        return await self.container.execute(command, streams)

    async def _once(self) -> bool:
        """One run, and the rest after it; whether there is to be another."""
        home = self._home
        container = await prepared(self.spec, self.state, home)
        await anyio.sleep(home.draws.uniform(*home.site.settings.starting_s))
        await home.site.gate.passed()
        if home.state.is_stopping:
            return False
        if self._begin(container):
            await self._work(container)
        else:
            await anyio.sleep(home.site.settings.noticing_s[1])
        assert self.state.ended is not None
        policy = str(home.pod["spec"].get("restartPolicy", "Always"))
        if home.state.is_stopping or not restarts(self.state.kind, policy, self.state.ended.code):
            return False
        await self._rest()
        return True

    def _begin(self, container: Container) -> bool:
        """Start the program; whether it could be."""
        home = self._home
        self._was_killed = False
        run = Run(f"containerd://{home.draws.randbytes(32).hex()}", home.site.now())
        home.state.tells_ip = True
        self.logs.append(container.log)
        del self.logs[:-2]
        try:
            container.program = program_for(container, home.draws, home.site.settings.stopping_s)
        except NoSuchProgram as error:
            message = CREATE_FAILED + unexecutable(str(error), container.files.is_dir)
            run.started_at, run.reason, run.message = EPOCH, "StartError", message
            run.end(START_ERROR, home.site.now())
            self.state.begin(run, is_started=False, is_passing=False)
            self.state.wait("RunContainerError", message)
            self._ended_at.append(anyio.current_time())
            container.log.end()
            home.tell()
            return False
        self.container, self._is_up = container, anyio.Event()
        has_startup, has_readiness = "startupProbe" in self.spec, "readinessProbe" in self.spec
        self.state.begin(run, is_started=not has_startup, is_passing=not has_readiness)
        if not has_startup:
            self._up()
        home.tell()
        return True

    def _up(self) -> None:
        """It has started, as far as its startup probe can tell."""
        self.state.is_started = True
        self._is_up.set()
        self.started.set()

    async def _work(self, container: Container) -> None:
        """Run the program to its end, probing it."""
        assert container.program is not None
        assert self.state.run is not None
        try:
            code = await self._supervise(container, container.program)
        finally:
            container.log.end()
        container.end()
        self.container = None
        self._ended_at.append(anyio.current_time())
        await self._notice(self.state.run, code)

    async def _supervise(self, container: Container, program: Program) -> int:
        """Probe a program until it has ended; its exit code."""
        async with anyio.create_task_group() as group:
            for kind, watch in (
                ("startupProbe", self._startup),
                ("readinessProbe", self._readiness),
                ("livenessProbe", self._liveness),
            ):
                if kind in self.spec:
                    group.start_soon(watch, self.spec[kind], container)
            code = await program.run()
            group.cancel_scope.cancel()
        return code

    async def _notice(self, run: Run, code: int) -> None:
        """A kubelet learns of an end the next time it looks, unless it brought it about."""
        home, at = self._home, self._home.site.now()
        try:
            if not home.state.is_stopping and not self._was_killed:
                await anyio.sleep(home.draws.uniform(*home.site.settings.noticing_s))
                await home.site.gate.passed()
        finally:
            run.end(code, at)
            self.state.is_started = self.state.is_passing = False
        if not home.state.is_stopping and not self._was_killed:
            home.tell()

    async def _rest(self) -> None:
        """Wait as long as it has to before it is started again.

        A kubelet that learns of an end by looking sees it as the last one; one that killed the container itself, or could not start
        it, comes back at once and still sees the one before.
        """
        home, state, now = self._home, self.state, anyio.current_time()
        ended = self._ended_at[-2 if self._was_killed else -1]
        left = self._backoff.left(ended, now) if ended else 0.0
        is_seen = self._was_killed or state.waiting == "RunContainerError"
        if left:
            until = now + left * (1 + home.draws.random() * JITTER)
            if is_seen:
                await anyio.sleep(home.draws.uniform(*LOOK_S))
                self._back_off()
            await anyio.sleep_until(until)
            if not is_seen:
                await home.site.gate.passed()
                self._back_off()
                await anyio.sleep(home.draws.uniform(*LOOK_S))
        if ended:
            self._backoff.start(ended, anyio.current_time())
        del self._ended_at[:-2]

    def _back_off(self) -> None:
        meta = self._home.pod["metadata"]
        whose = f"container={self.state.name} pod={meta['name']}_{meta['namespace']}({meta['uid']})"
        wait(
            self._home,
            self.state,
            "CrashLoopBackOff",
            f"back-off {duration(self._backoff.pause_s)} restarting failed {whose}",
        )

    async def _startup(self, wanted: Json, container: Container) -> None:
        async with aclosing(self._beliefs(wanted, container, eager=False)) as answers:
            async for is_passing in answers:
                if is_passing:
                    self._up()
                    self._home.tell()
                    return
                await self._kill(wanted, container)

    async def _readiness(self, wanted: Json, container: Container) -> None:
        await self._is_up.wait()
        async for is_passing in self._beliefs(wanted, container, eager=True):
            if is_passing != self.state.is_passing:
                self.state.is_passing = is_passing
                self._home.tell()

    async def _liveness(self, wanted: Json, container: Container) -> None:
        await self._is_up.wait()
        async for is_passing in self._beliefs(wanted, container, eager=False):
            if not is_passing:
                await self._kill(wanted, container)

    def _beliefs(self, wanted: Json, container: Container, *, eager: bool) -> AsyncGenerator[bool]:
        return beliefs(wanted, container, self._home.anchor, self._home.site.gate.passed, eager=eager)

    async def _kill(self, wanted: Json, container: Container) -> None:
        """End a container that failed a probe; a pod that is being deleted is left to its end."""
        if self._home.state.is_stopping:
            return
        self._was_killed = True
        usual = self._home.pod["spec"].get("terminationGracePeriodSeconds", 30)
        container.signal("TERM")
        await anyio.sleep(max(wanted.get("terminationGracePeriodSeconds", usual), MINIMUM_S))
        container.signal("KILL")
