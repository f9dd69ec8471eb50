"""The life of one pod on its node: sandbox, containers, readiness, and the end that its grace period allows."""

import random
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import anyio
from anyio.abc import TaskGroup

from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import ApiError, Json, Now, Streams
from chaos.embedded.node.dns import Dns, resolv_conf
from chaos.embedded.node.files import Files
from chaos.embedded.node.network import Network
from chaos.embedded.node.probing import probe
from chaos.embedded.node.programs import Container, nothing, program_for
from chaos.embedded.node.status import ContainerState, PodState, status, terminated
from chaos.embedded.node.volumes import Volumes
from chaos.embedded.shell import NoSuchProgram, Process

SANDBOX_S = 0.15, 0.5
STARTING_S = 0.08, 0.25
"""How long a sandbox and a container take on a real node (Kubernetes 1.37.2, containerd 2.4)."""

BACKOFF_S = 10.0, 300.0
"""The pause before a container is started again, which doubles, and the longest."""

PULL_S = 2.0, 300.0
UNPULLABLE = ("does-not-exist", "invalid.example")
"""What marks an image that no registry has."""


class Site(NamedTuple):
    """What a node offers the pods on it."""

    client: Client
    now: Now
    network: Network
    volumes: Volumes
    dns: Dns
    host_ip: str


