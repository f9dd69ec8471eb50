"""Requests on the target's pods and into their containers."""

from collections.abc import Callable, Sequence
from typing import assert_never

import msgspec

from chaos import operations as ops
from chaos.cluster.marks import HOLD
from chaos.cluster.port import Json
from chaos.history.entries import Request, Verb
from chaos.observers.pods import is_ready
from chaos.operations import Picking
from chaos.runner import manifests
from chaos.runner.requests.claims import resolve_claims
from chaos.runner.requests.known import Known, Nothing, ordinal
from chaos.runner.requests.picking import picked

NAME_LABEL = "statefulset.kubernetes.io/pod-name"
UNSELECTED = {"app": "chaos-sts-unselected"}


def resolve_pods(operation: ops.PodOperation, known: Known) -> list[Request]:
    """The requests that perform `operation`, meant for one instant.

    Raises:
        Nothing: no pod is there that it can be done to.
    """
    match operation:
        case ops.CreateBudget():
            body = manifests.budget(known.target, known.run, operation.min_available, operation.max_unavailable)
            return [Request("create", "poddisruptionbudgets", known.target.statefulset, body=body)]
        case ops.DeleteBudget():
            return [Request("delete", "poddisruptionbudgets", known.target.statefulset)]
        case ops.DeletePods(grace_s=grace_s):
            return [
                _request("delete", "pods", pod, known, grace_s=grace_s)
                for pod in _picked(operation, known, _is_alive, "no such pod is there to delete")
            ]
        case ops.EvictPods(grace_s=grace_s):
            return [
                evict(pod, known, grace_s)
                for pod in _picked(operation, known, _is_alive, "no such pod is there to evict")
            ]
        case ops.DeleteClaims() | ops.HoldClaims() | ops.ReleaseClaims():
            return resolve_claims(operation, known)
        case ops.CrashContainer() | ops.MakeUnready() | ops.MakeReady():
            return _commands(operation, known)
        case ops.FailPods():
            chosen = _picked(operation, known, _is_endless, "no such pod is running without a deadline")
            return [_request("patch", "pods", pod, known, body=_deadline(pod)) for pod in chosen]
        case _:
            return _edits(operation, known)


def evict(pod: Json, known: Known, grace_s: int | None) -> Request:
    """The eviction of exactly this pod."""
    meta = pod["metadata"]
    options: Json = {"preconditions": {"uid": meta["uid"]}}
    if grace_s is not None:
        options["gracePeriodSeconds"] = grace_s
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": meta["name"]},
        "deleteOptions": options,
    }
    return _request("create", "pods/eviction", pod, known, body=body, grace_s=grace_s)


def _edits(
    operation: ops.RelabelPods | ops.StealName | ops.OrphanPods | ops.HoldPods | ops.ReleasePods, known: Known
) -> list[Request]:
    """Patches of the pods' metadata; each names the pod's uid, which the server compares."""
    match operation:
        case ops.RelabelPods(direction="out"):
            chosen = _picked(operation, known, _is_selected, "no such pod is selected")
            return [_edit(pod, known, {"labels": UNSELECTED}) for pod in chosen]
        case ops.RelabelPods():
            chosen = _picked(operation, known, lambda pod: not _is_selected(pod), "no such pod is out of the selector")
            return [_edit(pod, known, {"labels": manifests.LABELS}) for pod in chosen]
        case ops.StealName():
            chosen = _picked(operation, known, _is_alive, "no such pod is there")
            return [_edit(pod, known, {"labels": {NAME_LABEL: _neighbour(pod, known)}}) for pod in chosen]
        case ops.OrphanPods():
            chosen = _picked(operation, known, _is_owned, "no such pod has an owner")
            return [_edit(pod, known, {"ownerReferences": None}) for pod in chosen]
        case ops.HoldPods():
            chosen = _picked(operation, known, lambda pod: _is_alive(pod) and not _is_held(pod), "no such pod is free")
            return [_finalizers(pod, known, {"finalizers": [HOLD]}) for pod in chosen]
        case ops.ReleasePods():
            chosen = _picked(operation, known, _is_held, "no such pod is held")
            return [_finalizers(pod, known, {"$deleteFromPrimitiveList/finalizers": [HOLD]}) for pod in chosen]
    assert_never(operation)


