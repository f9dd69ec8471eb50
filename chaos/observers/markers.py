"""Markers: one object per resource of `MARKED` that is patched so that its stream shows how far it is.

Streams of different resources arrive up to 23 ms out of order, and bookmarks come once a minute: without markers a
judge would wait that long before it may look at a write. A marker is patched when another stream is ahead of its own and all
have been quiet for a second, after `LONGEST_S` of unrest, and now and then anyway, so that a watch that fell silent is found out.
Markers change nothing that a controller acts on. Each says when it was sent, which bounds the time of all that comes after it.
"""

from collections.abc import Callable
from typing import Any

import anyio
import structlog

from chaos.cluster.marks import MARKER, MARKER_NAME, RUN, SENT
from chaos.cluster.port import Cluster, ClusterError, Json, Refused
from chaos.history.entries import MARKED
from chaos.history.writer import HistoryWriter
from chaos.observers.pods import CONTAINER_SECURITY, POD_SECURITY, lacks_account
from chaos.time import Clock

log = structlog.get_logger()

EVERY_S = 1.0
LONGEST_S = 4.0
ANYWAY_S = 10.0
ACCOUNT_TRIES = 60


async def mark(
    cluster: Cluster,
    history: HistoryWriter,
    clock: Clock,
    namespace: str,
    run: str,
    behind: Callable[[str], int | None],
    every_s: float = EVERY_S,
) -> None:
    """Make the markers and patch them until cancelled; they stay behind for the cleanup.

    A marker that is refused (rights, quota) is a `run`/`note`, and its stream does without.

    Args:
        behind: the version that the stream of a resource has yet to reach, if there is one; asked every `every_s` seconds.
    """
    async with anyio.create_task_group() as group:
        for resource in MARKED:
            marker = _Marker(cluster, history, clock, namespace, run, resource, behind)
            group.start_soon(marker.tick, every_s)


def manifest(resource: str, run: str, sent: float) -> Json:
    """The marker of a resource, in a request that is sent at `sent` in seconds of the run."""
    body: Json = {"metadata": {"name": name(run), "labels": _labels(run), **_annotations(sent)}}
    return {**body, **_CONTENT[resource](run)}


def name(run: str) -> str:
    """What every marker of a run is called."""
    return f"{MARKER_NAME}-{run}"


class _Marker:
    def __init__(
        self,
        cluster: Cluster,
        history: HistoryWriter,
        clock: Clock,
        namespace: str,
        run: str,
        resource: str,
        behind: Callable[[str], int | None],
    ) -> None:
        self._cluster = cluster
        self._history = history
        self._clock = clock
        self._namespace = namespace
        self._run = run
        self._resource = resource
        self._behind = behind
        self._exists = False
        self._awaited: int | None = None
        self._since = 0.0
        self._waits = 0
        self._noted = ""

    async def tick(self, every_s: float) -> None:
        due = 0.0
        while True:
            now = anyio.current_time()
            if self._is_wanted(now) or now >= due or not self._exists:
                due = now + ANYWAY_S
                self._awaited = None
                try:
                    await self._touch()
                except Refused as error:
                    if not self._may_go_on(error):
                        return
                except ClusterError as error:
                    log.debug("marker.late", resource=self._resource, error=str(error))
            await anyio.sleep(every_s)

    def _is_wanted(self, now: float) -> bool:
        """Whether the stream is behind, and the others have come to rest or are too long under way."""
        before, self._awaited = self._awaited, self._behind(self._resource)
        if self._awaited is None:
            return False
        if before is None:
            self._since = now
        return self._awaited == before or now - self._since >= LONGEST_S

    async def _touch(self) -> None:
        sent = self._clock.now()
        if self._exists:
            patch = {"metadata": _annotations(sent)}
            await self._cluster.patch(self._resource, self._namespace, name(self._run), patch)
        else:
            await self._cluster.create(self._resource, self._namespace, manifest(self._resource, self._run, sent))
            self._exists = True
        self._noted = ""

    def _may_go_on(self, error: Refused) -> bool:
        """Whether a refused marker is worth another try; if not, the history says why."""
        if self._exists:
            # Somebody deleted it (404): it is made again. Anything else may pass, but not unsaid.
            self._exists = error.status != 404
            self._note(error)
            return True
        if error.status == 409:
            # An earlier create without an answer did happen.
            self._exists = True
            return True
        if lacks_account(error) and self._waits < ACCOUNT_TRIES:
            self._waits += 1
            return True
        self._note(error)
        return False

    def _note(self, error: Refused) -> None:
        if str(error) == self._noted:
            return
        self._noted = str(error)
        log.warning("marker.refused", resource=self._resource, error=self._noted)
        self._history.append("run", "note", {"about": "marker", "resource": self._resource, "why": self._noted})


def _annotations(sent: float) -> dict[str, dict[str, str]]:
    return {"annotations": {SENT: str(sent)}}


def _labels(run: str) -> dict[str, str]:
    return {RUN: run, MARKER: run}


def _pod_spec() -> dict[str, Any]:
    return {
        # No scheduler answers to this name, so that the pod stays Pending and uses nothing.
        "schedulerName": MARKER_NAME,
        "automountServiceAccountToken": False,
        "securityContext": POD_SECURITY,
        "containers": [{"name": "marker", "image": "busybox", "securityContext": CONTAINER_SECURITY}],
    }


def _pod(run: str) -> Json:
    return {"apiVersion": "v1", "kind": "Pod", "spec": _pod_spec()}


def _statefulset(run: str) -> Json:
    # The template carries the marker's label on to the ControllerRevision that the controller makes for the set.
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "spec": {
            "replicas": 0,
            "serviceName": MARKER_NAME,
            "selector": {"matchLabels": {MARKER: run}},
            "template": {"metadata": {"labels": _labels(run)}, "spec": _pod_spec()},
        },
    }


def _claim(run: str) -> Json:
    # A volume that does not exist, of no class: never bound, never provisioned.
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Mi"}},
            "storageClassName": "",
            "volumeName": name(run),
        },
    }


def _revision(run: str) -> Json:
    # The server compares `data` byte by byte at every later update: it must be compact JSON from the start.
    return {"apiVersion": "apps/v1", "kind": "ControllerRevision", "data": {}, "revision": 1}


def _service(run: str) -> Json:
    # Without a selector no controller answers, and it takes no address.
    return {"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "None"}}


def _slice(run: str) -> Json:
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": []}


_CONTENT = {
    "pods": _pod,
    "statefulsets": _statefulset,
    "persistentvolumeclaims": _claim,
    "controllerrevisions": _revision,
    "services": _service,
    "endpointslices": _slice,
}
