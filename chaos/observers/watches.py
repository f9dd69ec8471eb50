"""One watch per resource of the run's namespace, and the view of the cluster that they keep together.

Nothing is selected by label: a selector turns an edited label into a creation or a deletion that never happened.
"""

from collections.abc import Mapping

import anyio
import structlog
from anyio.abc import TaskGroup

from chaos.cluster.port import Cluster, ClusterError, Json
from chaos.cluster.reflector import Changes, Reflector
from chaos.history.entries import MARKED, WATCHED
from chaos.history.redaction import Redactor
from chaos.history.writer import HistoryWriter
from chaos.observers.markers import Place

log = structlog.get_logger()

LEASE_NAMESPACE = "kube-system"
LEASE_NAME = "kube-controller-manager"

MARKED_QUIET_S = 30.0
"""A stream with a marker shows something every ten seconds, or eleven; a minute's silence of any other is normal."""

QUIET_S = 100.0

MARKED_FINAL_S = 5.0
FINAL_S = 1.0


class View:
    """What the watches know now."""

    def __init__(self, reflectors: Mapping[str, Reflector], changes: Changes) -> None:
        self.reflectors = reflectors
        self._changes = changes

    def objects(self, resource: str) -> Mapping[str, Json]:
        """The objects of a resource by uid, without markers; empty if the watch is denied."""
        return self.reflectors[resource].objects

    def named(self, resource: str, name: str) -> Json | None:
        """The object of this name, if it exists."""
        for state in self.objects(resource).values():
            if state["metadata"]["name"] == name:
                return state
        return None

    @property
    def denied(self) -> dict[str, str]:
        """The resources that rights forbid to watch, and the server's words."""
        return {resource: reflector.denied for resource, reflector in self.reflectors.items() if reflector.denied}

    def place(self, resource: str) -> Place:
        """Where a stream of `MARKED` is; what it has yet to reach is what another has shown, or what a closing LIST has."""
        awaited = max(self.reflectors[each].awaited for each in MARKED)
        reflector = self.reflectors[resource]
        return Place(awaited if reflector.is_behind(awaited) else None, reflector.shown_s, reflector.is_closing)

    async def wait_changed(self) -> None:
        """Wait for the next change of anything watched; look and wait without an `await` between, and none is lost."""
        await self._changes.wait()

    async def final(self) -> dict[str, str]:
        """Record the closing LIST of every stream.

        Returns:
            Why it is missing, for each resource where the LIST failed.
        """
        missing: dict[str, str] = {}
        async with anyio.create_task_group() as group:
            for reflector in self.reflectors.values():
                group.start_soon(_close, reflector, missing)
        return missing


async def watch(
    group: TaskGroup,
    cluster: Cluster,
    history: HistoryWriter,
    redactor: Redactor | None,
    namespace: str,
    seed: int,
) -> View:
    """Start a reflector for every resource of `WATCHED` in `group`; each has recorded its first LIST when this returns.

    While the API server cannot be reached this waits: the caller sets the deadline.
    """
    changes = Changes()
    reflectors = {
        resource: Reflector(
            cluster,
            history,
            redactor,
            resource,
            _namespace(resource, namespace),
            name=LEASE_NAME if resource == "leases" else "",
            quiet_s=MARKED_QUIET_S if resource in MARKED else QUIET_S,
            seed=seed,
            changes=changes,
        )
        for resource in WATCHED
    }
    async with anyio.create_task_group() as starting:
        for reflector in reflectors.values():
            starting.start_soon(group.start, reflector.run)
    return View(reflectors, changes)


def _namespace(resource: str, namespace: str) -> str:
    match resource:
        case "nodes":
            return ""
        case "leases":
            return LEASE_NAMESPACE
        case _:
            return namespace


async def _close(reflector: Reflector, missing: dict[str, str]) -> None:
    try:
        await reflector.final(MARKED_FINAL_S if reflector.resource in MARKED else FINAL_S)
    except ClusterError as error:
        log.error("watch.unclosed", resource=reflector.resource, error=str(error))
        missing[reflector.resource] = str(error)
