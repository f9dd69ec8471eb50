"""Which node a pod goes to, and what is said when there is none. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/scheduler (the plugins NodeUnschedulable, TaintToleration, NodeAffinity, VolumeBinding);
messages as a real 1.37.2 writes them. Scores are replaced by: the fewest pods, then the first name.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chaos.embedded.interface import Json


class Placed(NamedTuple):
    """The node for a pod, or why there is none."""

    node: str | None
    why: str = ""


def place(pod: Json, nodes: Sequence[Json], load: Mapping[str, int], claims: Mapping[str, Json | None]) -> Placed:
    """Where a pod goes.

    Args:
        nodes: all of them, by name.
        load: the number of pods on each node.
        claims: those that the pod mounts, by name; None for one that does not exist.
    """
    lacking = _lacking(claims)
    if lacking:
        return Placed(None, f"0/{len(nodes)} nodes are available: {lacking} not found")
    if not nodes:
        return Placed(None, "no nodes available to schedule pods")
    reasons: dict[str, int] = {}
    fitting = []
    for node in nodes:
        reason = _obstacle(pod, node)
        if reason is None:
            fitting.append(node["metadata"]["name"])
        else:
            reasons[reason] = reasons.get(reason, 0) + 1
    if fitting:
        return Placed(min(fitting, key=lambda name: (load.get(name, 0), name)))
    told = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
    head = f"0/{len(nodes)} nodes are available"
    tail = f"{len(nodes)} Preemption is not helpful for scheduling."
    return Placed(None, f"{head}: {told}. preemption: {head}: {tail}")


def tolerates(pod: Json, taint: Json) -> bool:
    """Whether one of the pod's tolerations matches a taint."""
    return any(is_tolerated(each, taint) for each in pod["spec"].get("tolerations") or ())


def is_tolerated(toleration: Json, taint: Json) -> bool:
    """Whether a toleration matches a taint: a field that it leaves out matches all."""
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("key") not in (None, "", taint["key"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("value", "") == taint.get("value", ""))


def _lacking(claims: Mapping[str, Json | None]) -> str:
    for name, claim in claims.items():
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found.'
        if "deletionTimestamp" in claim["metadata"]:
            return f'persistentvolumeclaim "{name}" is being deleted.'
    for claim in claims.values():
        if claim is not None and not is_bound(claim):
            return "pod has unbound immediate PersistentVolumeClaims."
    return ""


def is_bound(claim: Json) -> bool:
    """Whether a claim has its volume, for good."""
    annotations = claim["metadata"].get("annotations") or {}
    return bool(claim["spec"].get("volumeName")) and "pv.kubernetes.io/bind-completed" in annotations


def _obstacle(pod: Json, node: Json) -> str | None:
    labels = node["metadata"].get("labels") or {}
    wanted = pod["spec"].get("nodeSelector") or {}
    unschedulable = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    if node["spec"].get("unschedulable") and not tolerates(pod, unschedulable):
        return "node(s) were unschedulable"
    taints = [each for each in node["spec"].get("taints") or () if each["effect"] in ("NoSchedule", "NoExecute")]
    if not _is_ready(node):
        # Of a node that has just failed the taint may not be there yet.
        taints.append({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"})
    if not all(tolerates(pod, taint) for taint in taints):
        return "node(s) had untolerated taint(s)"
    if not all(labels.get(key) == value for key, value in wanted.items()):
        return "node(s) didn't match Pod's node affinity/selector"
    return None


def _is_ready(node: Json) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
