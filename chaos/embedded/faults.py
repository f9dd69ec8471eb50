"""What can be done to a cluster from outside, by name: each fault lasts for a time, and is healed after it.

Nothing here breaks a promise of Kubernetes: whatever the controllers do under these faults must still be right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import anyio
from anyio.abc import TaskGroup, TaskStatus

from chaos.embedded.api import ApiServer
from chaos.embedded.controllers.gate import Gate
from chaos.embedded.controllers.manager import ControllerManager
from chaos.embedded.http.faults import EdgeFaults
from chaos.embedded.node.node import Node
from chaos.embedded.node.resolving import Dns

Name = Literal[
    "slow-api",
    "api-429",
    "api-500",
    "api-503",
    "lost-answers",
    "watch-410",
    "cut-watches",
    "silent-watches",
    "pause-apiserver",
    "pause-controller",
    "restart-controller",
    "failover-controller",
    "pause-scheduler",
    "freeze-kubelet",
    "lose-node",
    "restart-dns",
]

NAMES: tuple[Name, ...] = get_args(Name)

MEANINGS: dict[Name, str] = {
    "slow-api": "every request of clients and controllers takes `delay` seconds longer",
    "api-429": "a `share` of the requests over HTTP is refused with 429 and Retry-After",
    "api-500": "a `share` of the requests over HTTP is refused with 500, without effect",
    "api-503": "a `share` of the requests over HTTP is refused with 503",
    "lost-answers": "a `share` of the writes over HTTP takes effect and is answered 500",
    "watch-410": "every version until now is forgotten, and open watches are told so: they must list again; at once",
    "cut-watches": "the connections of open watches are cut; at once",
    "silent-watches": "watches stay open and send nothing",
    "pause-apiserver": "the API server is stopped like a process that was sent SIGSTOP: requests and watches wait",
    "pause-controller": "the controller manager is stopped like a process that was sent SIGSTOP",
    "restart-controller": "the controller manager dies, and a new one leads `seconds` later",
    "failover-controller": "the controller manager dies, and one on another host leads when the Lease has expired; at once",
    "pause-scheduler": "the scheduler is stopped like a process that was sent SIGSTOP",
    "freeze-kubelet": "the kubelet of `node` is stopped: it sees nothing, does nothing, tells nothing; containers run on",
    "lose-node": "the machine of `node` is off; after `seconds` it starts again, with nothing running",
    "restart-dns": "nobody answers DNS for `seconds`",
}
"""What each does; those that are done at once last no time."""


@dataclass(frozen=True)
class Fault:
    """What is to be done for how long. `node` is empty for the first one."""

    name: Name
    seconds: float = 10.0
    share: float = 1.0
    delay_s: float = 1.0
    node: str = ""


class CannotInflict(Exception):
    """A fault cannot be inflicted now: it is under way already, or there is no such node."""


class Cure(NamedTuple):
    """How a fault ends, and after how many seconds."""

    seconds: float
    heal: Callable[[], None]


class Gates(NamedTuple):
    """Through which each of the API server's clients within the cluster sees it."""

    controllers: Gate
    scheduler: Gate
    kubelets: Gate


