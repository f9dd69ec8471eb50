"""Markers: one object per resource of `MARKED` that is patched so that its stream shows how far it is.

Streams of different resources arrive up to 23 ms out of order, and bookmarks come once a minute: without markers a
judge would wait that long before it may look at a write. A marker is patched once its stream has shown nothing for `ANYWAY_S`, so
that a judge need not wait longer and a watch that fell silent is found out. That of `CLOCK`, and every one while its stream is
being closed, is patched as soon as another stream is ahead and all have been quiet for a second, or after `LONGEST_S` of unrest:
each says when it was sent, which bounds the time of all that comes after it in any stream. Markers change nothing that a
controller acts on.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

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

CLOCK = "services"
"""The resource whose marker tells the time: no controller that matters here looks at one without a selector."""


class Place(NamedTuple):
    """Where a stream is: `awaited` is the version that it has yet to reach, if there is one, `shown_s` when it last showed
    anything, by the loop's clock, `is_closing` whether its end waits for that version."""

    awaited: int | None
    shown_s: float
    is_closing: bool


ACCOUNT_TRIES = 60


async def mark(
    cluster: Cluster,
    history: HistoryWriter,
    clock: Clock,
    namespace: str,
    run: str,
    place: Callable[[str], Place],
    every_s: float = EVERY_S,
) -> None:
    """Make the markers and patch them until cancelled; they stay behind for the cleanup.

    A marker that is refused (rights, quota) is a `run`/`note`, and its stream does without.

    Args:
        place: where the stream of a resource is; asked every `every_s` seconds.
    """
    markers = [_Marker(cluster, history, clock, namespace, run, resource) for resource in MARKED]
    async with anyio.create_task_group() as group:
        while True:
            now = anyio.current_time()
            for marker in markers:
                if marker.is_due(place(marker.resource), now):
                    group.start_soon(marker.touch)
            await anyio.sleep(every_s)


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
    ) -> None:
        self._cluster = cluster
        self._history = history
        self._clock = clock
        self._namespace = namespace
        self._run = run
        self.resource = resource
        self._exists = False
        self._is_under_way = False
        self._is_given_up = False
        self._touched_s = 0.0
        self._awaited: int | None = None
        self._since = 0.0
        self._waits = 0
        self._noted = ""

    def is_due(self, place: Place, now: float) -> bool:
        """Whether it is to be made or patched now."""
        if self._is_given_up or self._is_under_way:
            return False
        return not self._exists or self._is_wanted(place, now)

    async def touch(self) -> None:
        """Make or patch it."""
        self._is_under_way = True
        self._touched_s = anyio.current_time()
        self._awaited = None
        try:
            await self._write()
        except Refused as error:
            self._is_given_up = not self._may_go_on(error)
        except ClusterError as error:
            log.debug("marker.late", resource=self.resource, error=str(error))
        finally:
            self._is_under_way = False

    def _is_wanted(self, place: Place, now: float) -> bool:
        """Whether the stream has shown nothing for long, or is at once to show what others have."""
        if now - max(place.shown_s, self._touched_s) >= ANYWAY_S:
            return True
        return (place.is_closing or self.resource == CLOCK) and self._is_left(place.awaited, now)

    def _is_left(self, awaited: int | None, now: float) -> bool:
        """Whether the stream is behind, and the others have come to rest or are too long under way."""
        before, self._awaited = self._awaited, awaited
        if awaited is None:
            return False
        if before is None:
            self._since = now
        return awaited == before or now - self._since >= LONGEST_S

    async def _write(self) -> None:
        sent = self._clock.now()
        if self._exists:
            patch = {"metadata": _annotations(sent)}
            await self._cluster.patch(self.resource, self._namespace, name(self._run), patch)
        else:
            await self._cluster.create(self.resource, self._namespace, manifest(self.resource, self._run, sent))
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
        log.warning("marker.refused", resource=self.resource, error=self._noted)
        self._history.append("run", "note", {"about": "marker", "resource": self.resource, "why": self._noted})


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
