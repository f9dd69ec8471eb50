"""The status that a kubelet writes about a pod, from what became of its containers. Pure.

Facts: pods of a real 1.37.2 kubelet, and k8s.io/kubernetes pkg/kubelet/status/generate.go.
"""

import datetime
from dataclasses import dataclass, field

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json

OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
"""The conditions that a kubelet owns; others it keeps."""


@dataclass
class ContainerState:
    """What became of one container."""

    name: str
    image: str
    waiting: str = "ContainerCreating"
    message: str = ""
    started_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None
    code: int = 0
    ready: bool = False
    restarts: int = 0
    last: Json = field(default_factory=dict)
    id: str = ""

    @property
    def is_running(self) -> bool:
        """Whether its program runs."""
        return self.started_at is not None and self.ended_at is None

    @property
    def is_over(self) -> bool:
        """Whether it ran and ended."""
        return self.ended_at is not None


@dataclass
class PodState:
    """What a kubelet knows of a pod."""

    containers: list[ContainerState]
    host_ip: str
    started: datetime.datetime
    sandbox: bool = False
    ip: str = ""
    stopping: bool = False


def status(state: PodState, pod: Json, now: datetime.datetime) -> Json:
    """The pod's status now; `pod` is the object as it is on record."""
    old = pod.get("status") or {}
    generation = pod["metadata"].get("generation", 1)
    found: Json = {
        "observedGeneration": generation,
        "phase": phase(state, str(pod["spec"].get("restartPolicy", "Always"))),
        "conditions": _conditions(state, pod, generation, now),
        "hostIP": state.host_ip,
        "hostIPs": [{"ip": state.host_ip}],
        "startTime": timestamp(state.started),
        "containerStatuses": [_container(each) for each in state.containers],
        "qosClass": old.get("qosClass", "BestEffort"),
    }
    if state.ip:
        found["podIP"] = state.ip
        found["podIPs"] = [{"ip": state.ip}]
    return found


def phase(state: PodState, restart_policy: str) -> str:
    """Pending until every container was started, Running while one runs or will, then Succeeded or Failed."""
    if any(each.started_at is None for each in state.containers):
        return "Pending"
    if all(each.is_over for each in state.containers) and (state.stopping or restart_policy != "Always"):
        return "Failed" if any(each.code for each in state.containers) else "Succeeded"
    return "Running"


def _conditions(state: PodState, pod: Json, generation: int, now: datetime.datetime) -> list[Json]:
    old = {each["type"]: each for each in (pod.get("status") or {}).get("conditions") or ()}
    is_complete = phase(state, str(pod["spec"].get("restartPolicy", "Always"))) == "Succeeded"
    unready = [each.name for each in state.containers if not each.ready]
    not_ready = (
        ("PodCompleted", "")
        if is_complete
        else ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    )
    sandbox = ("PodSandboxNotReady", "pod sandbox is not ready" if state.ip else "no pod sandbox exists")
    wanted = {
        "PodReadyToStartContainers": (state.sandbox, sandbox),
        "Initialized": (True, ("", "")),
        "Ready": (not unready, not_ready),
        "ContainersReady": (not unready, not_ready),
    }
    own = [_condition(kind, *wanted[kind], old.get(kind), generation, now) for kind in OWN]
    others = [{**each, "observedGeneration": generation} for kind, each in old.items() if kind not in OWN]
    return [*own, *others]


def _condition(
    kind: str, is_true: bool, why: tuple[str, str], old: Json | None, generation: int, now: datetime.datetime
) -> Json:
    value = "True" if is_true else "False"
    since = old["lastTransitionTime"] if old and old["status"] == value else timestamp(now)
    found: Json = {
        "type": kind,
        "observedGeneration": generation,
        "status": value,
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    if not is_true:
        found.update({key: text for key, text in zip(("reason", "message"), why, strict=True) if text})
    return found


def _container(each: ContainerState) -> Json:
    found: Json = {
        "name": each.name,
        "state": _state(each),
        "lastState": each.last,
        "ready": each.ready,
        "restartCount": each.restarts,
        "image": each.image if each.started_at is None else f"docker.io/library/{each.image}",
        "imageID": "" if each.started_at is None else f"sha256:{each.image}",
        "started": each.is_running,
    }
    if each.id:
        found["containerID"] = each.id
    return found


def _state(each: ContainerState) -> Json:
    if each.started_at is None:
        waiting = {"reason": each.waiting, **({"message": each.message} if each.message else {})}
        return {"waiting": waiting}
    if each.ended_at is None:
        return {"running": {"startedAt": timestamp(each.started_at)}}
    return {"terminated": terminated(each)}


def terminated(each: ContainerState) -> Json:
    """How a container ended."""
    assert each.started_at is not None
    assert each.ended_at is not None
    return {
        "exitCode": each.code,
        "reason": "Completed" if each.code == 0 else "Error",
        "startedAt": timestamp(each.started_at),
        "finishedAt": timestamp(each.ended_at),
        "containerID": each.id,
    }
