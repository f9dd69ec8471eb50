"""Who owns an ordinal's claims, by the set's retention policy: the garbage collector deletes a claim with its owner. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/statefulset/stateful_set_utils.go (isClaimOwnerUpToDate and what it calls).
"""

from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.interface import Json


def owners(statefulset: Json, pod: Json, claim: Json) -> list[Json] | None:
    """The owner references that the claim should have; None if it may stay as it is.

    A claim that an earlier set or pod of the same name owned is left alone; from one that somebody else controls, the
    references of the set and its pod are taken away and none is added.
    """
    present = claim["metadata"].get("ownerReferences") or []
    if not present and "Delete" not in _policy(statefulset).values():
        # Asked of every pod in every sync, and mostly so.
        return None
    if any(_is_earlier(reference, owner) for reference in present for owner in (statefulset, pod)):
        return None
    ours = [each for each in present if _is_of(each, statefulset) or _is_of(each, pod)]
    wanted = [] if is_contested(statefulset, pod, claim) else _own(statefulset, pod)
    if all(each.get("controller") for each in ours) and _uids(ours) == _uids(wanted):
        return None
    return [*(each for each in present if each not in ours), *wanted]


def is_contested(statefulset: Json, pod: Json, claim: Json) -> bool:
    """Whether the policy deletes claims and something else controls this one, or an earlier set or pod of the name owns it."""
    if "Delete" not in _policy(statefulset).values():
        return False
    return any(
        _is_earlier(each, statefulset)
        or _is_earlier(each, pod)
        or (each.get("controller") and not _is_of(each, statefulset) and not _is_of(each, pod))
        for each in claim["metadata"].get("ownerReferences") or []
    )


def is_stale(statefulset: Json, pod: Json, claim: Json) -> bool:
    """Whether the claim goes with an earlier pod of this name, so that the new one must wait for it to be gone."""
    references = claim["metadata"].get("ownerReferences") or []
    return _policy(statefulset).get("whenScaled") == "Delete" and any(_is_earlier(each, pod) for each in references)


def _policy(statefulset: Json) -> Json:
    policy: Json = statefulset["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    return policy


def _own(statefulset: Json, pod: Json) -> list[Json]:
    policy, spec = _policy(statefulset), statefulset["spec"]
    start = (spec.get("ordinals") or {}).get("start", 0)
    is_condemned = not start <= p.ordinal(pod) < start + spec["replicas"]
    if policy.get("whenScaled") == "Delete" and is_condemned:
        return [controller_reference({**pod, "apiVersion": "v1", "kind": "Pod"})]
    return [controller_reference(statefulset)] if policy.get("whenDeleted") == "Delete" else []


def _uids(references: list[Json]) -> list[str]:
    return sorted(each["uid"] for each in references)


def _is_of(reference: Json, owner: Json) -> bool:
    return bool(
        reference["kind"] == owner["kind"]
        and reference["name"] == owner["metadata"]["name"]
        and reference["apiVersion"] == owner["apiVersion"]
    )


def _is_earlier(reference: Json, owner: Json) -> bool:
    return _is_of(reference, owner) and reference["uid"] != owner["metadata"].get("uid")
