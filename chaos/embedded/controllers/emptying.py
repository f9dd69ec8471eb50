"""What is left of a namespace that is being deleted: how long to wait for it, and what the namespace says of it. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/namespace/deletion (namespaced_resources_deleter.go,
status_condition_utils.go); conditions as a real 1.37.2 writes them.
"""

import datetime
from collections.abc import Mapping, Sequence

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json
from chaos.time import parse_timestamp

FINALIZER_S = 15
"""How long a finalizer is thought to take."""

_FINE = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}


def pods_estimate_s(pods: Sequence[Json], namespace: Json, now: datetime.datetime) -> int:
    """Seconds until the pods should be gone: the longest grace, 0 once the namespace has been deleted for that long."""
    running = [pod for pod in pods if pod.get("status", {}).get("phase") not in ("Failed", "Succeeded")]
    longest = max((int(pod["spec"].get("terminationGracePeriodSeconds", 30)) for pod in running), default=0)
    elapsed = now - parse_timestamp(namespace["metadata"]["deletionTimestamp"])
    return longest if elapsed.total_seconds() < longest else 0


def remaining_s(items: Sequence[Json], estimate_s: int) -> int | None:
    """Seconds to wait for what is left of one resource; None if nothing explains that something is left."""
    if not items or estimate_s:
        return estimate_s if items else 0
    return FINALIZER_S if any(item["metadata"].get("finalizers") for item in items) else None


def conditions(
    present: Sequence[Json], left: Mapping[str, Sequence[Json]], unexplained: Sequence[str], now: datetime.datetime
) -> list[Json] | None:
    """A namespace's conditions, given what is left by resource and which of that nothing explains; None if unchanged."""
    wanted = {**_FINE, **_troubles(left), **_failures(unexplained)}
    before = {each["type"]: each for each in present}
    after = []
    for kind, (reason, message) in wanted.items():
        status = "False" if _FINE[kind] == (reason, message) else "True"
        told = {"type": kind, "status": status, "reason": reason, "message": message}
        old = before.get(kind, {})
        since = old["lastTransitionTime"] if old.get("status") == status else timestamp(now)
        after.append({**told, "lastTransitionTime": since})
    return None if after == list(present) else after


def _troubles(left: Mapping[str, Sequence[Json]]) -> dict[str, tuple[str, str]]:
    told = [
        f"{resource}.{RESOURCES[resource].group} has {len(items)} resource instances"
        for resource, items in left.items()
        if items
    ]
    held: dict[str, int] = {}
    for items in left.values():
        for item in items:
            for finalizer in item["metadata"].get("finalizers") or ():
                held[finalizer] = held.get(finalizer, 0) + 1
    troubles = {}
    if told:
        message = f"Some resources are remaining: {', '.join(sorted(told))}"
        troubles["NamespaceContentRemaining"] = ("SomeResourcesRemain", message)
    if held:
        each = ", ".join(f"{finalizer} in {count} resource instances" for finalizer, count in sorted(held.items()))
        message = f"Some content in the namespace has finalizers remaining: {each}"
        troubles["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", message)
    return troubles


def _failures(unexplained: Sequence[str]) -> dict[str, tuple[str, str]]:
    if not unexplained:
        return {}
    told = sorted(f"unexpected items still remain in namespace for {resource}" for resource in unexplained)
    message = f"Failed to delete all resource types, {len(told)} remaining: {', '.join(told)}"
    return {"NamespaceDeletionContentFailure": ("ContentDeletionFailed", message)}
