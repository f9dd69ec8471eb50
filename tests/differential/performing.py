"""Performs a schedule on a cluster, in a namespace of its own, and records what came of it.

The same code for both clusters: what it is given is an API server. What it records are objects as the server sent them, so
that what is compared can change without asking a cluster again.
"""

from collections.abc import Callable
from functools import partial

import anyio
import msgspec

from chaos.cluster.port import Cluster, Json, Refused
from tests.differential import manifests, settling
from tests.differential.following import Following, Sight, following
from tests.differential.manifests import NAME
from tests.differential.schedule import (
    AnyOperation,
    DeletePods,
    LoseClaim,
    Meddle,
    Orphan,
    Recreate,
    Scale,
    Schedule,
    Setup,
    Until,
    stretches,
)

QUIET_S = 1.5
"""All is done once nothing is missing and nothing has changed for so long."""

PATIENCE_S = 90.0
"""What is not done by then is recorded as it is, and ends the schedule."""


class Ending(msgspec.Struct, frozen=True):
    """How a stretch ended. `missing` says what never came, or is empty; `born` counts births by resource and name."""

    missing: str
    objects: dict[str, dict[str, Json]]
    sights: list[Sight]
    born: dict[str, dict[str, int]]


class Record(msgspec.Struct, frozen=True):
    """What came of a schedule: an ending for each of its stretches, fewer if one was never done."""

    schedule: Schedule
    version: str
    seconds: float
    endings: list[Ending]


async def perform(cluster: Cluster, schedule: Schedule, namespace: str) -> Record:
    """Make the namespace, perform the schedule there, remove the namespace.

    Raises:
        ClusterError: a request failed that should not have, or a watch broke.
    """
    began = anyio.current_time()
    version = await cluster.version()
    await cluster.create("namespaces", "", {"metadata": {"name": namespace}})
    try:
        await _until_accounted(cluster, namespace)
        async with following(cluster, namespace) as found:
            endings = await _Performance(cluster, namespace, found).run(schedule)
    finally:
        with anyio.move_on_after(20, shield=True):
            await cluster.delete("namespaces", "", namespace)
    return Record(schedule, version, round(anyio.current_time() - began, 3), endings)


class _Performance:
    def __init__(self, cluster: Cluster, namespace: str, found: Following) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._found = found

    async def run(self, schedule: Schedule) -> list[Ending]:
        """One ending after another, until one is never reached."""
        endings: list[Ending] = []
        await self._cluster.create("services", self._namespace, manifests.service())
        await self._cluster.create("statefulsets", self._namespace, manifests.statefulset(schedule.setup))
        for stretch in stretches(schedule):
            setup, generation = stretch.before, 0
            for step in stretch.steps:
                generation = max(generation, await self._do(step.operation, setup))
                setup = step.operation.after(setup)
                await self._wait(step.until, generation)
            missing = await self._quiet(partial(self._unsettled, generation))
            endings.append(self._ending(missing))
            if missing:
                break
        return endings

    def _unsettled(self, generation: int) -> str:
        # What is watched may lag behind the answers of the requests.
        objects = self._found.objects
        return settling.unobserved(objects, generation) or settling.unsettled(objects)

    def _ending(self, missing: str) -> Ending:
        objects = {resource: dict(items) for resource, items in self._found.objects.items()}
        born = {resource: dict(counts) for resource, counts in self._found.born.items()}
        sights, self._found.sights = self._found.sights, []
        return Ending(missing, objects, sights, born)

    async def _do(self, operation: AnyOperation, before: Setup) -> int:
        """Perform an operation; the generation that the set then has, or 0 if that is not told."""
        match operation:
            case DeletePods(ordinals=ordinals, grace_s=grace_s):
                await self._delete_pods(ordinals, grace_s)
            case Meddle(ordinal=ordinal):
                patch = manifests.meddling(operation)
                await self._cluster.patch("pods", self._namespace, f"{NAME}-{ordinal}", patch)
            case LoseClaim(ordinal=ordinal):
                claim = f"{manifests.CLAIM}-{NAME}-{ordinal}"
                await self._cluster.delete("persistentvolumeclaims", self._namespace, claim)
                await self._delete_pods((ordinal,), None)
            case Orphan(lost=lost):
                await self._cluster.delete("statefulsets", self._namespace, NAME, propagation="Orphan")
                await self._quiet(lambda: settling.owned(self._found.objects))
                await self._delete_pods(lost, None)
                gone = {f"{NAME}-{number}" for number in lost}
                await self._quiet(lambda: "lost pods" if gone & set(self._found.objects["pods"]) else "")
                await self._create(operation.after(before))
            case Recreate(cascade=cascade):
                await self._cluster.delete("statefulsets", self._namespace, NAME, propagation=cascade)
                await self._quiet(lambda: settling.left(self._found.objects))
                await self._create(operation.after(before))
            case Scale(via="scale"):
                patch = manifests.change(operation)
                await self._cluster.patch("statefulsets", self._namespace, NAME, patch, "merge", "scale")
            case _:
                patch = manifests.change(operation)
                made = await self._cluster.patch("statefulsets", self._namespace, NAME, patch, "strategic")
                return int(made["metadata"]["generation"])
        return 0

    async def _create(self, setup: Setup) -> None:
        await self._cluster.create("statefulsets", self._namespace, manifests.statefulset(setup))
        # Until it is seen, the set that was deleted could be taken for it.
        await self._until(lambda: "" if NAME in self._found.objects["statefulsets"] else "there is no set")

    async def _delete_pods(self, ordinals: tuple[int, ...], grace_s: int | None) -> None:
        for number in ordinals:
            pod = self._found.objects["pods"].get(f"{NAME}-{number}")
            if pod is None:
                continue
            try:
                await self._cluster.delete(
                    "pods", self._namespace, f"{NAME}-{number}", uid=pod["metadata"]["uid"], grace_s=grace_s
                )
            except Refused as error:
                # The controller was faster, and it is another pod by now, or none.
                if error.status not in (404, 409):
                    raise

    async def _wait(self, until: Until, generation: int) -> None:
        if until == "observed":
            await self._until(lambda: settling.unobserved(self._found.objects, generation))

    async def _until(self, missing: Callable[[], str]) -> str:
        """Wait until nothing is missing; what still is when patience ends."""
        with anyio.move_on_after(PATIENCE_S):
            while missing():
                await self._found.wait_changed()
        return missing()

    async def _quiet(self, missing: Callable[[], str]) -> str:
        """Wait until nothing is missing and nothing changes; what still is missing when patience ends."""
        with anyio.move_on_after(PATIENCE_S):
            # An operation shows in the watches a little later than in its answer.
            started = anyio.current_time()
            while True:
                await self._until(missing)
                rest_s = max(started, self._found.changed_at) + QUIET_S - anyio.current_time()
                if rest_s <= 0:
                    return missing()
                await anyio.sleep(rest_s)
        return missing() or "it never came to rest"


async def _until_accounted(cluster: Cluster, namespace: str) -> None:
    """Wait for the namespace's default ServiceAccount, without which no pod can be created."""
    while True:
        try:
            await cluster.get("serviceaccounts", namespace, "default")
        except Refused as error:
            if error.status != 404:
                raise
        else:
            return
        await anyio.sleep(0.1)
