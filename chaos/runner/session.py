"""One run from preflight to report: what is started, in which order, and how it is taken down again.

profile -> plan -> interpreter, with watches, markers and probes beside it and the judge behind it. The namespace is removed at
the end whatever happened; a second signal gives that up and leaves it to `chaos-sts undo`.
"""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
from anyio.abc import TaskGroup

from chaos import time
from chaos.checkers.judge import Judge
from chaos.cluster import faults, undo
from chaos.cluster.access import Access
from chaos.cluster.port import Cluster, ClusterError
from chaos.history import reader, run
from chaos.history.entries import SCHEMA, Header
from chaos.history.redaction import Redactor
from chaos.history.writer import HistoryWriter
from chaos.observers import markers, probes
from chaos.observers.pods import PodTrouble
from chaos.observers.watches import View, watch
from chaos.profile import Profile, steps
from chaos.runner.cleanup import clean_up, keep
from chaos.runner.interpreter import Interpreter
from chaos.runner.judging import Judging
from chaos.runner.phases import PhaseLost, Phases, Says
from chaos.runner.preflight import Preflight, preflight
from chaos.runner.rights import Right, needed
from chaos.runner.stamp import Stamp
from chaos.verdict import Report

log = structlog.get_logger()

CLOSE_S = 30.0
SETUP_S = 30.0


class CannotRun(Exception):
    """Raised when a run cannot begin, for a reason that is the target's; the message is one line for the user."""


@dataclass(frozen=True)
class Wishes:
    """What the user asked for besides the profile. `fault_command` has {verb} and {component} in its words, if it has any."""

    seed: int
    access: Access
    folder: Path
    overrides: dict[str, str]
    stamp: Stamp
    fail_fast: bool = False
    keep: bool = False
    fault_command: tuple[str, ...] = ()


@dataclass
class Result:
    """How a run ended: its report, the signal that interrupted it (0 if none), what could not be cleaned up."""

    report: Report
    signal: int = 0
    leftover: str = ""
    trouble: str = ""
    began: bool = True


async def run_profile(cluster: Cluster, profile: Profile, wishes: Wishes, say: Says) -> Result:
    """Run `profile` on `cluster`.

    Raises:
        CannotRun: before anything was created: no answer, or a right is missing.
        OSError: the run's folder cannot be written.
    """
    name = wishes.stamp.run
    namespace = f"chaos-sts-{name}"
    found = await _preflight(cluster, namespace, needed(profile))
    info = _info(profile, wishes, name, namespace, found)
    wishes.folder.mkdir(parents=True, exist_ok=True)
    run.write(wishes.folder, info)
    say(f"run {name} of {profile.name}, seed {wishes.seed}, Kubernetes {found.version}, namespace {namespace}")
    clock = time.Clock()
    header = Header(SCHEMA, name, wishes.stamp.wall().isoformat())
    with undo.held(wishes.folder), HistoryWriter(wishes.folder / reader.FILE, header, clock) as history:
        judging = Judging(Judge(info), history)
        session = _Session(cluster, profile, wishes, say, info, history, clock, judging)
        await session.run()
    report = judging.finish()
    if judging.crash:
        # The report says unknown; why, is for whoever mends the checker.
        (wishes.folder / "crash.txt").write_text(judging.crash)
    return Result(report, session.signal, session.leftover, session.trouble, session.began)


async def _preflight(cluster: Cluster, namespace: str, rights: Sequence[Right]) -> Preflight:
    try:
        found = await preflight(cluster, namespace, rights)
    except ClusterError as error:
        raise CannotRun(f"the cluster does not answer: {error}") from error
    if found.missing:
        raise CannotRun(f"rights are missing: {', '.join(found.missing)}")
    return found


def _info(profile: Profile, wishes: Wishes, name: str, namespace: str, found: Preflight) -> run.RunInfo:
    asked = profile.target.controller
    # The API server's gates say something of the controller only if both are of one release.
    gates = {} if asked.version else found.gates
    checks = profile.checks
    return run.RunInfo(
        run=name,
        seed=wishes.seed,
        profile=profile.name,
        source=profile.source,
        namespace=namespace,
        statefulset=profile.target.statefulset,
        service=profile.target.service,
        server=found.version,
        controller=run.Controller(asked.version or found.version, {**gates, **asked.gates}),
        require=checks.require,
        judge=checks.judge,
        at_least=checks.at_least,
        resolver=found.resolver,
        overrides=wishes.overrides,
        found={
            "gates": ", ".join(f"{gate}={value}" for gate, value in sorted(found.gates.items())),
            "cluster": found.cluster,
        },
    )


