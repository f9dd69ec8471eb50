"""Nodes: one whose heartbeats stop is lost, tainted, and its pods are driven off once they no longer tolerate that.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/nodelifecycle and pkg/controller/tainteviction. Left out: zones, the limit of
evictions per second, tolerations that change.
"""

from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskGroup, TaskStatus

from chaos.embedded.controllers import health
from chaos.embedded.controllers.client import Client
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:node-controller"
MONITOR_S = 5.0
GRACE_S = 50.0
"""Without a heartbeat a node is lost after this long (40 s before 1.32)."""
LEASES = "kube-node-lease"


class NodeController:
    """Looks after nodes, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        # When each node was last heard of, on the clock of the event loop.
        self._heard: dict[str, float] = {}
        # The heartbeat that was heard, so that other changes of the node do not count.
        self._beats: dict[str, str] = {}
        self._evictions: dict[str, anyio.CancelScope] = {}
        self._group: TaskGroup | None = None
        self._nodes = Informer(api, "nodes", lag, self._node_changed)
        self._leases = Informer(api, "leases", lag, self._lease_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then look after the nodes every few seconds. Started when the caches are full."""
        async with anyio.create_task_group() as self._group:
            await self._group.start(self._nodes.run)
            await self._group.start(self._leases.run)
            task_status.started()
            while True:
                await self._monitor()
                await anyio.sleep(MONITOR_S)

    def _node_changed(self, kind: EventType, item: Json) -> None:
        name = item["metadata"]["name"]
        if kind == "DELETED":
            self._heard.pop(name, None)
            return
        ready = [each for each in (item.get("status") or {}).get("conditions") or () if each["type"] == "Ready"]
        self._hear(name, "node", str(ready[0].get("lastHeartbeatTime")) if ready else "")

    def _lease_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind != "DELETED" and meta["namespace"] == LEASES:
            self._hear(meta["name"], "lease", str(item["spec"].get("renewTime")))

    def _hear(self, name: str, channel: str, beat: str) -> None:
        if self._beats.get(f"{channel}/{name}") != beat:
            self._beats[f"{channel}/{name}"] = beat
            self._heard[name] = anyio.current_time()

    async def _monitor(self) -> None:
        nodes = [node for _, node in sorted(self._nodes.objects.items())]
        overdue = {name for name, at in self._heard.items() if anyio.current_time() > at + GRACE_S}
        evicts = any(_will_be_ready(node, overdue) for node in nodes)
        for node in nodes:
            try:
                await self._look_after(node, node["metadata"]["name"] in overdue, evicts)
            except ApiError:
                # Somebody else changed it; the next look is soon.
                continue

    async def _look_after(self, node: Json, is_overdue: bool, evicts: bool) -> None:
        name, before = node["metadata"]["name"], health.ready_status(node)
        if is_overdue and before != "Unknown":
            node = await self._client.update("nodes", health.lost(node, self._now()), subresource="status")
        taints = health.tainted(node, evicts, self._now())
        if taints != (node["spec"].get("taints") or []):
            body = {"metadata": {"uid": node["metadata"]["uid"]}, "spec": {"taints": taints or None}}
            node = await self._client.patch("nodes", "", name, body, "merge")
        after = health.ready_status(node)
        if after != "True" and before == "True":
            await self._mark_pods(name)
        await self._drive_off(node)

    async def _mark_pods(self, node: str) -> None:
        for pod in await self._pods_on(node):
            changed = health.unready(pod, self._now())
            if changed is not None:
                try:
                    await self._client.update("pods", changed, subresource="status")
                except ApiError as error:
                    if error.status not in (404, 409):
                        raise

    async def _drive_off(self, node: Json) -> None:
        """Begin to wait for the end of the pods' tolerance, or call it off."""
        assert self._group is not None, "the controller runs"
        name = node["metadata"]["name"]
        if not any(each["effect"] == "NoExecute" for each in node["spec"].get("taints") or ()):
            scope = self._evictions.pop(name, None)
            if scope is not None:
                scope.cancel()
        elif name not in self._evictions:
            self._evictions[name] = anyio.CancelScope()
            self._group.start_soon(self._evict, node, await self._pods_on(name), self._evictions[name])

    async def _evict(self, node: Json, pods: Sequence[Json], scope: anyio.CancelScope) -> None:
        with scope:
            async with anyio.create_task_group() as group:
                for pod in pods:
                    seconds = health.eviction_in_s(pod, node)
                    if seconds is not None:
                        group.start_soon(self._delete_later, pod, seconds)

    async def _delete_later(self, pod: Json, seconds: float) -> None:
        await anyio.sleep(seconds)
        meta = pod["metadata"]
        try:
            fresh = await self._client.get("pods", meta["namespace"], meta["name"])
            if fresh["metadata"]["uid"] == meta["uid"] and "deletionTimestamp" not in fresh["metadata"]:
                await self._client.update("pods", health.condemned(fresh, self._now()), subresource="status")
                await self._client.delete("pods", meta["namespace"], meta["name"])
        except ApiError as error:
            if error.status not in (404, 409):
                raise

    async def _pods_on(self, node: str) -> list[Json]:
        return [pod for pod in await self._client.list("pods") if pod["spec"].get("nodeName") == node]


def _will_be_ready(node: Json, overdue: set[str]) -> bool:
    return health.ready_status(node) == "True" and node["metadata"]["name"] not in overdue
