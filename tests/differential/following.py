"""What is in a namespace now, by watching it, and in which order its pods came and went."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import anyio
import msgspec
from anyio.abc import TaskStatus

from chaos.cluster.port import Cluster, Json, WatchEvent

RESOURCES = ("statefulsets", "pods", "persistentvolumeclaims", "controllerrevisions", "endpointslices", "events")


class Sight(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event of a pod showed. `revision` is the pod's label; `grace_s` is there once its deletion began."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    pod: str
    revision: str
    is_ready: bool = False
    is_going: bool = False
    grace_s: int | None = None


class Following:
    """The objects of a namespace, `objects[resource][name]`, and every sight of a pod; `born` counts births by name."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Json]] = {resource: {} for resource in RESOURCES}
        self.sights: list[Sight] = []
        self.born: dict[str, dict[str, int]] = {resource: {} for resource in RESOURCES}
        self.changed_at = 0.0
        self._changed = anyio.Event()

    def take(self, resource: str, event: WatchEvent) -> None:
        """Bring `objects` up to an event."""
        if event.type == "BOOKMARK":
            return
        item, known = event.object, self.objects[resource]
        item["metadata"].pop("managedFields", None)
        name = item["metadata"]["name"]
        if event.type == "ADDED":
            self.born[resource][name] = self.born[resource].get(name, 0) + 1
        if resource == "pods":
            self.sights.append(_sight(event.type, item))
        if event.type == "DELETED":
            known.pop(name, None)
        else:
            known[name] = item
        self.changed_at = anyio.current_time()
        self._changed.set()
        self._changed = anyio.Event()

    async def wait_changed(self) -> None:
        """Wait for the next event."""
        await self._changed.wait()


@asynccontextmanager
async def following(cluster: Cluster, namespace: str) -> AsyncIterator[Following]:
    """Follow a namespace that is still empty, until the context is left.

    Raises:
        ClusterError: a watch broke; within an exception group.
    """
    found = Following()
    async with anyio.create_task_group() as group:
        for resource in RESOURCES:
            await group.start(_follow, cluster, namespace, resource, found)
        yield found
        group.cancel_scope.cancel()


async def _follow(
    cluster: Cluster,
    namespace: str,
    resource: str,
    found: Following,
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    rv = (await cluster.list(resource, namespace)).rv
    task_status.started()
    while True:
        async with cluster.watch(resource, namespace, rv) as events:
            async for event in events:
                rv = event.object["metadata"]["resourceVersion"]
                found.take(resource, event)


def _sight(kind: Literal["ADDED", "MODIFIED", "DELETED"], pod: Json) -> Sight:
    meta = pod["metadata"]
    conditions = pod.get("status", {}).get("conditions", ())
    return Sight(
        kind,
        meta["name"],
        meta.get("labels", {}).get("controller-revision-hash", ""),
        any(each["type"] == "Ready" and each["status"] == "True" for each in conditions),
        "deletionTimestamp" in meta,
        meta.get("deletionGracePeriodSeconds"),
    )