class PodLife:
    """One pod, from when its kubelet saw it to when it is gone."""

    def __init__(self, pod: Json, site: Site, draws: random.Random) -> None:
        self.pod = pod
        self.containers: dict[str, Container] = {}
        self._site = site
        self._draws = draws
        self._changed = anyio.Event()
        self._is_gone = False
        self._stop = anyio.Event()
        self._own_volumes: dict[str, dict[str, bytes]] = {}
        self.state = PodState(
            [ContainerState(each["name"], each["image"]) for each in pod["spec"]["containers"]],
            site.host_ip,
            site.now(),
        )
        self._execs: dict[int, Process] = {}
        self._ended: dict[str, anyio.Event] = {}

    @property
    def uid(self) -> str:
        """Which pod this is."""
        return str(self.pod["metadata"]["uid"])

    def update(self, pod: Json) -> None:
        """The object has changed."""
        self.pod = pod
        if "deletionTimestamp" in pod["metadata"]:
            self._stop.set()
        self._changed.set()

    def gone(self) -> None:
        """The object is no longer there: whatever still runs is killed."""
        self._is_gone = True
        self._stop.set()
        self._changed.set()

    async def run(self) -> None:
        """Live."""
        try:
            async with anyio.create_task_group() as group:
                if not self._stop.is_set():
                    group.start_soon(self._begin, group)
                await self._stop.wait()
                if not self._is_gone:
                    # The kubelet has seen the deletion.
                    await self._report()
                await self._end(group)
                group.cancel_scope.cancel()
        finally:
            if self.state.ip:
                self._site.network.leave(self.state.ip)
        if not self._is_gone:
            await self._confirm()

    async def _begin(self, group: TaskGroup) -> None:
        await self._report()
        await anyio.sleep(self._draws.uniform(*SANDBOX_S))
        self.state.ip = self._site.network.join()
        self.state.sandbox = True
        await self._report(hides_ip=True)
        for spec, state in zip(self.pod["spec"]["containers"], self.state.containers, strict=True):
            group.start_soon(self._contain, spec, state)

    async def _contain(self, spec: Json, state: ContainerState) -> None:
        """One container, started again as often as its pod's policy says."""
        await self._pull(spec, state)
        pause = BACKOFF_S[0]
        while True:
            await anyio.sleep(self._draws.uniform(*STARTING_S))
            if self._stop.is_set() or not await self._once(spec, state):
                return
            policy = self.pod["spec"].get("restartPolicy", "Always")
            if self._stop.is_set() or policy == "Never" or (policy == "OnFailure" and state.code == 0):
                await self._report()
                return
            state.last = {"terminated": terminated(state)}
            state.started_at, state.ended_at = None, None
            state.waiting, state.message = (
                "CrashLoopBackOff",
                f"back-off {pause:g}s restarting failed container={state.name}",
            )
            await self._report()
            await anyio.sleep(pause)
            pause = min(pause * 2, BACKOFF_S[1])
            state.restarts += 1

    async def _pull(self, spec: Json, state: ContainerState) -> None:
        """Wait for ever for an image that is not to be had."""
        if not any(part in spec["image"] for part in UNPULLABLE):
            return
        pause = PULL_S[0]
        while True:
            await anyio.sleep(self._draws.uniform(0.5, 1.5))
            message = f'failed to pull and unpack image "{spec["image"]}": not found'
            state.waiting, state.message = "ErrImagePull", message
            await self._report()
            state.waiting, state.message = "ImagePullBackOff", f'Back-off pulling image "{spec["image"]}": {message}'
            await anyio.sleep(1.0)
            await self._report()
            await anyio.sleep(pause)
            pause = min(pause * 2, PULL_S[1])

    async def _once(self, spec: Json, state: ContainerState) -> bool:
        """Run a container until its program ends; whether it could be started."""
        container = self._container(spec)
        try:
            container.program = program_for(container, self._draws)
        except NoSuchProgram as error:
            state.waiting, state.message = "RunContainerError", f'exec: "{error}": executable file not found in $PATH'
            await self._report()
            return False
        self.containers[state.name] = container
        self._ended[state.name] = anyio.Event()
        state.started_at, state.ended_at = self._site.now(), None
        state.id = f"containerd://{self._draws.randbytes(32).hex()}"
        state.ready = "readinessProbe" not in spec
        async with anyio.create_task_group() as group:
            group.start_soon(self._report)
            if "readinessProbe" in spec:
                group.start_soon(self._probe, spec["readinessProbe"], container, state)
            state.code = await container.program.run()
            group.cancel_scope.cancel()
        state.ended_at, state.ready = self._site.now(), False
        self.containers.pop(state.name, None)
        self._ended[state.name].set()
        for process in list(self._execs.values()):
            process.signal("KILL")
        return True

    async def _probe(self, wanted: Json, container: Container, state: ContainerState) -> None:
        async for is_ready in probe(wanted, container):
            if is_ready != state.ready:
                state.ready = is_ready
                await self._report()

    def _container(self, spec: Json) -> Container:
        own = {"etc/resolv.conf": resolv_conf(self.pod["metadata"]["namespace"])}
        files = Files(own, self._site.volumes.mounts(self.pod, spec, self._own_volumes))
        return Container(self.pod, spec, files, self.state.ip, self._site.network, self._site.dns, self._site.now)

    async def _end(self, group: TaskGroup) -> None:
        """Stop every container, at the latest when the grace period is over."""
        self.state.stopping = True
        began = anyio.current_time()
        async with anyio.create_task_group() as stopping:
            stopping.start_soon(self._kill_in_time, began, stopping.cancel_scope)
            async with anyio.create_task_group() as containers:
                for name in list(self.containers):
                    containers.start_soon(self._terminate, name)
            stopping.cancel_scope.cancel()
        for name, container in list(self.containers.items()):
            container.signal("KILL")
            await self._ended[name].wait()

    async def _terminate(self, name: str) -> None:
        """preStop, then TERM, then wait."""
        container = self.containers[name]
        hook = (container.spec.get("lifecycle") or {}).get("preStop") or {}
        if "exec" in hook:
            with suppress(ApiError):
                await self.exec(name, hook["exec"]["command"], Streams(nothing(), _ignore, _ignore))
        elif "sleep" in hook:
            await anyio.sleep(hook["sleep"]["seconds"])
        container.signal("TERM")
        await self._ended[name].wait()

    async def _kill_in_time(self, began: float, scope: anyio.CancelScope) -> None:
        """End the waiting when the grace, which may be shortened meanwhile, is over."""
        while True:
            self._changed = anyio.Event()
            grace = 0.0 if self._is_gone else float(self.pod["metadata"].get("deletionGracePeriodSeconds", 0))
            left = began + grace - anyio.current_time()
            if left <= 0:
                scope.cancel()
                return
            with anyio.move_on_after(left):
                await self._changed.wait()

    async def exec(self, name: str, command: Sequence[str], streams: Streams) -> int:
        """Run a command in a container until it ends, or is killed with the container.

        Raises:
            ApiError: 400 no such container, 500 it does not run or has no such executable.
        """
        if all(each.name != name for each in self.state.containers):
            raise ApiError(400, "BadRequest", f"container {name} is not valid for pod {self.pod['metadata']['name']}")
        container = self.containers.get(name)
        if container is None:
            raise ApiError(500, "InternalError", f'unable to upgrade connection: container not found ("{name}")')
        try:
            process = Process(command, container)
        except NoSuchProgram as error:
            message = (
                "OCI runtime exec failed: exec failed: unable to start container process: exec: "
                f'"{error}": executable file not found in $PATH'
            )
            raise ApiError(500, "InternalError", message) from error
        number = len(self._execs) + 1 + max(self._execs, default=0)
        self._execs[number] = process
        try:
            return await process.run(streams)
        finally:
            del self._execs[number]

    async def _report(self, *, hides_ip: bool = False) -> None:
        """Write what is known, onto what is on record."""
        meta = self.pod["metadata"]
        with suppress(ApiError):
            fresh = await self._site.client.get("pods", meta["namespace"], meta["name"])
            if fresh["metadata"]["uid"] != self.uid or self._is_gone:
                return
            found = status(self.state, {**self.pod, "status": fresh["status"]}, self._site.now())
            if hides_ip:
                # The address is told with the first running container.
                found = {key: value for key, value in found.items() if key not in ("podIP", "podIPs")}
            await self._site.client.patch(
                "pods",
                meta["namespace"],
                meta["name"],
                {"metadata": {"uid": self.uid}, "status": found},
                "merge",
                subresource="status",
            )

    async def _confirm(self) -> None:
        """Tell the final status, then remove the object."""
        self.state.sandbox = False
        await self._report()
        meta = self.pod["metadata"]
        with suppress(ApiError):
            await self._site.client.delete("pods", meta["namespace"], meta["name"], uid=self.uid, grace_s=0)


def _ignore(data: bytes) -> None:
    """Nobody reads what a hook prints."""
