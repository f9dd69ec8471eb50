"""The status that a kubelet writes about a pod, from what became of its containers. Pure.

Facts: pods of a real 1.37.2 kubelet, and k8s.io/kubernetes pkg/kubelet/status.
"""

import datetime

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json
from chaos.embedded.node.conditions import conditions
from chaos.embedded.node.images import canonical, image_id
from chaos.embedded.node.phases import told
from chaos.embedded.node.states import ContainerState, PodState, Run

LOST = Run(
    "",
    None,
    None,
    137,
    "ContainerStatusUnknown",
    "The container could not be located when the pod was terminated",
    True,
)
"""How a container ended that never ran."""

EXPIRED = "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"
"""Why a pod failed whose deadline passed (pkg/kubelet/active_deadline.go)."""


def status(state: PodState, pod: Json, old: Json, now: datetime.datetime) -> Json:
    """The pod's status now: `pod` is the object that the kubelet acts on, `old` the status on record."""
    generation = pod["metadata"].get("generation", 1)
    found: Json = {
        "observedGeneration": generation,
        "phase": told(state, str(pod["spec"].get("restartPolicy", "Always"))),
        "conditions": conditions(state, pod, old.get("conditions") or (), generation, now),
        "hostIP": state.host_ip,
        "hostIPs": [{"ip": state.host_ip}],
        "startTime": timestamp(state.started),
        "containerStatuses": [_container(each) for each in state.containers],
        "qosClass": old.get("qosClass", "BestEffort"),
    }
    if state.is_expired and found["phase"] == "Failed":
        found["reason"], found["message"] = EXPIRED
    if state.init:
        found["initContainerStatuses"] = [_container(each) for each in state.init]
    if state.ip and state.tells_ip:
        found["podIP"] = state.ip
        found["podIPs"] = [{"ip": state.ip}]
    return found


def _container(each: ContainerState) -> Json:
    has_run = each.run is not None and bool(each.run.id)
    found: Json = {
        "name": each.name,
        "state": _state(each),
        "lastState": _last(each),
        "ready": each.is_ready,
        "restartCount": each.restarts,
        "image": canonical(each.image) if has_run else each.image,
        "imageID": image_id(each.image) if has_run else "",
        "started": each.is_running and each.is_started,
    }
    if has_run:
        assert each.run is not None
        found["containerID"] = each.run.id
    return found


def _state(each: ContainerState) -> Json:
    if each.waiting or each.run is None:
        return {"waiting": {"reason": each.waiting, **({"message": each.message} if each.message else {})}}
    if each.run.is_over:
        return {"terminated": _terminated(each.run)}
    return {"running": {"startedAt": _stamp(each.run.started_at)}}


def _last(each: ContainerState) -> Json:
    """A container that waits for its next run tells here how the one before ended."""
    last = each.ended if each.waiting and each.ended is not None else each.last
    return {"terminated": _terminated(last)} if last is not None else {}


def _terminated(run: Run) -> Json:
    found: Json = {"exitCode": run.code, "reason": run.reason}
    if run.message:
        found["message"] = run.message
    found["startedAt"], found["finishedAt"] = _stamp(run.started_at), _stamp(run.ended_at)
    if run.id:
        found["containerID"] = run.id
    return found


def _stamp(at: datetime.datetime | None) -> str | None:
    return None if at is None else timestamp(at)
