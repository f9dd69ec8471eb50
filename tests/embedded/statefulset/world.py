"""A StatefulSet controller on an API server in virtual time, with a node that runs pods without running anything."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio.abc import TaskGroup

from chaos import chance
from chaos.embedded.api import ApiServer
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.statefulset import Rules, StatefulSetController
from chaos.embedded.interface import ApiError, EventType, Json
from chaos.embedded.release import RECREATE, Release
from chaos.embedded.virtual import run
from chaos.time import virtual

NS = "ns"
USER = "test"
QUIET_S = 5.0
"""Without a write for so long, nothing more is expected to happen."""


class World:
    """What a scenario has in hand.

    `moves` is the life of the pods in order: `+web-0` was created, `*web-0` became Ready, `!web-0` began to terminate,
    `-web-0` was removed. Pods named in `held` never become Ready; terminating ones named in `stuck` stay.
    """

    def __init__(self, group: TaskGroup, rules: Rules | None, seed: int) -> None:
        uids = chance.stream(seed, "uids")
        release = Release(chosen={RECREATE: rules is not None and rules.recreates})
        self.api = ApiServer(virtual, lambda: f"{uids.getrandbits(128):032x}", release=release)
        self.api.create("namespaces", "", {"metadata": {"name": NS}}, user=USER)
        self.api.create("serviceaccounts", NS, {"metadata": {"name": "default"}}, user=USER)
        self.group = group
        self.rules = rules
        self.seed = seed
        self.moves: list[str] = []
        self.held: list[str] = []
        self.stuck: list[str] = []
        self.start_s = 1.0
        self.stop_s = 1.0
        self.controller = self._made()
        self._life = anyio.CancelScope()
        self._ended = anyio.Event()
        self._ready: dict[str, bool] = {}
        self._going: dict[str, bool] = {}
        self.api.watch("pods", self._pod_changed, since=self.api.list("pods").rv)

    def _made(self) -> StatefulSetController:
        lags, latencies = chance.stream(self.seed, "lag"), chance.stream(self.seed, "latency")
        return StatefulSetController(
            self.api, virtual, lambda: lags.uniform(0.0005, 0.012), lambda: latencies.uniform(0.001, 0.008), self.rules
        )

    async def start(self) -> None:
        """Start the controller."""
        await self.group.start(self._live)

    async def restart(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """End the controller, let something happen, and start another one with empty caches."""
        self._life.cancel()
        await self._ended.wait()
        meanwhile()
        self.controller = self._made()
        await self.start()

    async def _live(self, *, task_status: Any) -> None:
        self._ended = anyio.Event()
        with anyio.CancelScope() as self._life:
            await self.controller.run(task_status=task_status)
        self._ended.set()

    def create(self, name: str = "web", image: str = "nginx:1", meta: Json | None = None, **spec: Any) -> Json:
        """Create a set."""
        return self.api.create("statefulsets", NS, statefulset(name, image, meta, **spec), user=USER)

    def change(self, name: str = "web", **spec: Any) -> Json:
        """Change a set's spec by a merge patch."""
        return self.api.patch("statefulsets", NS, name, {"spec": spec}, "merge", user=USER)

    def set_image(self, image: str) -> Json:
        """Change the template's image."""
        container = {"name": "nginx", "image": image}
        return self.change(template={"spec": {"containers": [container]}})

    def delete(self, pod: str, grace_s: int | None = None) -> None:
        """Delete a pod as a user."""
        self.api.delete("pods", NS, pod, user=USER, grace_s=grace_s)

    def pod(self, name: str) -> Json:
        """A pod as it is."""
        return self.api.get("pods", NS, name)

    def statefulset(self, name: str = "web") -> Json:
        """A set as it is."""
        return self.api.get("statefulsets", NS, name)

    def status(self) -> Json:
        """The set's status."""
        status: Json = self.statefulset()["status"]
        return status

    def pods(self) -> list[str]:
        """The names of all pods."""
        return [pod["metadata"]["name"] for pod in self.api.list("pods", NS).items]

    def images(self) -> dict[str, str]:
        """What each pod runs."""
        pods = self.api.list("pods", NS).items
        return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in pods}

    def uids(self) -> dict[str, str]:
        """The uid of each pod."""
        return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in self.api.list("pods", NS).items}

    def revisions(self) -> list[tuple[int, str]]:
        """The number and image of each ControllerRevision, by number."""
        items = self.api.list("controllerrevisions", NS).items
        template = [(each["revision"], each["data"]["spec"]["template"]) for each in items]
        return sorted((number, each["spec"]["containers"][0]["image"]) for number, each in template)

    def told(self) -> list[tuple[str, str]]:
        """Reason and message of the Events, oldest first, without those of success."""
        events = sorted(self.api.list("events", NS).items, key=lambda each: int(each["metadata"]["resourceVersion"]))
        return [(each["reason"], each["message"]) for each in events if each["type"] == "Warning"]

    def set_ready(self, name: str, value: bool) -> None:
        """Make a running pod Ready, or not."""
        if name in self.pods():
            self._write(name, ready_status(value))

    def fail(self, name: str, phase: str = "Failed") -> None:
        """Let a pod end."""
        self._write(name, {"phase": phase})

    async def quiet(self, at_most_s: float = 600.0) -> None:
        """Wait until nothing is written any more."""
        end = anyio.current_time() + at_most_s
        while anyio.current_time() < end:
            before = self.api.list("pods").rv
            await anyio.sleep(QUIET_S)
            if self.api.list("pods").rv == before:
                return
        raise AssertionError(f"still writing after {at_most_s} s")

    def take_moves(self) -> list[str]:
        """The moves since the last time."""
        moves = self.moves[:]
        self.moves.clear()
        return moves

    def _pod_changed(self, kind: EventType, pod: Json) -> None:
        meta = pod["metadata"]
        name, uid = meta["name"], meta["uid"]
        if kind == "ADDED":
            self.moves.append(f"+{name}")
            self.group.start_soon(self._start, name, uid)
        elif kind == "DELETED":
            self.moves.append(f"-{name}")
        elif "deletionTimestamp" in meta and not self._going.get(uid):
            self._going[uid] = True
            self.moves.append(f"!{name}")
            if meta["deletionGracePeriodSeconds"]:
                self.group.start_soon(self._stop, name, uid)
        is_ready = any(
            each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", ())
        )
        if is_ready and not self._ready.get(uid):
            self.moves.append(f"*{name}")
        self._ready[uid] = is_ready

    async def _start(self, name: str, uid: str) -> None:
        await anyio.sleep(0.05)
        if self._is_there(name, uid):
            self.api.create(
                "pods", NS, {"target": {"name": "node-1"}}, user="scheduler", subresource="binding", name=name
            )
        await anyio.sleep(self.start_s)
        if self._is_there(name, uid):
            self._write(name, ready_status(name not in self.held))

    async def _stop(self, name: str, uid: str) -> None:
        await anyio.sleep(self.stop_s)
        if name not in self.stuck:
            try:
                self.api.delete("pods", NS, name, user="kubelet", uid=uid, grace_s=0)
            except ApiError:
                return

    def _is_there(self, name: str, uid: str) -> bool:
        try:
            meta = self.pod(name)["metadata"]
        except ApiError:
            return False
        return bool(meta["uid"] == uid and "deletionTimestamp" not in meta)

    def _write(self, name: str, status: Json) -> None:
        self.api.update("pods", NS, name, {**self.pod(name), "status": status}, user="kubelet", subresource="status")


