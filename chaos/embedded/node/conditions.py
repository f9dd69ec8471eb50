"""The conditions of a pod that its kubelet owns. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/status/generate.go, and pods of a real 1.37.2.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json
from chaos.embedded.node.phases import Phase, reached
from chaos.embedded.node.states import PodState

OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
"""Those that a kubelet owns; others it keeps."""


class Claim(NamedTuple):
    """What a condition says: whether, and why."""

    is_true: bool
    reason: str = ""
    message: str = ""


def conditions(state: PodState, pod: Json, old: Sequence[Json], generation: int, now: datetime.datetime) -> list[Json]:
    """All conditions, the kubelet's own first; `old` are those on record."""
    phase = reached(state, str(pod["spec"].get("restartPolicy", "Always")))
    before = {each["type"]: each for each in old}
    of_containers = _containers_ready(state, phase)
    claims = {
        "PodReadyToStartContainers": _sandbox(state),
        "Initialized": _initialized(state, phase),
        "Ready": _ready(of_containers, pod, before),
        "ContainersReady": of_containers,
    }
    own = [_condition(kind, claims[kind], before.get(kind), generation, now) for kind in OWN]
    others = [{**each, "observedGeneration": generation} for kind, each in before.items() if kind not in OWN]
    return [*own, *others]


def _sandbox(state: PodState) -> Claim:
    if state.has_sandbox:
        return Claim(True)
    return Claim(False, "PodSandboxNotReady", "pod sandbox is not ready" if state.ip else "no pod sandbox exists")


def _initialized(state: PodState, phase: Phase) -> Claim:
    if phase == "Succeeded":
        return Claim(True, "PodCompleted")
    incomplete = [
        each.name for each in state.init if not (each.is_started if each.kind == "sidecar" else each.is_ready)
    ]
    if not incomplete or any(each.run for each in state.containers):
        return Claim(True)
    return Claim(False, "ContainersNotInitialized", f"containers with incomplete status: [{' '.join(incomplete)}]")


def _containers_ready(state: PodState, phase: Phase) -> Claim:
    if phase in ("Succeeded", "Failed"):
        return Claim(False, "PodCompleted" if phase == "Succeeded" else "PodFailed")
    working = [*(each for each in state.init if each.kind == "sidecar"), *state.containers]
    unready = [each.name for each in working if not each.is_ready]
    if unready:
        return Claim(False, "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    return Claim(True)


def _ready(of_containers: Claim, pod: Json, before: dict[str, Json]) -> Claim:
    """Ready are the containers, and every gate that others open."""
    if not of_containers.is_true:
        return of_containers
    closed = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        if kind not in before:
            closed.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif before[kind]["status"] != "True":
            value = before[kind]["status"]
            closed.append(f'the status of pod readiness gate "{kind}" is not "True", but {value}')
    return Claim(False, "ReadinessGatesNotReady", ", ".join(closed)) if closed else Claim(True)


def _condition(kind: str, claim: Claim, old: Json | None, generation: int, now: datetime.datetime) -> Json:
    value = "True" if claim.is_true else "False"
    since = old["lastTransitionTime"] if old and old["status"] == value else timestamp(now)
    found: Json = {
        "type": kind,
        "observedGeneration": generation,
        "status": value,
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    if claim.reason:
        found["reason"] = claim.reason
    if claim.message:
        found["message"] = claim.message
    return found