class _Session:
    def __init__(
        self,
        cluster: Cluster,
        profile: Profile,
        wishes: Wishes,
        say: Says,
        info: run.RunInfo,
        history: HistoryWriter,
        clock: time.Clock,
        judging: Judging,
    ) -> None:
        self.signal = 0
        self.leftover = ""
        self.trouble = ""
        self.began = False
        self._cluster = cluster
        self._profile = profile
        self._wishes = wishes
        self._say = say
        self._info = info
        self._history = history
        self._clock = clock
        self._judging = judging
        self._work = anyio.CancelScope()
        self._doing = anyio.CancelScope()
        self._cleanup = anyio.CancelScope(shield=True)
        deed = undo.intend(wishes.access, info.found.get("cluster", ""), info.run, info.namespace)
        self._journal = undo.Journal(wishes.folder, deed)

    async def run(self) -> None:
        """Everything between the first object created and the last one removed."""
        async with anyio.create_task_group() as group:
            await group.start(self._signals)
            group.start_soon(self._judging.run, self._doing if self._wishes.fail_fast else None)
            try:
                with self._work:
                    await self._namespaced()
            finally:
                with self._cleanup:
                    await self._clean_up()
                if self._cleanup.cancelled_caught:
                    self._leave("the cleanup was interrupted")
            group.cancel_scope.cancel()

    async def _signals(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            task_status.started()
            async for number in signals:
                if self.signal:
                    self._cleanup.cancel()
                    return
                self.signal = number
                self._say("interrupted: cleaning up (once more to leave it to `chaos-sts undo`)")
                self._work.cancel()

    async def _namespaced(self) -> None:
        try:
            made = await self._cluster.create("namespaces", "", undo.namespace(self._journal.deed))
            self._journal.made(made["metadata"]["uid"])
            await self._observed()
        except* (ClusterError, PodTrouble, PhaseLost, CannotRun) as errors:
            self.trouble = "; ".join(str(error) for error in _leaves(errors))
            log.error("run.trouble", why=self.trouble)

    async def _observed(self) -> None:
        redactor = Redactor(self._wishes.stamp.key)
        namespace = self._info.namespace
        async with anyio.create_task_group() as group:
            try:
                with anyio.fail_after(SETUP_S):
                    view = await watch(group, self._cluster, self._history, redactor, namespace, self._wishes.seed)
            except TimeoutError as error:
                raise CannotRun(f"the cluster gave no LIST of everything watched within {SETUP_S:g} s") from error
            group.start_soon(
                markers.mark, self._cluster, self._history, self._clock, namespace, self._info.run, view.place
            )
            async with self._probing(group, view) as probers:
                interpreter = Interpreter(
                    self._cluster,
                    self._history,
                    redactor,
                    view,
                    probers,
                    self._profile.target,
                    namespace,
                    self._info.run,
                    self._journal,
                    await self._faults(),
                )
                phases = Phases(
                    self._cluster,
                    self._history,
                    view,
                    interpreter,
                    self._profile,
                    self._wishes.seed,
                    namespace,
                    self._say,
                )
                await self._phases(phases, view)
            group.cancel_scope.cancel()

    async def _faults(self) -> faults.TargetFaults:
        """What the target offers; not asked for if the profile inflicts nothing."""
        if steps.Inflict not in self._profile.operations:
            return faults.NoFaults()
        return await faults.find(self._cluster, self._wishes.fault_command, self._journal)

    async def _phases(self, phases: Phases, view: View) -> None:
        """All phases, then the closing LISTs: also when a phase is lost, since what was done until then is judged."""
        lost: PhaseLost | None = None
        try:
            with self._doing:
                for phase in phases.all():
                    self.began = True
                    await phases.perform(phase)
        except PhaseLost as error:
            lost = error
        self._say("closing the record")
        with anyio.move_on_after(CLOSE_S):
            for resource, why in (await view.final()).items():
                self._say(f"no closing LIST of {resource}: {why}")
            self._history.append("run", "judging-ended")
        if lost is not None:
            raise lost

    @asynccontextmanager
    async def _probing(self, group: TaskGroup, view: View) -> AsyncIterator[list[probes.Prober]]:
        count = self._profile.probe_sources
        names = [f"probe-{number}" for number in range(count)]
        probers = [
            probes.Prober(self._cluster, self._history, self._clock, self._info.namespace, name) for name in names
        ]
        if names:
            bodies = [probes.pod_manifest(name, self._info.run) for name in names]
            await probes.make_pods(self._cluster, view.reflectors["pods"], self._info.namespace, bodies)
            for prober in probers:
                await group.start(prober.run)
                group.start_soon(prober.find_servers, self._info.resolver.servers)
        yield probers

    async def _clean_up(self) -> None:
        if self._wishes.keep:
            why = await keep(self._cluster, self._journal)
        else:
            why = await clean_up(self._cluster, self._journal, self._say)
        if why:
            self._leave(why)

    def _leave(self, why: str) -> None:
        folder = self._wishes.folder
        self.leftover = f"namespace {self._info.namespace} stays ({why}); `chaos-sts undo {folder}` removes it"


def _leaves(errors: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in errors.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
