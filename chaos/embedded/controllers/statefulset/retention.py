"""Who owns an ordinal's claims, by the set's retention policy: the garbage collector deletes a claim with its owner. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/statefulset/stateful_set_utils.go (isClaimOwnerUpToDate and what it calls).
"""

from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.interface import Json


def owners(statefulset: Json, pod: Json, claim: Json) -> list[Json] | None:
    """The owner references that the claim should have; None if it may stay as it is.

    A claim that an earlier set or pod of the same name owned, or that somebody else controls, is left alone.
    """
    present = claim["metadata"].get("ownerReferences") or []
    if any(_is_earlier(reference, owner) for reference in present for owner in (statefulset, pod)):
        return None
    others = [each for each in present if not (_is_of(each, statefulset) or _is_of(each, pod))]
    policy = statefulset["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    keeps = "Delete" not in policy.values()
    if not keeps and any(each.get("controller") for each in others):
        wanted = others
    else:
        wanted = [*others, *_own(statefulset, pod, policy)]
    return None if wanted == present else wanted


def is_stale(statefulset: Json, pod: Json, claim: Json) -> bool:
    """Whether the claim goes with an earlier pod of this name, so that the new one must wait for it to be gone."""
    policy = statefulset["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    references = claim["metadata"].get("ownerReferences") or []
    return policy.get("whenScaled") == "Delete" and any(_is_earlier(each, pod) for each in references)


def _own(statefulset: Json, pod: Json, policy: Json) -> list[Json]:
    number, spec = p.ordinal(pod), statefulset["spec"]
    start = (spec.get("ordinals") or {}).get("start", 0)
    is_condemned = not start <= number < start + spec["replicas"]
    if policy.get("whenScaled") == "Delete" and is_condemned:
        return [controller_reference({"apiVersion": "v1", "kind": "Pod", **pod})] if "uid" in pod["metadata"] else []
    return [controller_reference(statefulset)] if policy.get("whenDeleted") == "Delete" else []


def _is_of(reference: Json, owner: Json) -> bool:
    return bool(reference["kind"] == owner["kind"] and reference["name"] == owner["metadata"]["name"])


def _is_earlier(reference: Json, owner: Json) -> bool:
    return _is_of(reference, owner) and reference["uid"] != owner["metadata"].get("uid")
