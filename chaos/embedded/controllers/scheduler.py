"""A scheduler with the few rules that a StatefulSet meets: ready and open nodes, node selectors, bound claims, least pods."""

from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.claims import claimed
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
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
        self._nodes = Informer(api, "nodes", lag, self._room_changed)
        self._claims = Informer(api, "persistentvolumeclaims", lag, self._room_changed)
        self._pods = Informer(api, "pods", lag, self._pod_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            group.start_soon(self._queue.run, self._work, 1)
            for informer in (self._nodes, self._claims, self._pods):
                await group.start(informer.run)
            task_status.started()

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        if kind != "DELETED" and _is_waiting(item):
            self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _room_changed(self, kind: EventType, item: Json) -> None:
        for key, pod in self._pods.objects.items():
            if _is_waiting(pod):
                self._queue.add(key)

    async def _work(self, key: Key) -> bool:
        """Place one pod, or say why it cannot be placed; whether that needs no repetition."""
        pod = self._pods.objects.get(key)
        if pod is None or not _is_waiting(pod):
            return True
        nodes = [node for _, node in sorted(self._nodes.objects.items())]
        load = [placed["spec"].get("nodeName") for placed in self._pods.objects.values()]
        chosen = place(pod, nodes, load, self._lacks_claim(pod))
        try:
            if chosen.startswith("0/"):
                await self._refuse(key, pod, chosen)
            else:
                await self._bind(key, pod, chosen)
        except ApiError as error:
            return error.status in (403, 404, 409)
        return True

    def _lacks_claim(self, pod: Json) -> bool:
        claims = [self._claims.objects.get((pod["metadata"]["namespace"], name)) for name in claimed(pod)]
        return any(claim is None or not claim["spec"].get("volumeName") for claim in claims)

    async def _bind(self, key: Key, pod: Json, node: str) -> None:
        target = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": key[1]},
            "target": {"kind": "Node", "name": node},
        }
        await self._client.create("pods", key[0], target, subresource="binding", name=key[1])
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


def place(pod: Json, nodes: Sequence[Json], load: Sequence[str | None], lacks_claim: bool) -> str:
    """The name of the node for a pod, or why there is none, which begins with `0/`.

    Args:
        load: the node of every pod, for each of them.
        lacks_claim: one of its claims is not bound yet.
    """
    if lacks_claim:
        return f"0/{len(nodes)} nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    fitting: list[str] = [node["metadata"]["name"] for node in nodes if _fits(pod, node)]
    if not fitting:
        return f"0/{len(nodes)} nodes are available: no node is ready, schedulable and fits the pod's node selector"
    return min(fitting, key=lambda name: (load.count(name), name))


def _fits(pod: Json, node: Json) -> bool:
    labels = node["metadata"].get("labels") or {}
    conditions = (node.get("status") or {}).get("conditions") or ()
    is_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    is_open = not node["spec"].get("unschedulable")
    tolerated = [each.get("key") for each in pod["spec"].get("tolerations") or ()]
    taints = [taint for taint in node["spec"].get("taints") or () if taint["effect"] in ("NoSchedule", "NoExecute")]
    wanted = pod["spec"].get("nodeSelector") or {}
    return (
        is_ready
        and is_open
        and all(taint["key"] in tolerated for taint in taints)
        and all(labels.get(key) == value for key, value in wanted.items())
    )


def _is_waiting(pod: Json) -> bool:
    spec = pod["spec"]
    return not spec.get("nodeName") and spec.get("schedulerName") == NAME and "deletionTimestamp" not in pod["metadata"]
