"""The life of one pod on its node: sandbox, containers, and the end that its grace period allows.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet (pod_workers.go, kubelet.go, kuberuntime/kuberuntime_container.go), and the lives of pods
on a real node.
"""

import random
from collections.abc import Sequence
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup

from chaos.embedded.interface import ApiError, Json, Streams
from chaos.embedded.node.container import Container
from chaos.embedded.node.containers import MINIMUM_S, ContainerLife
from chaos.embedded.node.furnishing import furnished
from chaos.embedded.node.probing import ask
from chaos.embedded.node.reporting import Reporter
from chaos.embedded.node.site import Site
from chaos.embedded.node.states import fresh, recalled
from chaos.embedded.node.status import LOST, status
from chaos.embedded.node.variables import ConfigError
from chaos.embedded.node.volumes import NotMountable
from chaos.embedded.node.wording import exec_failed
from chaos.embedded.shell import NoSuchProgram

MOUNT_RETRY_S = 0.5, 2.0

LOOK_S = 1.0
"""Between two looks whether the deadlines of pods have passed (the sync loop's ticker)."""


class PodLife:
    """One pod, from when its kubelet saw it to when it is gone; implements `chaos.embedded.node.containers.Home`."""

    def __init__(self, pod: Json, site: Site, draws: random.Random) -> None:
        self.pod = pod
        self.site = site
        self.draws = draws
        self.anchor = anyio.current_time()
        self.state = fresh(pod["spec"], site.host_ip, site.now())
        specs = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
        states = [*self.state.init, *self.state.containers]
        self.lives = [ContainerLife(spec, state, self) for spec, state in zip(specs, states, strict=True)]
        self._reporter = Reporter(
            site.client, site.gate, pod, lambda old: status(self.state, self.pod, old, site.now())
        )
        self._contents: dict[str, dict[str, bytes]] = {}
        self._scope = anyio.CancelScope()
        self._beginning = anyio.CancelScope()
        self._ending = anyio.Event()
        self._stop = anyio.Event()
        self._group: TaskGroup | None = None
        self._is_gone = False
        self._is_lost = False
        self._grace: float | None = None
        self._began = 0.0

    @property
    def uid(self) -> str:
        """Which pod this is."""
        return str(self.pod["metadata"]["uid"])

    def tell(self) -> None:
        """See `Home`."""
        self._reporter.tell()

    def furnish(self, spec: Json) -> Container:
        """See `Home`."""
        return furnished(self.pod, spec, self.state.ip, self.site, self._contents)

    def update(self, pod: Json) -> None:
        """The object has changed."""
        old, self.pod = self.pod, pod
        if "deletionTimestamp" in pod["metadata"]:
            self._stop_within(float(pod["metadata"].get("deletionGracePeriodSeconds", 0)))
        elif _observed(pod) != _observed(old):
            self.tell()
        if _deadline(pod) != _deadline(old):
            self._bound()

    def recall(self) -> None:
        """Take over what an earlier kubelet of this node has told of the pod: its containers ended with the machine."""
        recalled(self.state, self.pod.get("status") or {}, self.site.now())

    def reconcile(self) -> None:
        """Tell again what others have changed on record."""
        if self._reporter.is_contradicted(self.pod.get("status") or {}):
            self.tell()

    def gone(self) -> None:
        """The object is no longer there: whatever still runs ends within the shortest grace, or that which it was given."""
        self._is_gone = True
        self._stop_within(0.0)

    def lose(self) -> None:
        """The node is gone, and with it everything that ran."""
        self._is_lost = True
        for each in self.lives:
            if each.container is not None:
                each.container.end()
        self._scope.cancel()

    async def run(self) -> None:
        """Live."""
        try:
            with self._scope:
                async with anyio.create_task_group() as group:
                    self._group = group
                    group.start_soon(self._reporter.run)
                    self._bound()
                    if not self._ending.is_set():
                        group.start_soon(self._begin, group)
                    await self._ending.wait()
                    await self._end()
                    await self._clear()
                    group.cancel_scope.cancel()
        finally:
            self._leave()

    async def _begin(self, group: TaskGroup) -> None:
        """Start everything, and see whether it ends by itself."""
        with self._beginning:
            self.tell()
            await self._mount()
            await anyio.sleep(self.draws.uniform(*self.site.settings.sandbox_s))
            await self.site.gate.passed()
            self.state.ip, self.state.has_sandbox = self.site.subnet.join(), True
            self.tell()
            if await self._initialize(group):
                mains = [each for each in self.lives if each.state.kind == "main"]
                for each in mains:
                    group.start_soon(each.run)
                for each in mains:
                    await each.over.wait()
            self._ending.set()

    def _bound(self) -> None:
        """Have the pod end when its deadline passes, if it has one; a shorter one comes before that of earlier."""
        deadline = _deadline(self.pod)
        if deadline is not None and self._group is not None:
            self._group.start_soon(self._expire, deadline)

    async def _expire(self, deadline: float) -> None:
        """Fail the pod once it has been on the node for so many seconds, as its status tells them.

        Facts: pkg/kubelet/active_deadline.go. A kubelet looks when the pod changes, and now and then.
        """
        left = deadline - (self.site.now() - self.state.started.replace(microsecond=0)).total_seconds()
        if left > 0:
            await anyio.sleep(left + self.draws.uniform(0.0, LOOK_S))
        await self.site.gate.passed()
        if not self._ending.is_set():
            self.state.is_expired = True
            self._ending.set()

    async def _initialize(self, group: TaskGroup) -> bool:
        """Run the init containers, one after another; whether they succeeded."""
        for each in self.lives:
            if each.state.kind == "main":
                continue
            group.start_soon(each.run)
            await (each.started if each.state.kind == "sidecar" else each.over).wait()
            if each.state.kind == "init" and not each.state.is_ready:
                return False
        return True

    async def _mount(self) -> None:
        """Have the volumes; a pod waits for them as long as it takes."""
        while True:
            await self.site.gate.passed()
            try:
                self._contents = self.site.volumes.attach(self.pod)
                return
            except (NotMountable, ConfigError):
                await anyio.sleep(self.draws.uniform(*MOUNT_RETRY_S))

    async def _end(self) -> None:
        """Stop every container within the grace period, then the sandbox, and tell how it ended."""
        self._beginning.cancel()
        self._dismiss()
        if self._grace is None:
            self._grace = float(self.pod["spec"].get("terminationGracePeriodSeconds", 30))
            self._began = anyio.current_time()
        if self._stop.is_set() or self.state.is_expired:
            for each in self.lives:
                each.state.give_up()
            self.tell()
            # The kubelet has seen the deletion, or that the deadline is over: that is told before anything ends.
            await self._reporter.written()
        self.state.is_stopping = True
        # What ended meanwhile is not to begin again.
        self._dismiss()
        await self._terminate([each for each in self.lives if each.state.kind != "sidecar"])
        for each in reversed(self.lives):
            if each.state.kind == "sidecar":
                await self._terminate([each])
        await anyio.sleep(self.draws.uniform(*self.site.settings.teardown_s))
        self._leave()
        await self._bury()

    def _dismiss(self) -> None:
        for each in self.lives:
            each.dismiss()

    async def _bury(self) -> None:
        """Tell the last status: a container of which nothing is known counts as killed."""
        self.state.has_sandbox = False
        unknown = [each for each in self.state.containers if each.run is None]
        if unknown:
            self.tell()
            await self._reporter.written()
        if all(each.is_ready or each.kind == "sidecar" for each in self.state.init):
            for each in unknown:
                each.begin(LOST, is_started=False, is_passing=False)
        self.state.is_over = True
        self.tell()

    async def _clear(self) -> None:
        """Remove the object, once it is to go and everything is told."""
        await self._stop.wait()
        await self._reporter.written()
        if self._is_gone:
            return
        await anyio.sleep(self.draws.uniform(*self.site.settings.clearing_s))
        await self.site.gate.passed()
        meta = self.pod["metadata"]
        with suppress(ApiError):
            await self.site.client.delete("pods", meta["namespace"], meta["name"], uid=self.uid, grace_s=0)

    async def _terminate(self, lives: Sequence[ContainerLife]) -> None:
        async with anyio.create_task_group() as group:
            for each in lives:
                if each.container is not None:
                    group.start_soon(self._terminate_one, each, each.container)

    async def _terminate_one(self, life: ContainerLife, container: Container) -> None:
        """preStop, TERM, and KILL when the grace is over."""
        hook = (life.spec.get("lifecycle") or {}).get("preStop")
        if hook:
            with anyio.move_on_after(self._left(0.0)):
                await ask(hook, container)
        container.signal("TERM")
        with anyio.move_on_after(self._left(anyio.current_time() + MINIMUM_S)):
            await life.over.wait()
        container.signal("KILL")
        await life.over.wait()

    def _left(self, floor: float) -> float:
        """The seconds until the grace is over, but not before `floor`."""
        grace = max(self._grace or 0.0, MINIMUM_S)
        began = max(self._began, floor - grace)
        left = began + grace - anyio.current_time()
        return max(left, 0.0)

    def _stop_within(self, grace: float) -> None:
        """It is to end within this time from now.

        Once that has begun a kubelet 1.37.2 keeps to it, even if the grace is shortened to nothing: SyncTerminatingPod goes on in
        a context that nobody cancels.
        """
        if self._grace is None:
            self._grace, self._began = grace, anyio.current_time()
        self._stop.set()
        self._ending.set()

    def _leave(self) -> None:
        if self.state.ip:
            self.site.network.leave(self.state.ip)

    async def exec(self, name: str, command: Sequence[str], streams: Streams) -> int:
        """Run a command in a container until it ends, or is killed with the container.

        Raises:
            ApiError: 500 it does not run, has no such executable, or was lost with its node.
        """
        await self.site.gate.passed()
        life = next(each for each in self.lives if each.state.name == name)
        if life.container is None:
            raise ApiError(500, "InternalError", f'unable to upgrade connection: container not found ("{name}")')
        try:
            code = await life.execute(command, streams)
        except NoSuchProgram as error:
            message = exec_failed(str(error), life.container.files.is_dir, self.draws.randbytes(32).hex())
            raise ApiError(500, "InternalError", message) from error
        if self._is_lost:
            raise ApiError(
                500, "InternalError", f"error dialing backend: {self.site.host_ip}: connection reset by peer"
            )
        return code


def _deadline(pod: Json) -> float | None:
    seconds: float | None = pod["spec"].get("activeDeadlineSeconds")
    return seconds


def _observed(pod: Json) -> tuple[object, ...]:
    """What a kubelet answers to with a new status: the generation, and the gates that others open."""
    gates = [each["conditionType"] for each in pod["spec"].get("readinessGates") or ()]
    found = (pod.get("status") or {}).get("conditions") or () if gates else ()
    states = tuple((each["type"], each["status"]) for each in found if each["type"] in gates)
    return (pod["metadata"].get("generation"), states)
