"""Requests on the claims of the target's pods."""

from collections.abc import Sequence

from chaos import operations as ops
from chaos.cluster.marks import HOLD
from chaos.cluster.port import Json
from chaos.history.entries import Request
from chaos.runner import manifests
from chaos.runner.requests.known import Known, ordinal
from chaos.runner.requests.picking import picked

RESOURCE = "persistentvolumeclaims"

ClaimOperation = ops.DeleteClaims | ops.HoldClaims | ops.ReleaseClaims


def resolve_claims(operation: ClaimOperation, known: Known) -> list[Request]:
    """The requests that perform `operation`, meant for one instant.

    Raises:
        Nothing: no claim is there that it can be done to.
    """
    match operation:
        case ops.DeleteClaims():
            fit = [(number, claim) for number, claim in _mounted(known) if _is_staying(claim)]
            chosen = picked(operation, fit, "no such pod has a claim")
            return [
                Request("delete", RESOURCE, claim["metadata"]["name"], uid=claim["metadata"]["uid"], ordinal=number)
                for number, claim in chosen
            ]
        case ops.HoldClaims():
            fit = [(number, claim) for number, claim in _mounted(known) if _is_staying(claim) and not _is_held(claim)]
            chosen = picked(operation, fit, "no such pod has a free claim")
            return [_finalizers(number, claim, {"finalizers": [HOLD]}) for number, claim in chosen]
        case ops.ReleaseClaims():
            held = [(number, claim) for number, claim in _claims(known) if _is_held(claim)]
            change = {"$deleteFromPrimitiveList/finalizers": [HOLD]}
            return [
                _finalizers(number, claim, change) for number, claim in picked(operation, held, "no such claim is held")
            ]


def _mounted(known: Known) -> Sequence[tuple[int, Json]]:
    """The claims of the pods that are there, by ordinal."""
    found = [(ordinal(known.target, pod), known.claims.get(_name_of(pod))) for pod in known.pods]
    return [(number, claim) for number, claim in found if claim is not None]


def _claims(known: Known) -> Sequence[tuple[int, Json]]:
    """The claims of the target, by ordinal, with pods or without."""
    start = manifests.claim_name(f"{known.target.statefulset}-")
    numbers = {name: name.removeprefix(start) for name in known.claims if name.startswith(start)}
    return sorted(
        ((int(number), known.claims[name]) for name, number in numbers.items() if number.isdigit()),
        key=lambda each: each[0],
    )


def _name_of(pod: Json) -> str:
    return manifests.claim_name(pod["metadata"]["name"])


def _finalizers(number: int, claim: Json, metadata: Json) -> Request:
    meta = claim["metadata"]
    body = {"metadata": {"uid": meta["uid"], **metadata}}
    return Request("patch", RESOURCE, meta["name"], uid=meta["uid"], body=body, ordinal=number, patch_type="strategic")


def _is_staying(claim: Json) -> bool:
    return "deletionTimestamp" not in claim["metadata"]


def _is_held(claim: Json) -> bool:
    return HOLD in (claim["metadata"].get("finalizers") or ())
