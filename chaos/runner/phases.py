"""Phases one after another: what is done in each, the wait for its end, and the record of both."""

from collections.abc import Callable, Iterator

import anyio
import structlog

from chaos import operations, plan
from chaos.cluster.port import Cluster
from chaos.history.entries import PhaseBegan, PhaseEnded
from chaos.history.writer import HistoryWriter
from chaos.observers.pods import hopeless
from chaos.observers.watches import View
from chaos.plan import Tick
from chaos.profile import Phase, Profile, Until
from chaos.runner.interpreter import Interpreter
from chaos.runner.manifests import BROKEN
from chaos.runner.settle import missing

log = structlog.get_logger()

SETUP = Phase.model_validate({"name": "setup", "until": "settled"})
"""Creates the target, where the profile's own phases do not."""

LISTED = ("pods", "statefulsets", "persistentvolumeclaims", "controllerrevisions", "services", "endpointslices")
"""What expectations may speak of."""

REPORT_S = 10.0


Says = Callable[[str], None]
"""Where progress goes, a line at a time."""


class PhaseLost(Exception):
    """A phase did not reach its end; the ones after it would build on what is not there."""


class Phases:
    """Performs the phases of a profile."""

    def __init__(
        self,
        cluster: Cluster,
        history: HistoryWriter,
        view: View,
        interpreter: Interpreter,
        profile: Profile,
        seed: int,
        namespace: str,
        say: Says,
    ) -> None:
        self._cluster = cluster
        self._history = history
        self._view = view
        self._interpreter = interpreter
        self._profile = profile
        self._seed = seed
        self._namespace = namespace
        self._say = say

    def all(self) -> Iterator[Phase]:
        """The profile's phases, after one that creates the target if they do not."""
        if not self._profile.creates_target:
            yield SETUP
        yield from self._profile.phases

    async def perform(self, phase: Phase) -> None:
        """One phase to its end.

        Raises:
            PhaseLost: it did not reach what ends it; that is on record.
        """
        began = anyio.current_time()
        self._history.append("run", "phase-began", PhaseBegan(phase.name, phase.expected()))
        log.info("phase.began", phase=phase.name)
        async with anyio.create_task_group() as group:
            group.start_soon(self._report, phase)
            for tick in self._sequence(phase):
                await self._interpreter.step(phase.name, tick)
            if phase.for_s is not None:
                await self._interpreter.tasks(phase.name, list(plan.ticks(phase, self._seed)), phase.for_s)
            why = await self._wait(phase.until)
            group.cancel_scope.cancel()
        at = await self._lists() if not why and phase.expect else {}
        self._history.append("run", "phase-ended", PhaseEnded(phase.name, not why, why, at))
        took = anyio.current_time() - began
        log.info("phase.ended", phase=phase.name, why=why)
        self._say(f"{phase.name}: {why or 'done'} ({took:.1f} s, {self._counts()})")
        if why:
            raise PhaseLost(f"phase {phase.name} was not reached: {why}")

    def _sequence(self, phase: Phase) -> Iterator[Tick]:
        if phase is SETUP:
            yield Tick(0.0, "setup/do[0]", 0, operations.CreateService())
            yield Tick(0.0, "setup/do[1]", 0, operations.CreateSet())
        else:
            yield from plan.sequence(phase, self._seed)

    async def _wait(self, until: Until) -> str:
        """Wait for the end of a phase; what is missing if it does not come."""
        lacking = self._missing(until)
        with anyio.move_on_after(until.within_s):
            while lacking and not self._stuck():
                await self._view.wait_changed()
                lacking = self._missing(until)
        return self._stuck() or lacking if lacking else ""

    def _missing(self, until: Until) -> str:
        for resource, rv in self._interpreter.answered.items():
            # Before its own watch has shown the last change, a set looks as settled as it was before.
            reflector = self._view.reflectors[resource]
            if not reflector.denied and rv > int(reflector.rv or 0):
                return f"the watch of {resource} has not shown the last change"
        target = self._profile.target
        statefulset = self._view.named("statefulsets", target.statefulset)
        return missing(until.state, target, statefulset, self._interpreter.pods())

    def _stuck(self) -> str:
        """Why waiting will not help: a pod whose image is not to be had, though nobody asked for one that is not."""
        for pod in self._interpreter.pods():
            why = hopeless(pod)
            if "image" in why.lower() and BROKEN not in why:
                return f"pod {pod['metadata']['name']}: {why} (other images: --set target.images='[…]')"
        return ""

    async def _report(self, phase: Phase) -> None:
        while True:
            await anyio.sleep(REPORT_S)
            lacking = self._missing(phase.until)
            self._say(f"{phase.name}: {self._counts()}" + (f"; waiting: {lacking}" if lacking else ""))

    def _counts(self) -> str:
        outcomes = self._interpreter.outcomes
        return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items() if count or outcome == "ok")

    async def _lists(self) -> dict[str, str]:
        """The version that each resource is at now, read after the phase was reached."""
        at = {}
        for resource in LISTED:
            at[resource] = (await self._cluster.list(resource, self._namespace)).rv
        return at
