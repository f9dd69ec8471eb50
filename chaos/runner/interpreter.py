"""Performs operations: every request is on record before it leaves, and its outcome when its answer is in.

It knows nothing of guarantees. An outcome is `ok` only after a 2xx answer, `fail` only if the request surely had no effect (a
4xx, or no connection), and `unknown` for everything else, cancellation included.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, cast

import anyio
import msgspec
import structlog

from chaos.cluster.faults import TargetFaults
from chaos.cluster.port import Cluster, ClusterError, ExecResult, Json, Propagation, Refused, Uncertain, Unreachable
from chaos.cluster.undo import Journal
from chaos.history.entries import SERVICE, End, Request, Skipped, Start
from chaos.history.redaction import Redactor
from chaos.history.writer import HistoryWriter
from chaos.observers.pods import is_ready
from chaos.observers.probes import Prober
from chaos.observers.watches import View
from chaos.operations import AnyOperation, ConflictingWriters, Fault, Inflict, Names, Outcome, ProbeDns, ProbeHttp
from chaos.plan import Tick
from chaos.profile import Target
from chaos.runner import manifests
from chaos.runner.requests import Known, Nothing, ordinal, pods_of, resolve

log = structlog.get_logger()

NO_FAULTS = "the target offers no faults of its control plane (--fault-command says how to inflict them)"

RESTARTS: tuple[Fault, ...] = ("restart-controller", "failover-controller")
"""Faults after which another process is the controller."""

LONGEST_SAID = 500
"""Characters kept of what a command printed."""

Ask = Callable[[Mapping[int, str]], Coroutine[Any, Any, object]]
"""A prober's question about a name and its ordinal."""