def ready_status(value: bool) -> Json:
    """The status of a running pod."""
    at = timestamp(virtual())
    condition = {"type": "Ready", "status": str(value), "lastTransitionTime": at, "lastProbeTime": None}
    return {"phase": "Running", "conditions": [condition], "podIP": "10.0.0.1"}


def statefulset(name: str = "web", image: str = "nginx:1", meta: Json | None = None, **spec: Any) -> Json:
    """A set as a client sends it."""
    template = {
        "metadata": {"labels": {"app": "nginx"}},
        "spec": {"containers": [{"name": "nginx", "image": image}], "terminationGracePeriodSeconds": 30},
    }
    kept = {"serviceName": "nginx", "selector": {"matchLabels": {"app": "nginx"}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, **(meta or {})},
        "spec": {**kept, **spec},
    }


def claim_template(name: str = "www", **meta: Any) -> Json:
    """A claim template."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    return {"metadata": {"name": name, **meta}, "spec": spec}


def play(scenario: Callable[[World], Awaitable[None]], rules: Rules | None = None, seed: int = 1) -> World:
    """Run a scenario in virtual time; the world as it left it."""

    async def main() -> World:
        async with anyio.create_task_group() as group:
            world = World(group, rules, seed)
            await world.start()
            await scenario(world)
            group.cancel_scope.cancel()
        return world

    return run(main)
