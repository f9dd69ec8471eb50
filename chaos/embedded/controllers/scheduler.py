"""A scheduler with the few rules that a StatefulSet meets: open nodes, taints, node selectors, bound claims, least pods."""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.placing import place
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.controllers.volumes import claimed
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:kube-scheduler"
NAME = "default-scheduler"


class Scheduler:
    """Puts pods on nodes, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, NAME)
        self._queue: WorkQueue[Key] = WorkQueue()
        # Pods that were bound, and where to, until the cache shows it; their nodes are taken already.
        self._assumed: dict[str, str] = {}
        self._nodes = Informer(api, "nodes", lag, self._room_changed)
        self._claims = Informer(api, "persistentvolumeclaims", lag, self._room_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            for informer in (self._nodes, self._claims, self._pods):
                await group.start(informer.run)
            group.start_soon(self._queue.run, self._work, 1)
            task_status.started()

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        if kind == "DELETED" or item["spec"].get("nodeName"):
            self._assumed.pop(meta["uid"], None)
        elif _is_waiting(item):
            self._queue.add((meta["namespace"], meta["name"]))

    def _room_changed(self, kind: EventType, item: Json) -> None:
        for key, pod in self._pods.objects.items():
            if _is_waiting(pod):
                self._queue.add(key)

    async def _work(self, key: Key) -> bool:
        """Place one pod, or say why it cannot be placed; whether that needs no repetition."""
        pod = self._pods.objects.get(key)
        if pod is None or not _is_waiting(pod) or pod["metadata"]["uid"] in self._assumed:
            return True
        nodes = [node for _, node in sorted(self._nodes.objects.items())]
        claims = {name: self._claims.objects.get((key[0], name)) for name in claimed(pod)}
        placed = place(pod, nodes, self._load(), claims)
        try:
            if placed.node is None:
                await self._refuse(key, pod, placed.why)
            else:
                await self._bind(key, pod, placed.node)
        except ApiError as error:
            return error.status in (403, 404, 409, 422)
        return True

    def _load(self) -> dict[str, int]:
        load: dict[str, int] = {}
        placed = [pod["spec"]["nodeName"] for pod in self._pods.objects.values() if pod["spec"].get("nodeName")]
        for node in (*placed, *self._assumed.values()):
            load[node] = load.get(node, 0) + 1
        return load

    async def _bind(self, key: Key, pod: Json, node: str) -> None:
        target = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": key[1], "namespace": key[0], "uid": pod["metadata"]["uid"]},
            "target": {"kind": "Node", "name": node},
        }
        self._assumed[pod["metadata"]["uid"]] = node
        try:
            await self._client.create("pods", key[0], target, subresource="binding", name=key[1])
        except ApiError:
            self._assumed.pop(pod["metadata"]["uid"], None)
            raise
        told = f"Successfully assigned {key[0]}/{key[1]} to {node}"
        self._recorder.event(pod, "Normal", "Scheduled", told)

    async def _refuse(self, key: Key, pod: Json, why: str) -> None:
        conditions = pod["status"].get("conditions") or []
        if any(each["type"] == "PodScheduled" and each.get("message") == why for each in conditions):
            return
        condition = {
            "type": "PodScheduled",
            "observedGeneration": pod["metadata"].get("generation", 1),
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._now()),
            "reason": "Unschedulable",
            "message": why,
        }
        body = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": {"conditions": [condition]}}
        await self._client.patch("pods", key[0], key[1], body, subresource="status")
        self._recorder.event(pod, "Warning", "FailedScheduling", why)


def _is_waiting(pod: Json) -> bool:
    spec = pod["spec"]
    return not spec.get("nodeName") and spec.get("schedulerName") == NAME and "deletionTimestamp" not in pod["metadata"]
