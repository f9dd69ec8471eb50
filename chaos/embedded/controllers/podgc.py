"""Pods that no kubelet will ever end are removed by force: their node is gone for good, or they never had one.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/podgc/gc_controller.go. Left out: terminated pods beyond a threshold of 12,500.
"""

from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.health import ready_status
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, Json, Now

USER = "system:serviceaccount:kube-system:pod-garbage-collector"
CHECK_S = 20.0
QUARANTINE_S = 40.0
"""A node that is not in the cache has this long to appear."""
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


class PodGarbageCollector:
    """Looks for such pods every few seconds, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        # Since when a node is missing.
        self._missing: dict[str, float] = {}
        self._pods = Informer(api, "pods", lag)
        self._nodes = Informer(api, "nodes", lag)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in (self._pods, self._nodes):
                await group.start(informer.run)
            task_status.started()
            while True:
                await self._collect()
                await anyio.sleep(CHECK_S)

    async def _collect(self) -> None:
        pods = [pod for _, pod in sorted(self._pods.objects.items())]
        nodes = {name: node for (_, name), node in self._nodes.objects.items()}
        gone = await self._gone(pods, nodes)
        for pod in pods:
            name = pod["spec"].get("nodeName", "")
            is_orphan = name in gone
            if is_orphan or is_abandoned(pod, nodes.get(name)):
                try:
                    await self._remove(pod, is_orphan=is_orphan)
                except ApiError:
                    # It changed or went meanwhile; the next look is soon.
                    continue

    async def _gone(self, pods: Sequence[Json], nodes: dict[str, Json]) -> list[str]:
        """The nodes that have been missing for long enough, and really are."""
        now = anyio.current_time()
        names = dict.fromkeys(pod["spec"].get("nodeName", "") for pod in pods)
        self._missing = {name: self._missing.get(name, now) for name in names if name and name not in nodes}
        gone = []
        for name, since in self._missing.items():
            if now < since + QUARANTINE_S:
                continue
            try:
                await self._client.get("nodes", "", name)
            except ApiError as error:
                if error.status == 404:
                    gone.append(name)
        return gone

    async def _remove(self, pod: Json, *, is_orphan: bool) -> None:
        meta, status = pod["metadata"], pod.get("status") or {}
        if status.get("phase") not in ("Succeeded", "Failed"):
            told = {"phase": "Failed", **({"conditions": [_condition(pod, self._now)]} if is_orphan else {})}
            body = {"metadata": {"uid": meta["uid"]}, "status": told}
            await self._client.patch("pods", meta["namespace"], meta["name"], body, subresource="status")
        await self._client.delete("pods", meta["namespace"], meta["name"], grace_s=0)


def is_abandoned(pod: Json, node: Json | None) -> bool:
    """Whether nobody will end a pod that is to end: it has no node, or one that is not Ready and marked as out of service."""
    if "deletionTimestamp" not in pod["metadata"]:
        return False
    if not pod["spec"].get("nodeName"):
        return True
    if node is None or ready_status(node) == "True":
        return False
    return any(each["key"] == OUT_OF_SERVICE for each in node["spec"].get("taints") or ())


def _condition(pod: Json, now: Now) -> Json:
    return {
        "type": "DisruptionTarget",
        "observedGeneration": pod["metadata"].get("generation", 1),
        "status": "True",
        "reason": "DeletionByPodGC",
        "message": "PodGC: node no longer exists",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(now()),
    }
