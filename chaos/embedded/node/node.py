"""A node: it registers, keeps its Lease, and lives the pods that are put on it."""

import random
from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup, TaskStatus

from chaos import chance
from chaos.embedded.api.stamps import micro_timestamp, timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, EventType, Json, Now
from chaos.embedded.node.dns import Dns
from chaos.embedded.node.life import PodLife, Site
from chaos.embedded.node.network import Network
from chaos.embedded.node.volumes import Volumes

VERSION = "v1.37.2"
LEASES = "kube-node-lease"
RENEW_S = 10.0


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
    ) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self.name = name
        self.lives: dict[str, PodLife] = {}
        self._api = api
        self._now = now
        self._seed = seed
        self._client = Client(api, f"system:node:{name}", latency)
        self._site = Site(self._client, now, network, volumes, dns, host_ip)
        self._pods = Informer(api, "pods", lag, self._pod_changed)
        self._group: TaskGroup | None = None
        self._seen = 0

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Register, then live pods. Started when the node is there."""
        async with anyio.create_task_group() as self._group:
            await self._client.create("nodes", "", self._object())
            self._group.start_soon(self._renew)
            await self._group.start(self._pods.run)
            task_status.started()

    @property
    def frozen(self) -> bool:
        """Whether the kubelet sees nothing of what is changed."""
        return self._pods.frozen

    @frozen.setter
    def frozen(self, value: bool) -> None:
        self._pods.frozen = value

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
        self._seen += 1
        draws: random.Random = chance.stream(self._seed, f"node/{self.name}/pod", self._seen)
        life = PodLife(pod, self._site, draws)
        self.lives[life.uid] = life
        if "deletionTimestamp" in pod["metadata"]:
            life.update(pod)
        self._group.start_soon(self._live, life)

    async def _live(self, life: PodLife) -> None:
        await life.run()
        del self.lives[life.uid]

    async def _renew(self) -> None:
        spec: Json = {"holderIdentity": self.name, "leaseDurationSeconds": 40}
        spec["renewTime"] = micro_timestamp(self._now())
        await self._client.create("leases", LEASES, {"metadata": {"name": self.name}, "spec": spec})
        while True:
            await anyio.sleep(RENEW_S)
            if not self.frozen:
                body = {"spec": {"renewTime": micro_timestamp(self._now())}}
                await self._client.patch("leases", LEASES, self.name, body, "merge")

    def _object(self) -> Json:
        at = timestamp(self._now())
        pressures = ("MemoryPressure", "DiskPressure", "PIDPressure")
        conditions = [
            *({"type": kind, "status": "False", "reason": f"KubeletHasNo{kind}"} for kind in pressures),
            {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"},
        ]
        capacity = {"cpu": "2", "memory": "8Gi", "pods": "250"}
        labels = {"kubernetes.io/arch": "amd64", "kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux"}
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": labels},
            "spec": {},
            "status": {
                "capacity": capacity,
                "allocatable": capacity,
                "conditions": [{**each, "lastHeartbeatTime": at, "lastTransitionTime": at} for each in conditions],
                "addresses": [
                    {"type": "InternalIP", "address": self._site.host_ip},
                    {"type": "Hostname", "address": self.name},
                ],
                "nodeInfo": {
                    "kubeletVersion": VERSION,
                    "containerRuntimeVersion": "embedded://1",
                    "operatingSystem": "linux",
                    "architecture": "amd64",
                    "osImage": "embedded",
                    "kernelVersion": "",
                },
            },
        }
