"""An API server in virtual time, controllers that run on it, and what was written, by whom and when."""

import datetime
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import anyio

from chaos import chance, time
from chaos.embedded.api import ApiServer
from chaos.embedded.controllers.manager import Controller
from chaos.embedded.interface import EventType, Json
from chaos.embedded.virtual import run

USER = "test"
NS = "ns"


class World:
    """An API server with a namespace, and the log of all changes of some resources."""

    def __init__(self, seed: int = 1) -> None:
        numbers = itertools.count(1)
        self.is_live = False
        self.api = ApiServer(self.now, lambda: f"00000000-0000-4000-8000-{next(numbers):012x}")
        self.seen: list[tuple[str, EventType, Json]] = []
        lags, latencies = chance.stream(seed, "lag"), chance.stream(seed, "latency")
        self.lag: Callable[[], float] = lambda: lags.uniform(0.0005, 0.012)
        self.latency: Callable[[], float] = lambda: latencies.uniform(0.001, 0.008)
        self.add("namespaces", "", {"metadata": {"name": NS}})
        self.add("serviceaccounts", NS, {"metadata": {"name": "default"}})

    def now(self) -> datetime.datetime:
        """The wall clock, which stands still at the beginning until the loop runs."""
        return time.virtual() if self.is_live else time.EPOCH

    def add(self, resource: str, namespace: str, body: Json) -> Json:
        """Create as the test."""
        return self.api.create(resource, namespace, body, user=USER)

    def get(self, resource: str, name: str, namespace: str = NS) -> Json:
        """The object as it is."""
        return self.api.get(resource, namespace, name)

    def names(self, resource: str, namespace: str = NS) -> list[str]:
        """The names of what is there."""
        return [item["metadata"]["name"] for item in self.api.list(resource, namespace).items]

    def status(self, resource: str, name: str, status: Json, namespace: str = NS) -> Json:
        """Change the status of an object; what is not named stays."""
        old = self.get(resource, name, namespace)
        new = {**old, "status": {**old.get("status", {}), **status}}
        return self.api.update(resource, namespace, name, new, user=USER, subresource="status")

    def delete(self, resource: str, name: str, namespace: str = NS, **options: Any) -> Json:
        """Delete as the test."""
        return self.api.delete(resource, namespace, name, user=USER, **options)

    def follow(self, *resources: str) -> None:
        """Log the changes of resources from now on."""
        for resource in resources:
            since = self.api.list(resource).rv
            self.api.watch(resource, self._hears(resource), since=since)

    async def gone(self, resource: str) -> None:
        """Wait until the next object of a resource is removed."""
        removed = anyio.Event()

        def hear(kind: EventType, item: Json) -> None:
            if kind == "DELETED":
                removed.set()

        end = self.api.watch(resource, hear, since=self.api.list(resource).rv)
        await removed.wait()
        end()

    def story(self) -> list[tuple[str, str]]:
        """What was logged: (event, name)."""
        return [(kind, item["metadata"]["name"]) for _, kind, item in self.seen]

    def _hears(self, resource: str) -> Callable[[EventType, Json], None]:
        return lambda kind, item: self.seen.append((resource, kind, item))

    def pod(
        self, name: str, ip: str = "", *, labels: Json | None = None, owner: Json | None = None, **spec: Any
    ) -> Json:
        """A pod on node-1, running and ready if it has an address."""
        meta: Json = {"name": name, "labels": labels or {"app": "web"}}
        if owner is not None:
            meta["ownerReferences"] = [reference(owner)]
        container = {"name": "c", "image": "nginx:1.27", "ports": [{"containerPort": 8080, "name": "http"}]}
        self.add("pods", NS, {"metadata": meta, "spec": {"containers": [container], **spec}})
        target = {"target": {"kind": "Node", "name": "node-1"}}
        self.api.create("pods", NS, target, user=USER, subresource="binding", name=name)
        return self.make_ready(name, ip) if ip else self.get("pods", name)

    def make_ready(self, name: str, ip: str, status: str = "True") -> Json:
        """Let a pod run."""
        ready = {"type": "Ready", "status": status, "lastTransitionTime": self.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self.status("pods", name, {"phase": "Running", "podIP": ip, "conditions": [ready]})

    def node(self, name: str = "node-1", *, labels: Json | None = None, ready: str = "True", **spec: Any) -> Json:
        """A node that has posted its status once."""
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        conditions = [{"type": "Ready", "status": ready, "lastHeartbeatTime": at, "lastTransitionTime": at}]
        meta = {"name": name, "labels": labels or {}}
        return self.add("nodes", "", {"metadata": meta, "spec": spec, "status": {"conditions": conditions}})


def reference(owner: Json, *, blocks: bool = True) -> Json:
    """The reference by which `owner` controls an object."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": blocks,
    }


def live(world: World, act: Callable[[], Awaitable[None]], *controllers: Controller) -> None:
    """Run controllers in virtual time for as long as `act` does."""

    async def main() -> None:
        world.is_live = True
        async with anyio.create_task_group() as group:
            for controller in controllers:
                await group.start(controller.run)
            await act()
            group.cancel_scope.cancel()

    run(main)
    world.is_live = False
