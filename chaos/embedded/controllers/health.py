"""What becomes of a node that is no longer heard of, and of its pods. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/nodelifecycle/node_lifecycle_controller.go and pkg/controller/tainteviction.
"""

import datetime

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.placing import is_tolerated
from chaos.embedded.interface import Json

UNREACHABLE = "node.kubernetes.io/unreachable"
NOT_READY = "node.kubernetes.io/not-ready"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"

_HEARTBEATS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")


def ready_status(node: Json) -> str:
    """True, False or Unknown."""
    for each in (node.get("status") or {}).get("conditions") or ():
        if each["type"] == "Ready":
            return str(each["status"])
    return "Unknown"


def lost(node: Json, now: datetime.datetime) -> Json:
    """The node with the conditions of one that has stopped posting; those that are Unknown stay."""
    conditions = []
    for each in (node.get("status") or {}).get("conditions") or ():
        if each["type"] in _HEARTBEATS and each["status"] != "Unknown":
            told = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
            each = {**each, "status": "Unknown", "lastTransitionTime": timestamp(now), **told}
        conditions.append(each)
    return {**node, "status": {**node["status"], "conditions": conditions}}


def closing_taints(node: Json, now: datetime.datetime) -> list[Json]:
    """The node's taints with those NoSchedule ones that its conditions ask for."""
    cordoned = [UNSCHEDULABLE] if node["spec"].get("unschedulable") else []
    return _tainted(node, "NoSchedule", [*_failing(node), *cordoned], now)


def evicting_taints(node: Json, now: datetime.datetime, *, evicts: bool) -> list[Json]:
    """The node's taints with the NoExecute one that its conditions ask for.

    Args:
        evicts: pods may be driven off nodes: not while every node has failed, which says more about us than about them.
    """
    return _tainted(node, "NoExecute", _failing(node) if evicts else [], now)


def _failing(node: Json) -> list[str]:
    key = {"True": None, "False": NOT_READY}.get(ready_status(node), UNREACHABLE)
    return [] if key is None else [key]


def _tainted(node: Json, effect: str, keys: list[str], now: datetime.datetime) -> list[Json]:
    ours = (UNREACHABLE, NOT_READY, UNSCHEDULABLE)
    present = node["spec"].get("taints") or []
    kept = [each for each in present if each["effect"] != effect or each["key"] not in ours or each["key"] in keys]
    has = [each["key"] for each in kept if each["effect"] == effect]
    return [*kept, *(_taint(key, effect, now) for key in keys if key not in has)]


def unready(pod: Json, now: datetime.datetime) -> Json | None:
    """The pod with its Ready condition false; None if it is not true."""
    conditions = pod["status"].get("conditions") or ()
    if not any(each["type"] == "Ready" and each["status"] == "True" for each in conditions):
        return None
    changed = {"status": "False", "lastTransitionTime": timestamp(now)}
    new = [{**each, **changed} if each["type"] == "Ready" else each for each in conditions]
    return {**pod, "status": {**pod["status"], "conditions": new}}


def eviction_in_s(pod: Json, node: Json) -> float | None:
    """Seconds that a pod may stay on a node with these taints; None for ever."""
    taints = [each for each in node["spec"].get("taints") or () if each["effect"] == "NoExecute"]
    limits = []
    for taint in taints:
        matching = [each for each in pod["spec"].get("tolerations") or () if is_tolerated(each, taint)]
        if not matching:
            return 0.0
        limits += [float(each["tolerationSeconds"]) for each in matching if each.get("tolerationSeconds") is not None]
    return max(0.0, min(limits)) if limits else None


def condemned(pod: Json, now: datetime.datetime) -> Json:
    """The condition that says why a pod is about to be deleted."""
    return {
        "type": "DisruptionTarget",
        "observedGeneration": pod["metadata"].get("generation", 1),
        "status": "True",
        "reason": "DeletionByTaintManager",
        "message": "Taint manager: deleting due to NoExecute taint",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(now),
    }


def _taint(key: str, effect: str, now: datetime.datetime) -> Json:
    return {"key": key, "effect": effect, "timeAdded": timestamp(now)}
