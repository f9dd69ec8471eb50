"""The requests about claims: they are made before their pod, and get the owners that the retention policy asks for.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/statefulset/stateful_pod_control.go. A claim is looked up in the cache each
time it is used; a change of a claim wakes nobody.
"""

from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.controllers.statefulset import retention
from chaos.embedded.controllers.statefulset.floors import Floors
from chaos.embedded.informer import Informer
from chaos.embedded.interface import ApiError, Json

RESOURCE = "persistentvolumeclaims"


class ClaimWriter:
    """Makes the claims of pods and keeps their owners right."""

    def __init__(self, client: Client, cache: Informer, floors: Floors, recorder: Recorder) -> None:
        self._client = client
        self._cache = cache
        self._floors = floors
        self._recorder = recorder

    def is_stale(self, statefulset: Json, pod: Json) -> bool:
        """Whether a claim still goes with an earlier pod of this name."""
        return any(retention.is_stale(statefulset, pod, claim) for claim in self._present(statefulset, pod))

    def fit(self, statefulset: Json, pod: Json) -> bool:
        """Whether the claims that are there have the right owners."""
        return all(retention.owners(statefulset, pod, claim) is None for claim in self._present(statefulset, pod))

    async def create(self, statefulset: Json, pod: Json) -> None:
        """Make the claims that are missing.

        Raises:
            ApiError: the first that could not be made, or is being deleted; the others were tried all the same.
        """
        errors = []
        for claim in p.claims(statefulset, p.ordinal(pod)):
            try:
                await self._create(statefulset, pod, claim)
            except ApiError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    async def own(self, statefulset: Json, pod: Json) -> None:
        """Give the claims that are there their owners.

        Raises:
            ApiError: one could not be written.
        """
        for claim in self._present(statefulset, pod):
            name = claim["metadata"]["name"]
            if retention.is_contested(statefulset, pod, claim):
                told = (
                    f"PersistentVolumeClaim {name} is controlled by another owner; "
                    "its retention policy has no effect on this claim"
                )
                self._recorder.event(statefulset, "Warning", "ConflictingController", told)
            owners = retention.owners(statefulset, pod, claim)
            if owners is not None:
                changed = {**claim, "metadata": {**claim["metadata"], "ownerReferences": owners}}
                try:
                    written = await self._client.update(RESOURCE, changed)
                except ApiError as error:
                    raise _within(f"could not update claim {name} for delete policy ownerRefs", error) from error
                self._floors.wrote(statefulset, RESOURCE, written)

    async def _create(self, statefulset: Json, pod: Json, claim: Json) -> None:
        meta = claim["metadata"]
        present = self._cache.objects.get((meta["namespace"], meta["name"]))
        if present is not None:
            if p.is_terminating(present):
                raise ApiError(409, "Conflict", f"pvc {meta['name']} is being deleted")
            return
        about = f"{meta['name']} {{}}Pod {pod['metadata']['name']} in StatefulSet {statefulset['metadata']['name']}"
        try:
            made = await self._client.create(RESOURCE, meta["namespace"], claim)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                told = f"Create Claim {about.format('for ')} failed error: {error.message}"
                self._recorder.event(statefulset, "Warning", "FailedCreate", told)
            raise _within(f"failed to create PVC {meta['name']}", error) from error
        self._floors.wrote(statefulset, RESOURCE, made)
        self._recorder.event(statefulset, "Normal", "SuccessfulCreate", f"Create Claim {about.format('')} success")

    def _present(self, statefulset: Json, pod: Json) -> list[Json]:
        found = []
        for template in statefulset["spec"].get("volumeClaimTemplates") or ():
            name = p.claim_name(statefulset, template, p.ordinal(pod))
            claim = self._cache.objects.get((statefulset["metadata"]["namespace"], name))
            if claim is not None:
                found.append(claim)
        return found


def _within(what: str, error: ApiError) -> ApiError:
    """The same refusal, told with what it prevented."""
    return ApiError(error.status, error.reason, f"{what}: {error.message}", error.details)
