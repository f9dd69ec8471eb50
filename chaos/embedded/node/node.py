"""A node: it registers, says that it is there, and lives the pods that are put on it."""

from collections.abc import Callable
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup, TaskStatus

from chaos import chance
from chaos.embedded.controllers.client import Client
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now
from chaos.embedded.node.admission import rejection
from chaos.embedded.node.gate import Gate
from chaos.embedded.node.heartbeat import Heartbeat
from chaos.embedded.node.images import Images
from chaos.embedded.node.life import PodLife
from chaos.embedded.node.network import Network
from chaos.embedded.node.registration import node_object
from chaos.embedded.node.resolving import Dns
from chaos.embedded.node.settings import NodeSettings
from chaos.embedded.node.site import Site
from chaos.embedded.node.volumes import Volumes

USUAL = NodeSettings()
RECONCILE_S = 10.0
"""Between two looks whether others have written what a kubelet says of its pods (syncPeriod of its status manager)."""


class Node:
    """One kubelet, until it is cancelled. `lives` are its pods by uid."""

    def __init__(
        self,
        api: Api,
        now: Now,
        name: str,
        host_ip: str,
        seed: int,
        lag: Callable[[], float],
        latency: Callable[[], float],
        network: Network,
        volumes: Volumes,
        dns: Dns,
        settings: NodeSettings = USUAL,
    ) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self.name = name
        self.lives: dict[str, PodLife] = {}
        self.is_lost = False
        self._seed = seed
        self._client = Client(api, f"system:node:{name}", latency)
        images = Images(settings, chance.stream(seed, f"node/{name}/images"))
        self._gate = Gate()
        self._site = Site(
            name,
            host_ip,
            api,
            self._client,
            now,
            network,
            network.subnet(),
            volumes,
            dns,
            images,
            self._gate,
            settings,
        )
        self._lag = lag
        self._pods = self._cache()
        self._group: TaskGroup | None = None
        self._life = anyio.CancelScope()
        self._back = anyio.Event()
        self._seen = 0

    @property
    def host_ip(self) -> str:
        """The node's own address."""
        return self._site.host_ip

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live, and live again each time that the node comes back. Started when the node is there for the first time."""
        while True:
            with self._life:
                await self._boot(task_status)
            task_status = anyio.TASK_STATUS_IGNORED
            await self._back.wait()

    async def _boot(self, task_status: TaskStatus[None]) -> None:
        """Register, then live pods."""
        site = self._site
        wanted = node_object(self.name, site.host_ip, site.subnet.cidr, site.settings, site.now())
        heartbeat = Heartbeat(self._client, self._gate, site.now, wanted)
        async with anyio.create_task_group() as self._group:
            node = await heartbeat.register()
            self._group.start_soon(heartbeat.renew, node)
            self._group.start_soon(heartbeat.post)
            self._group.start_soon(self._reconcile)
            await self._group.start(self._pods.run)
            task_status.started()

    def freeze(self) -> None:
        """Stop the kubelet: it sees nothing, starts, ends and tells nothing, and sends no heartbeats. What runs goes on."""
        self.frozen = True

    def thaw(self) -> None:
        """Let the kubelet go on where it was; a node that is lost stays so until it comes back."""
        self.frozen = False

    @property
    def frozen(self) -> bool:
        """Whether the kubelet is stopped."""
        return self._gate.is_closed

    @frozen.setter
    def frozen(self, value: bool) -> None:
        if self.is_lost:
            return
        self._pods.frozen = value
        if value:
            self._gate.close()
        else:
            self._gate.open()

    def lose(self) -> None:
        """The node is gone with everything that ran on it, and tells nobody."""
        if self.is_lost:
            return
        self.is_lost = True
        for life in self.lives.values():
            life.lose()
        self.lives = {}
        self._back = anyio.Event()
        self._life.cancel()

    def come_back(self) -> None:
        """The machine of a lost node starts again: nothing runs on it, its volumes are what they were."""
        if self.is_lost:
            self.is_lost = False
            self._gate.open()
            self._pods = self._cache()
            self._life = anyio.CancelScope()
            self._back.set()

    def _cache(self) -> Informer:
        return Informer(self._site.api, "pods", self._lag, self._pod_changed)

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        if item["spec"].get("nodeName") != self.name:
            return
        uid = item["metadata"]["uid"]
        life = self.lives.get(uid)
        if kind == "DELETED":
            if life is not None:
                life.gone()
        elif life is not None:
            life.update(item)
        elif item.get("status", {}).get("phase") not in ("Failed", "Succeeded"):
            self._begin(item)

    def _begin(self, pod: Json) -> None:
        assert self._group is not None, "the node runs"
        rejected = rejection(pod, (life.pod for life in self.lives.values()))
        if rejected is not None:
            self._group.start_soon(self._reject, pod, rejected)
            return
        self._seen += 1
        life = PodLife(pod, self._site, chance.stream(self._seed, f"node/{self.name}/pod", self._seen))
        life.recall()
        self.lives[life.uid] = life
        if "deletionTimestamp" in pod["metadata"]:
            life.update(pod)
        self._group.start_soon(self._live, life)

    async def _reject(self, pod: Json, status: Json) -> None:
        meta = pod["metadata"]
        body = {"metadata": {"uid": meta["uid"]}, "status": status}
        # A pod that is gone by then needs no status.
        with suppress(ApiError):
            await self._client.patch("pods", meta["namespace"], meta["name"], body, "merge", subresource="status")

    async def _live(self, life: PodLife) -> None:
        lives = self.lives
        await life.run()
        lives.pop(life.uid, None)

    async def _reconcile(self) -> None:
        """See every few seconds to it that what is on record of the pods is what this kubelet told."""
        while True:
            await anyio.sleep(RECONCILE_S)
            await self._gate.passed()
            for life in self.lives.values():
                life.reconcile()
