"""The requests about a set's ControllerRevisions: the newest is that of its template, and old ones are dropped.

Facts: k8s.io/kubernetes 1.37.2 stateful_set_control.go (getStatefulSetRevisions, truncateHistory), pkg/controller/history.
"""

from collections.abc import Sequence

from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.statefulset import revisions
from chaos.embedded.controllers.statefulset.batches import OBJECT_PAUSES_S, retry_on_conflict
from chaos.embedded.informer import Informer
from chaos.embedded.interface import ApiError, Json

RESOURCE = "controllerrevisions"


class History:
    """Keeps the revisions of sets."""

    def __init__(self, client: Client, cache: Informer) -> None:
        self._client = client
        self._cache = cache

    async def update_revision(self, statefulset: Json, known: Sequence[Json]) -> tuple[Json, int]:
        """The revision of the set's template, made the newest, and how many names were taken so far.

        Raises:
            ApiError: it could not be written.
        """
        collisions = (statefulset.get("status") or {}).get("collisionCount", 0)
        wanted = revisions.wanted(statefulset, known, collisions)
        if wanted.found is not None:
            return wanted.found, collisions
        if wanted.renumber is not None:
            return await self._renumber(wanted.renumber), collisions
        assert wanted.create is not None
        return await self._create(statefulset, wanted.create, collisions)

    async def truncate(self, statefulset: Json, known: Sequence[Json], live: Sequence[str]) -> None:
        """Delete the oldest revisions past the limit, those named in `live` apart.

        Raises:
            ApiError: one could not be deleted; those after it stay.
        """
        for revision in revisions.surplus(statefulset, known, live):
            meta = revision["metadata"]
            await self._client.delete(RESOURCE, meta["namespace"], meta["name"])

    async def _renumber(self, revision: Json) -> Json:
        """An older revision becomes the newest."""
        meta = revision["metadata"]

        async def attempt(number: int) -> Json:
            latest = self._cache.objects.get((meta["namespace"], meta["name"]), revision) if number else revision
            return await self._client.update(RESOURCE, {**latest, "revision": revision["revision"]})

        return await retry_on_conflict(attempt, OBJECT_PAUSES_S)

    async def _create(self, statefulset: Json, revision: Json, collisions: int) -> tuple[Json, int]:
        namespace = revision["metadata"]["namespace"]
        while True:
            revision = revisions.renamed(statefulset, revision, collisions)
            try:
                return await self._client.create(RESOURCE, namespace, revision), collisions
            except ApiError as error:
                if error.reason != "AlreadyExists":
                    raise
            present = await self._client.get(RESOURCE, namespace, revision["metadata"]["name"])
            if present.get("data") == revision["data"]:
                return present, collisions
            collisions += 1