class Faults:
    """Inflicts faults on the parts of one cluster. `edge` has the knobs of its HTTP server, for what has no name here."""

    def __init__(
        self,
        api: ApiServer,
        gates: Gates,
        manager: ControllerManager,
        nodes: Sequence[Node],
        edge: EdgeFaults,
        dns: Dns,
    ) -> None:
        self.edge = edge
        self._api = api
        self._gates = gates
        self._manager = manager
        self._nodes = {node.name: node for node in nodes}
        self._dns = dns
        self._active: dict[tuple[Name, str], anyio.CancelScope] = {}
        self._group: TaskGroup | None = None

    @property
    def active(self) -> list[tuple[Name, str]]:
        """The faults that are under way: their names, and their nodes where they have one."""
        return list(self._active)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Look after the faults that were begun, until cancelled."""
        async with anyio.create_task_group() as self._group:
            task_status.started()
            await anyio.sleep_forever()

    async def inflict(self, fault: Fault) -> None:
        """Inflict a fault and wait until it is healed; a cancellation heals it, too.

        Raises:
            CannotInflict: it is under way, or there is no such node.
        """
        await self._last(*self._strike(fault))

    def begin(self, fault: Fault) -> None:
        """Inflict a fault that heals by itself, and do not wait for that.

        Raises:
            CannotInflict: it is under way, or there is no such node.
        """
        assert self._group is not None, "the cluster runs"
        self._group.start_soon(self._last, *self._strike(fault))

    def end(self, name: Name, node: str = "") -> bool:
        """Heal a fault before its time; whether it was under way."""
        scopes = [scope for key, scope in self._active.items() if key[0] == name and node in ("", key[1])]
        for scope in scopes:
            scope.cancel()
        return bool(scopes)

    def _strike(self, fault: Fault) -> tuple[tuple[Name, str], Cure]:
        node = self._node(fault)
        key = (fault.name, node.name if node is not None else "")
        if key in self._active:
            raise CannotInflict(f"{' '.join(part for part in key if part)} is under way")
        cure = self._on_node(fault, node) if node is not None else self._on_control_plane(fault)
        self._active[key] = anyio.CancelScope()
        return key, cure

    async def _last(self, key: tuple[Name, str], cure: Cure) -> None:
        try:
            with self._active[key]:
                await anyio.sleep(cure.seconds)
        finally:
            del self._active[key]
            cure.heal()

    def _node(self, fault: Fault) -> Node | None:
        if fault.name not in ("freeze-kubelet", "lose-node"):
            return None
        node = self._nodes.get(fault.node or next(iter(self._nodes)))
        if node is None:
            raise CannotInflict(f"there is no node {fault.node}; expected one of {', '.join(self._nodes)}")
        return node

    def _on_node(self, fault: Fault, node: Node) -> Cure:
        if fault.name == "freeze-kubelet":
            node.freeze()
            return Cure(fault.seconds, node.thaw)
        node.lose()
        return Cure(fault.seconds, node.come_back)

    def _on_control_plane(self, fault: Fault) -> Cure:
        match fault.name:
            case "slow-api":
                self.edge.slow_s = self._gates.controllers.slow_s = fault.delay_s
                return Cure(fault.seconds, self._quicken)
            case "api-429" | "api-500" | "api-503":
                status = int(fault.name.removeprefix("api-"))
                self.edge.refusals[status] = fault.share
                return Cure(fault.seconds, lambda: _drop(self.edge.refusals, status))
            case "lost-answers":
                self.edge.uncertain = fault.share
                return Cure(fault.seconds, self._answer)
            case "silent-watches":
                self.edge.silent = True
                return Cure(fault.seconds, self._speak)
            case "pause-apiserver":
                self._stop_serving()
                return Cure(fault.seconds, self._serve)
            case "pause-scheduler":
                self._gates.scheduler.shut()
                return Cure(fault.seconds, self._gates.scheduler.open)
            case "restart-dns":
                self._dns.down = True
                return Cure(fault.seconds, self._answer_names)
            case "watch-410":
                self._api.compact(self._api.store.rv)
                self.edge.expire_watches(self._api.store.rv)
            case "cut-watches":
                self.edge.cut_watches()
            case "pause-controller":
                self._manager.pause()
                return Cure(fault.seconds, self._manager.resume)
            case "restart-controller":
                self._manager.restart(fault.seconds)
                return Cure(fault.seconds, _nothing)
            case "failover-controller":
                self._manager.fail_over()
        return Cure(0.0, _nothing)

    def _quicken(self) -> None:
        self.edge.slow_s = self._gates.controllers.slow_s = 0.0

    def _answer(self) -> None:
        self.edge.uncertain = 0.0

    def _stop_serving(self) -> None:
        self.edge.stop()
        for gate in self._gates:
            gate.shut()

    def _serve(self) -> None:
        self.edge.go_on()
        others = {name for name, _ in self._active}
        if "pause-controller" not in others:
            self._gates.controllers.open()
        if "pause-scheduler" not in others:
            self._gates.scheduler.open()
        self._gates.kubelets.open()

    def _answer_names(self) -> None:
        self._dns.down = False

    def _speak(self) -> None:
        self.edge.silent = False


def _drop(refusals: dict[int, float], status: int) -> None:
    refusals.pop(status, None)


def _nothing() -> None:
    """What was done at once needs no cure."""