class Interpreter:
    """Performs the ticks of a plan on one target.

    `outcomes` counts what became of the requests so far; `answered` is the highest resourceVersion that an answer gave, by
    resource.
    """

    def __init__(
        self,
        cluster: Cluster,
        history: HistoryWriter,
        redactor: Redactor,
        view: View,
        probers: Sequence[Prober],
        target: Target,
        namespace: str,
        run: str,
        journal: Journal,
        faults: TargetFaults,
    ) -> None:
        self.outcomes: dict[Outcome, int] = {"ok": 0, "fail": 0, "unknown": 0}
        self.answered: dict[str, int] = {}
        self._cluster = cluster
        self._history = history
        self._redactor = redactor
        self._view = view
        self._probers = probers
        self._target = target
        self._namespace = namespace
        self._run = run
        self._journal = journal
        self._faults = faults
        self._serial = 0
        self._busy: set[str] = set()
        self._phase = ""
        self._ordinals: list[int] = []
        self._ever: list[int] = []

    def pods(self) -> list[Json]:
        """The target's pods as they are known now, by ordinal."""
        return pods_of(self._target, self._view.objects("pods"))

    async def step(self, phase: str, tick: Tick) -> None:
        """Perform one operation to its end."""
        match tick.operation:
            case ProbeDns(sources=sources, names=names):
                await self._probe([each.lookup for each in self._probers[:sources]], self._wanted(phase, names))
            case ProbeHttp(sources=sources):
                serving = [ordinal(self._target, pod) for pod in self.pods() if _serves(pod)]
                await self._probe([each.fetch for each in self._probers[:sources]], serving)
            case Inflict() as harm if harm.fault not in self._faults.offered:
                self._skip(phase, tick, _not_offered(self._faults))
            case Inflict() as harm:
                body = {"seconds": harm.seconds, "share": harm.share, "delay_s": harm.delay_s}
                await self._request(phase, tick, Request("inflict", "faults", harm.fault, body=body))
            case _:
                await self._perform(phase, tick)

    async def tasks(self, phase: str, ticks: Sequence[Tick], for_s: float) -> None:
        """Perform ticks when they are due; return `for_s` seconds after the call, with those that began ended.

        A tick whose predecessor of the same task still runs is recorded as skipped and not performed.
        """
        began = anyio.current_time()
        async with anyio.create_task_group() as group:
            for tick in ticks:
                await anyio.sleep_until(began + tick.at_s)
                if tick.task in self._busy:
                    self._skip(phase, tick, "its predecessor still runs")
                else:
                    self._busy.add(tick.task)
                    group.start_soon(self._tick, phase, tick)
            await anyio.sleep_until(began + for_s)

    async def _tick(self, phase: str, tick: Tick) -> None:
        try:
            await self.step(phase, tick)
        finally:
            self._busy.discard(tick.task)

    async def _perform(self, phase: str, tick: Tick) -> None:
        self._names_of(phase)
        try:
            instants = resolve(tick.operation, await self._known(tick.operation))
        except Nothing as error:
            self._skip(phase, tick, str(error))
            return
        for requests in instants:
            if not await self._at_once(phase, tick, requests):
                return

    async def _known(self, operation: AnyOperation) -> Known:
        self._serial += 1
        name = self._target.statefulset
        revisions = self._view.objects("controllerrevisions").values()
        return Known(
            self._target,
            self._run,
            pods=self.pods(),
            revisions=[each for each in revisions if str(each["metadata"]["name"]).rpartition("-")[0] == name],
            claims=self._named("persistentvolumeclaims"),
            statefulset=await self._newest_set() if isinstance(operation, ConflictingWriters) else None,
            nodes=self._named("nodes"),
            serial=str(self._serial),
        )

    async def _newest_set(self) -> Json | None:
        """The set as it is now: it may have changed since a version that the watch has shown, and every writer would lose."""
        try:
            return await self._cluster.get("statefulsets", self._namespace, self._target.statefulset)
        except ClusterError:
            return None

    def _named(self, resource: str) -> dict[str, Json]:
        objects = self._view.objects(resource).values()
        return {each["metadata"]["name"]: each for each in sorted(objects, key=lambda each: each["metadata"]["name"])}

    async def _at_once(self, phase: str, tick: Tick, requests: Sequence[Request]) -> bool:
        """Send the requests of one instant; whether all succeeded."""
        outcomes: list[Outcome] = []

        async def send(request: Request) -> None:
            outcomes.append(await self._request(phase, tick, request))

        async with anyio.create_task_group() as group:
            for request in requests:
                group.start_soon(send, request)
        return all(outcome == "ok" for outcome in outcomes)

    async def _request(self, phase: str, tick: Tick, request: Request) -> Outcome:
        recorded = msgspec.structs.replace(request, body=self._redactor.body(request.body))
        if request.resource == "nodes":
            self._journal.touches(request.name)
        start = self._history.append(
            "operations", "start", Start(phase, tick.task, tick.k, tick.operation, recorded), uid=request.uid
        )
        try:
            answer = await self._send(request)
        except Refused as error:
            return self._end(start, "fail", error.status, str(error))
        except Unreachable as error:
            return self._end(start, "fail", 0, str(error))
        except Uncertain as error:
            return self._end(start, "unknown", error.status, str(error))
        except BaseException:
            self._end(start, "unknown", 0, "cancelled")
            raise
        return self._answered(start, request, answer)

    def _answered(self, start: int, request: Request, answer: Json | ExecResult) -> Outcome:
        if isinstance(answer, ExecResult):
            # A command that failed may have failed half-way.
            outcome: Outcome = "ok" if answer.code == 0 else "unknown"
            error = "" if answer.code == 0 else f"exit code {answer.code}: {answer.stderr[:200]}"
            return self._end(start, outcome, 0, error, said=answer.stdout[:LONGEST_SAID])
        meta = answer.get("metadata", {})
        if rv := int(meta.get("resourceVersion") or 0):
            resource = request.resource.partition("/")[0]
            self.answered[resource] = max(self.answered.get(resource, 0), rv)
        return self._end(start, "ok", 200, "", rv=meta.get("resourceVersion", ""), uid=meta.get("uid", request.uid))

    def _end(
        self, start: int, outcome: Outcome, status: int, error: str, *, rv: str = "", uid: str = "", said: str = ""
    ) -> Outcome:
        self._history.append("operations", "end", End(start, outcome, status, error[:300], said), rv=rv, uid=uid)
        self.outcomes[outcome] += 1
        log.info("operation.ended", start=start, outcome=outcome, status=status, error=error[:300])
        return outcome

    def _skip(self, phase: str, tick: Tick, why: str) -> None:
        self._history.append("operations", "skipped", Skipped(phase, tick.task, tick.k, tick.operation, why))

    async def _send(self, request: Request) -> Json | ExecResult:
        namespace, name = "" if request.resource == "nodes" else self._namespace, request.name
        resource, _, subresource = request.resource.partition("/")
        match request.verb:
            case "create" if subresource == "eviction":
                return await self._cluster.evict(namespace, name, request.body)
            case "create":
                return await self._cluster.create(resource, namespace, request.body)
            case "update":
                return await self._cluster.update(resource, namespace, name, request.body)
            case "patch":
                return await self._cluster.patch(
                    resource, namespace, name, request.body, request.patch_type, subresource
                )
            case "delete":
                propagation = cast(Propagation, request.propagation) if request.propagation else None
                return await self._cluster.delete(
                    resource, namespace, name, uid=request.uid, grace_s=request.grace_s, propagation=propagation
                )
            case "exec":
                return await self._cluster.run(namespace, name, manifests.CONTAINER, request.command)
            case "inflict":
                return await self._inflict(request)

    async def _inflict(self, request: Request) -> Json:
        """Inflict a fault, and heal it when its time is over.

        That the controller restarts is on record before the new one can have written anything: it does when the old one ends, or
        when the fault is healed.
        """
        harm = Inflict(cast(Fault, request.name), **request.body)
        is_restart = harm.fault in RESTARTS
        async with self._faults.inflicted(harm):
            if is_restart:
                self._history.append("run", "controller-restarted")
            await anyio.sleep(harm.seconds)
            if is_restart:
                self._history.append("run", "controller-restarted")
        return {}

    def _names_of(self, phase: str) -> list[int]:
        """The ordinals that have a pod or, as far as was seen, had one in this phase: a name may outlive its pod."""
        if phase != self._phase:
            self._phase, self._ordinals = phase, []
        have = [ordinal(self._target, pod) for pod in self.pods()]
        self._ordinals = sorted({*self._ordinals, *have})
        return self._ordinals

    def _wanted(self, phase: str, names: Names) -> list[int]:
        """The ordinals whose names are to be resolved; `SERVICE` stands for the Service's own."""
        of_phase = self._names_of(phase)
        self._ever = sorted({*self._ever, *of_phase})
        have = [ordinal(self._target, pod) for pod in self.pods()]
        absent = [number for number in self._ever if number not in have] + [max(self._ever, default=-1) + 1]
        match names:
            case "each-pod":
                return of_phase
            case "service":
                return [SERVICE]
            case "absent":
                return absent
            case "all":
                return [SERVICE, *sorted({*of_phase, *absent})]

    async def _probe(self, asks: Sequence[Ask], ordinals: Sequence[int]) -> None:
        service = self._target.service
        names = {
            number: service if number == SERVICE else f"{self._target.statefulset}-{number}.{service}"
            for number in ordinals
        }
        async with anyio.create_task_group() as group:
            for ask in asks:
                group.start_soon(ask, names)


def _not_offered(faults: TargetFaults) -> str:
    return f"the target offers no such fault, only {', '.join(faults.offered)}" if faults.offered else NO_FAULTS


def _serves(pod: Mapping[str, Any]) -> bool:
    return is_ready(pod) and "deletionTimestamp" not in pod["metadata"]
