"""The whole cluster in one process: API server, controllers, nodes and DNS, joined."""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from chaos import chance
from chaos.embedded.api import ApiServer
from chaos.embedded.api.expiry import EventExpiry
from chaos.embedded.api.server import Tracked
from chaos.embedded.controllers.claims import ClaimController
from chaos.embedded.controllers.disruption import DisruptionController
from chaos.embedded.controllers.endpoints import EndpointSliceController
from chaos.embedded.controllers.garbage import GarbageCollector
from chaos.embedded.controllers.gate import Gate
from chaos.embedded.controllers.manager import Controller, ControllerManager
from chaos.embedded.controllers.namespaces import NamespaceController
from chaos.embedded.controllers.nodes import NodeController
from chaos.embedded.controllers.podgc import PodGarbageCollector
from chaos.embedded.controllers.scheduler import Scheduler
from chaos.embedded.controllers.statefulset import Rules, StatefulSetController
from chaos.embedded.faults import Faults, Gates
from chaos.embedded.http import Edge, EdgeFaults, admin
from chaos.embedded.http.faults import USUAL_S
from chaos.embedded.interface import Api, Now
from chaos.embedded.node.kubelets import Kubelets
from chaos.embedded.node.network import Network
from chaos.embedded.node.node import Node
from chaos.embedded.node.resolving import Dns
from chaos.embedded.node.settings import NodeSettings
from chaos.embedded.node.volumes import Volumes
from chaos.embedded.release import Release

LAG_S = 0.0005, 0.012
"""Between a write and its arrival in a cache: most come within milliseconds (measured on a real 1.37.2)."""

LATENCY_S = 0.001, 0.008
"""Of one request of a controller or kubelet."""


@dataclass(frozen=True)
class Settings:
    """What a cluster is made of.

    `release` is the Kubernetes that is played. `without` names controllers that are left out. `request_s` bounds what is
    drawn for the work on one request: in real time that takes what it takes, and 0 is right. `tracked` says since when the
    fields of an object have owners.
    """

    seed: int = 0
    nodes: int = 1
    release: Release = field(default_factory=Release)
    without: tuple[str, ...] = ()
    request_s: tuple[float, float] = USUAL_S
    tracked: Tracked = "from first apply"


class EmbeddedCluster:
    """A cluster; `edge` is its HTTP server, `faults` what can be done to it."""

    def __init__(self, now: Now, settings: Settings) -> None:
        """Put it together; nothing moves until `run`."""
        seed, release = settings.seed, settings.release
        uids = chance.stream(seed, "uids")
        self.api = ApiServer(now, lambda: _uid(uids), settings.tracked, release)
        network, volumes = Network(), Volumes(self.api)
        self.dns = Dns(self.api, _drawn(seed, "dns", LAG_S), chance.stream(seed, "resolvers"))
        node = NodeSettings(version=release.version)
        gates = Gates(Gate(self.api), Gate(self.api), Gate(self.api))
        self.nodes = [
            self._node(gates.kubelets, number, now, seed, network, volumes, node)
            for number in range(1, settings.nodes + 1)
        ]
        made = self._controllers(gates.controllers, now, seed, Rules.of(release.version, release.chosen))
        kept = {name: make for name, make in made.items() if name not in settings.without}
        self.manager = ControllerManager(gates.controllers, now, lambda: _uid(uids), kept)
        edge = EdgeFaults(chance.stream(seed, "edge"), settings.request_s)
        self.faults = Faults(self.api, gates, self.manager, self.nodes, edge, self.dns)
        kubelets = Kubelets(self.api, self.nodes)
        self.edge = Edge(self.api, kubelets, edge, now, release, lambda request: admin.answer(request, self.faults))
        self._scheduler = Scheduler(
            gates.scheduler, now, _drawn(seed, "scheduler/lag", LAG_S), _drawn(seed, "scheduler", LATENCY_S)
        )

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Let it live until cancelled. Started when every part is ready."""
        async with anyio.create_task_group() as group:
            group.start_soon(EventExpiry(self.api).run)
            await group.start(self.faults.run)
            await group.start(self.dns.run)
            await group.start(self.manager.run)
            await group.start(self._scheduler.run)
            for node in self.nodes:
                await group.start(node.run)
            task_status.started()

    def _node(
        self, api: Api, number: int, now: Now, seed: int, network: Network, volumes: Volumes, settings: NodeSettings
    ) -> Node:
        name = f"node-{number}"
        return Node(
            api,
            now,
            name,
            f"10.99.0.{number}",
            seed,
            _drawn(seed, f"{name}/lag", LAG_S),
            _drawn(seed, name, LATENCY_S),
            network,
            volumes,
            self.dns,
            settings,
        )

    def _controllers(self, api: Api, now: Now, seed: int, rules: Rules) -> Mapping[str, Callable[[], Controller]]:
        """How each controller is made; a new life draws on where the last one ended."""

        def lag(name: str) -> Callable[[], float]:
            return lags.setdefault(name, _drawn(seed, f"{name}/lag", LAG_S))

        def latency(name: str) -> Callable[[], float]:
            return latencies.setdefault(name, _drawn(seed, name, LATENCY_S))

        lags: dict[str, Callable[[], float]] = {}
        latencies: dict[str, Callable[[], float]] = {}
        return {
            "namespace": lambda: NamespaceController(api, lag("namespace"), latency("namespace"), now),
            "claim": lambda: ClaimController(api, lag("claim"), latency("claim"), now),
            "garbage": lambda: GarbageCollector(api, lag("garbage"), latency("garbage")),
            "endpointslice": lambda: EndpointSliceController(api, now, lag("endpointslice"), latency("endpointslice")),
            "disruption": lambda: DisruptionController(api, now, lag("disruption"), latency("disruption")),
            "node": lambda: NodeController(api, now, lag("node"), latency("node")),
            "podgc": lambda: PodGarbageCollector(api, now, lag("podgc"), latency("podgc")),
            "statefulset": lambda: StatefulSetController(api, now, lag("statefulset"), latency("statefulset"), rules),
        }


def _uid(draws: random.Random) -> str:
    return str(uuid.UUID(bytes=draws.randbytes(16), version=4))


def _drawn(seed: int, purpose: str, between: tuple[float, float]) -> Callable[[], float]:
    draw = chance.stream(seed, purpose).random
    least, span = between[0], between[1] - between[0]
    return lambda: least + span * draw()
