"""What a delete writes: a pod's grace period, finalizers that hold an object, or its removal at once. Pure.

Facts: k8s.io/apiserver 0.37.2 pkg/registry/rest/delete.go (BeforeDelete) and registry/generic/registry/store.go (Delete),
k8s.io/kubernetes pkg/registry/core/pod/strategy.go (CheckGracefulDelete).
"""

import datetime
from typing import NamedTuple

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json, Propagation

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"

_FINALIZERS: dict[Propagation | None, tuple[str, ...]] = {"Foreground": (FOREGROUND,), "Orphan": (ORPHAN,)}


class Deletion(NamedTuple):
    """`item` is what is written first, None if nothing is; then the object is removed if `removes`."""

    item: Json | None
    removes: bool


def deletion(
    resource: str, item: Json, grace_s: int | None, propagation: Propagation | None, now: datetime.datetime
) -> Deletion:
    """What a delete of `item` does at `now`."""
    meta = item["metadata"]
    finalizers = _with_propagation(meta.get("finalizers", []), propagation)
    changed = finalizers != meta.get("finalizers", [])
    if resource == "pods":
        marked = _graceful(item, _effective_grace(item, grace_s), grace_s is not None, now)
        if marked is None:
            # Nothing shortens the grace that is running, and finalizers cannot be added any more.
            return Deletion(None, removes=_is_over(meta) and not meta.get("finalizers"))
        marked = _with_finalizers(marked, finalizers) if changed else marked
        return Deletion(marked, removes=_is_over(marked["metadata"]) and not finalizers)
    if not finalizers:
        return Deletion(None, removes=True)
    if "deletionTimestamp" in meta and not changed:
        return Deletion(None, removes=False)
    return Deletion(_held(_with_finalizers(item, finalizers), now), removes=False)


def _with_propagation(finalizers: list[str], propagation: Propagation | None) -> list[str]:
    """The finalizers with those of the garbage collector as asked for; no wish keeps them."""
    if propagation is None:
        return finalizers
    kept = [each for each in finalizers if each not in (FOREGROUND, ORPHAN)]
    return [*kept, *_FINALIZERS.get(propagation, ())]


def _with_finalizers(item: Json, finalizers: list[str]) -> Json:
    meta = {key: value for key, value in item["metadata"].items() if key != "finalizers"}
    return {**item, "metadata": {**meta, **({"finalizers": finalizers} if finalizers else {})}}


def _effective_grace(pod: Json, grace_s: int | None) -> int:
    asked = grace_s if grace_s is not None else pod["spec"].get("terminationGracePeriodSeconds", 30)
    # The words "as soon as possible": a negative grace means one second.
    asked = 1 if asked < 0 else asked
    if not pod["spec"].get("nodeName") or pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    return int(asked)


def _graceful(pod: Json, grace_s: int, asked: bool, now: datetime.datetime) -> Json | None:
    """The pod with its deletion begun, or its grace shortened; None if that changes nothing."""
    meta = pod["metadata"]
    if "deletionTimestamp" not in meta:
        at = now + datetime.timedelta(seconds=grace_s)
        stamped = {"deletionTimestamp": timestamp(at), "deletionGracePeriodSeconds": grace_s}
        return {**pod, "metadata": {**meta, **stamped, "generation": meta.get("generation", 0) + 1}}
    running = meta.get("deletionGracePeriodSeconds", 0)
    if running == 0 or not asked or grace_s >= running:
        return None
    began = datetime.datetime.fromisoformat(meta["deletionTimestamp"]) - datetime.timedelta(seconds=running)
    at = began + datetime.timedelta(seconds=grace_s)
    if at < now:
        at, grace_s = now, min(grace_s, 1)
    stamped = {"deletionTimestamp": timestamp(at), "deletionGracePeriodSeconds": grace_s}
    return {**pod, "metadata": {**meta, **stamped}}


def _is_over(meta: Json) -> bool:
    return "deletionTimestamp" in meta and meta.get("deletionGracePeriodSeconds", 0) == 0


def _held(item: Json, now: datetime.datetime) -> Json:
    """The object that finalizers keep, marked as being deleted."""
    meta = item["metadata"]
    if "deletionTimestamp" in meta:
        return item
    stamped = {**meta, "deletionTimestamp": timestamp(now), "deletionGracePeriodSeconds": 0}
    if "generation" in meta:
        stamped["generation"] = meta["generation"] + 1
    return {**item, "metadata": stamped}
