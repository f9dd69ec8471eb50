"""Nodes: one whose heartbeats stop is lost and tainted, its pods are no longer Ready, and those that may not stay are evicted.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/nodelifecycle. Left out: zones, the limit of evictions per second, taints for
pressure, and pods that are bound to a node after it was lost.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.controllers import health
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.eviction import TaintEviction
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:node-controller"
MONITOR_S = 5.0
GRACE_S = 50.0
"""Without a heartbeat a node is lost after this long (40 s before 1.32)."""
LEASES = "kube-node-lease"
ATTEMPTS = 3


class NodeController:
    """Looks after nodes, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, "node-controller")
        self._queue: WorkQueue[str] = WorkQueue()
        # When each node was last heard of, on the clock of the event loop.
        self._heard: dict[str, float] = {}
        # The heartbeat that was heard, so that other changes of the node do not count.
        self._beats: dict[str, str] = {}
        # Nodes of whose pods some could not be marked.
        self._unmarked: dict[str, None] = {}
        self._has_ready = True
        self._pods = Informer(api, "pods", lag, self._pod_changed)
        self._nodes = Informer(api, "nodes", lag, self._node_changed)
        self._leases = Informer(api, "leases", lag, self._lease_changed)
        self._eviction = TaintEviction(self._client, self._recorder, now, self._pods.objects.get)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then look after the nodes every few seconds. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            for informer in (self._pods, self._nodes, self._leases):
                await group.start(informer.run)
            group.start_soon(self._eviction.run)
            group.start_soon(self._queue.run, self._close, 1)
            task_status.started()
            while True:
                await self._monitor()
                await anyio.sleep(MONITOR_S)

    def _node_changed(self, kind: EventType, item: Json) -> None:
        name = item["metadata"]["name"]
        self._eviction.node_changed(kind, item, self._pods_on(name))
        if kind == "DELETED":
            self._heard.pop(name, None)
            return
        self._queue.add(name)
        ready = [each for each in (item.get("status") or {}).get("conditions") or () if each["type"] == "Ready"]
        self._hear(name, "node", str(ready[0].get("lastHeartbeatTime")) if ready else "")

    def _lease_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind != "DELETED" and meta["namespace"] == LEASES:
            self._hear(meta["name"], "lease", str(item["spec"].get("renewTime")))

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        self._eviction.pod_changed(kind, item)

    def _hear(self, name: str, channel: str, beat: str) -> None:
        if self._beats.get(f"{channel}/{name}") != beat:
            self._beats[f"{channel}/{name}"] = beat
            self._heard[name] = anyio.current_time()

    async def _close(self, name: str) -> bool:
        """Keep new pods off a node, or let them on it; whether that needs no repetition."""
        node = self._nodes.objects.get(("", name))
        if node is None:
            return True
        try:
            await self._taint(node, health.closing_taints(node, self._now()))
        except ApiError as error:
            return error.status == 404
        return True

    async def _monitor(self) -> None:
        nodes = [node for _, node in sorted(self._nodes.objects.items())]
        overdue = {name for name, at in self._heard.items() if anyio.current_time() > at + GRACE_S}
        had_ready, self._has_ready = self._has_ready, any(_will_be_ready(node, overdue) for node in nodes)
        for node in nodes:
            try:
                await self._look_after(node, node["metadata"]["name"] in overdue)
            except ApiError:
                # Somebody else changed it; the next look is soon.
                continue
        if self._has_ready and not had_ready:
            # While all were silent it may have been us who did not hear: every node gets its grace again.
            self._heard = dict.fromkeys(self._heard, anyio.current_time())

    async def _look_after(self, node: Json, is_overdue: bool) -> None:
        name, before = node["metadata"]["name"], health.ready_status(node)
        if is_overdue:
            if not await self._is_silent(name):
                return
            if before != "Unknown":
                node = await self._client.update("nodes", health.lost(node, self._now()), subresource="status")
        after = health.ready_status(node)
        if after != "True" and before == "True":
            self._recorder.event(node, "Normal", "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        if after != "True" and (before == "True" or name in self._unmarked):
            await self._mark_pods(name)
        for _ in range(ATTEMPTS):
            try:
                return await self._taint(node, health.evicting_taints(node, self._now(), evicts=self._has_ready))
            except ApiError as error:
                if error.status != 409:
                    raise
                node = await self._client.get("nodes", "", name)

    async def _is_silent(self, name: str) -> bool:
        """Whether the Lease is as the cache has it: one that lags says nothing of the node."""
        try:
            lease = await self._client.get("leases", LEASES, name)
        except ApiError as error:
            return error.status == 404
        cached = self._leases.objects.get((LEASES, name))
        return cached is not None and bool(
            cached["metadata"]["resourceVersion"] == lease["metadata"]["resourceVersion"]
        )

    async def _taint(self, node: Json, taints: list[Json]) -> None:
        if taints != (node["spec"].get("taints") or []):
            meta = {key: node["metadata"][key] for key in ("uid", "resourceVersion")}
            body = {"metadata": meta, "spec": {"taints": taints or None}}
            await self._client.patch("nodes", "", node["metadata"]["name"], body, "merge")

    async def _mark_pods(self, node: str) -> None:
        self._unmarked.pop(node, None)
        for pod in self._pods_on(node):
            changed = health.unready(pod, self._now())
            if changed is None:
                continue
            try:
                await self._client.update("pods", changed, subresource="status")
                self._recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")
            except ApiError as error:
                if error.status != 404:
                    self._unmarked[node] = None

    def _pods_on(self, node: str) -> list[Json]:
        return [pod for _, pod in sorted(self._pods.objects.items()) if pod["spec"].get("nodeName") == node]


def _will_be_ready(node: Json, overdue: set[str]) -> bool:
    return health.ready_status(node) == "True" and node["metadata"]["name"] not in overdue