def _commands(operation: ops.CrashContainer | ops.MakeUnready | ops.MakeReady, known: Known) -> list[Request]:
    match operation:
        case ops.CrashContainer():
            chosen = _picked(operation, known, _is_running, "no such pod is running")
            command = manifests.CRASH
        case ops.MakeUnready():
            chosen = _picked(operation, known, lambda pod: _is_running(pod) and is_ready(pod), "no such pod is Ready")
            command = manifests.TURN_UNREADY
        case ops.MakeReady():
            chosen = _picked(
                operation,
                known,
                lambda pod: _is_running(pod) and not is_ready(pod),
                "no such pod runs without being Ready",
            )
            command = manifests.TURN_READY
    return [_request("exec", "pods", pod, known, command=command) for pod in chosen]


def pages(known: Known) -> list[Request]:
    """Writes of a fresh page into the volume of every Ready pod.

    Raises:
        Nothing: there is none.
    """
    requests = []
    for pod in known.pods:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        claim = known.claims.get(manifests.claim_name(name))
        if claim is None or not _is_alive(pod) or not is_ready(pod):
            continue
        number = ordinal(known.target, pod)
        token = f"{known.target.statefulset}/{number}/{claim['metadata']['uid']}/{uid}/{known.serial}"
        requests.append(_request("exec", "pods", pod, known, command=manifests.writing(token), token=token))
    if not requests:
        raise Nothing("no pod is Ready")
    return requests


def _picked(picking: Picking, known: Known, is_fit: Callable[[Json], bool], lacking: str) -> Sequence[Json]:
    """The pods that are meant, of those that it can be done to."""
    fit = [(ordinal(known.target, pod), pod) for pod in known.pods if is_fit(pod)]
    return [pod for _, pod in picked(picking, fit, lacking)]


def _request(
    verb: Verb,
    resource: str,
    pod: Json,
    known: Known,
    *,
    body: Json | None = None,
    grace_s: int | None = None,
    command: tuple[str, ...] = (),
    token: str = "",
) -> Request:
    meta = pod["metadata"]
    return Request(
        verb,
        resource,
        meta["name"],
        uid=meta["uid"],
        body=body,
        grace_s=grace_s,
        ordinal=ordinal(known.target, pod),
        command=command,
        token=token,
    )


def _edit(pod: Json, known: Known, metadata: Json) -> Request:
    return _request("patch", "pods", pod, known, body={"metadata": {"uid": pod["metadata"]["uid"], **metadata}})


def _finalizers(pod: Json, known: Known, metadata: Json) -> Request:
    return msgspec.structs.replace(_edit(pod, known, metadata), patch_type="strategic")


def _neighbour(pod: Json, known: Known) -> str:
    return f"{known.target.statefulset}-{ordinal(known.target, pod) + 1}"


def _is_alive(pod: Json) -> bool:
    return "deletionTimestamp" not in pod["metadata"]


def _is_selected(pod: Json) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in manifests.LABELS.items())


def _is_owned(pod: Json) -> bool:
    return _is_alive(pod) and bool(pod["metadata"].get("ownerReferences"))


def _is_held(pod: Json) -> bool:
    return HOLD in (pod["metadata"].get("finalizers") or ())


def _is_endless(pod: Json) -> bool:
    return _is_running(pod) and "activeDeadlineSeconds" not in pod["spec"]


def _deadline(pod: Json) -> Json:
    """The shortest that there is: a kubelet counts from when it first saw the pod."""
    return {"metadata": {"uid": pod["metadata"]["uid"]}, "spec": {"activeDeadlineSeconds": 1}}


def _is_running(pod: Json) -> bool:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return _is_alive(pod) and any("running" in (each.get("state") or {}) for each in statuses)
