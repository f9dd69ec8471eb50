"""One node with DNS on an API server, in virtual time; whoever tests it creates bound pods and watches."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import anyio

from chaos import chance
from chaos.embedded.api import ApiServer
from chaos.embedded.interface import EventType, Json, Streams
from chaos.embedded.node.kubelets import Kubelets
from chaos.embedded.node.network import Network
from chaos.embedded.node.node import Node
from chaos.embedded.node.resolving import Dns
from chaos.embedded.node.settings import NodeSettings
from chaos.embedded.node.volumes import Volumes
from chaos.embedded.virtual import run
from chaos.time import virtual

NS = "ns"
USER = "test"
NODE = "node-1"

Result = TypeVar("Result")


class World:
    """The parts, and what the pods' watch showed: (seconds, type, object)."""

    def __init__(self, settings: NodeSettings, seed: int = 1) -> None:
        numbers = itertools.count(1)
        self.api = ApiServer(virtual, lambda: f"00000000-0000-4000-8000-{next(numbers):012x}")
        self.api.create("namespaces", "", {"metadata": {"name": NS}}, user=USER)
        self.api.create("serviceaccounts", NS, {"metadata": {"name": "default"}}, user=USER)
        self.network = Network(seed)
        self.volumes = Volumes(self.api)
        self.dns = Dns(self.api, lambda: 0.005, chance.stream(seed, "resolvers"))
        self.node = Node(
            self.api,
            virtual,
            NODE,
            "10.99.0.1",
            seed,
            lambda: 0.005,
            lambda: 0.002,
            self.network,
            self.volumes,
            self.dns,
            settings,
        )
        self.kubelets = Kubelets(self.api, [self.node])
        self.events: list[tuple[float, EventType, Json]] = []
        self.api.watch("pods", self._hear, since=self.api.list("pods").rv)

    def create(self, name: str, *containers: Json, **spec: Any) -> Json:
        """A pod on the node; without containers it has one of nginx."""
        meta = {"name": name, **spec.pop("metadata", {})}
        body = {"metadata": meta, "spec": {"nodeName": NODE, "containers": list(containers) or [nginx()], **spec}}
        return self.api.create("pods", NS, body, user=USER)

    def pod(self, name: str) -> Json:
        """It, as it is on record."""
        return self.api.get("pods", NS, name)

    def delete(self, name: str, grace_s: int | None = None) -> None:
        """Ask for its end."""
        self.api.delete("pods", NS, name, user=USER, grace_s=grace_s)

    def seen(self, name: str, tell: Callable[[Json], Any]) -> list[Any]:
        """What `tell` says of each version of a pod, without repetitions."""
        told = [tell(item) for _, kind, item in self.events if item["metadata"]["name"] == name and kind != "DELETED"]
        return [each for number, each in enumerate(told) if not number or each != told[number - 1]]

    def gone_at(self, name: str) -> float:
        """When its object was removed."""
        found: float = next(
            at for at, kind, item in self.events if kind == "DELETED" and item["metadata"]["name"] == name
        )
        return found

    async def exec(self, pod: str, *command: str, container: str = "") -> tuple[int, bytes]:
        """A command's exit code, and everything it wrote."""
        out: list[bytes] = []
        code = await self.kubelets.exec(NS, pod, container, command, Streams(_nothing(), out.append, out.append))
        return code, b"".join(out)

    def _hear(self, kind: EventType, item: Json) -> None:
        self.events.append((anyio.current_time(), kind, item))


def simulate(test: Callable[[World], Awaitable[Result]], settings: NodeSettings | None = None, seed: int = 1) -> Result:
    """Run a test in a world of its own, and end the world with it."""

    async def main() -> Result:
        world = World(settings or NodeSettings(present=("nginx:1", "busybox:1")), seed)
        async with anyio.create_task_group() as group:
            await group.start(world.dns.run)
            await group.start(world.node.run)
            result = await test(world)
            group.cancel_scope.cancel()
        return result

    return run(main)


def nginx(name: str = "c", **spec: Any) -> Json:
    """A container of the web server."""
    return {"name": name, "image": "nginx:1", **spec}


def sh(script: str, name: str = "c", **spec: Any) -> Json:
    """A container that runs a script."""
    return {"name": name, "image": "busybox:1", "command": ["sh", "-c", script], **spec}


def phase(pod: Json) -> str:
    """A pod's phase."""
    return str(pod["status"]["phase"])


def condition(pod: Json, kind: str) -> Json:
    """One of its conditions; empty if it has none."""
    found = (each for each in pod["status"].get("conditions") or () if each["type"] == kind)
    return next(found, {})


def is_ready(pod: Json) -> bool:
    """Whether it is Ready."""
    return bool(condition(pod, "Ready").get("status") == "True")


def state(pod: Json, number: int = 0, of: str = "containerStatuses") -> str:
    """The state of one of its containers, with the reason if there is one: `waiting/CrashLoopBackOff`."""
    statuses = pod["status"].get(of)
    if not statuses:
        return ""
    [(kind, detail)] = statuses[number]["state"].items()
    return f"{kind}/{detail['reason']}" if "reason" in detail else str(kind)


async def _nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for data in empty:
        yield data


def printed(world: World, pod: str, container: str, *, previous: bool = False) -> bytes:
    """What a container has printed."""
    log = world.kubelets.logs(NS, pod, container, previous=previous)
    assert log is not None
    return b"".join(data for _, data in log.pieces)
