"""The phase of a pod, from what became of its containers. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/kubelet_pods.go (getPhase) and pkg/kubelet/status/status_manager.go.
"""

from typing import Literal

from chaos.embedded.node.states import Kind, PodState

Phase = Literal["Pending", "Running", "Succeeded", "Failed"]


def restarts(kind: Kind, policy: str, code: int) -> bool:
    """Whether a container that ended with this exit code is started again."""
    if kind == "sidecar":
        return True
    if kind == "init" and code == 0:
        return False
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def reached(state: PodState, policy: str) -> Phase:
    """The phase that deadline and containers amount to; a pod tells it once nothing of it is left (`told`)."""
    if state.is_expired:
        return "Failed"
    for each in state.init:
        ended = each.ended
        if each.kind == "sidecar":
            if each.run is None and not any(main.run for main in state.containers):
                return "Pending"
        elif ended is not None and ended.code and not restarts("init", policy, ended.code):
            return "Failed"
        elif ended is None:
            return "Pending"
    if any(each.run is None for each in state.containers):
        return "Pending"
    if any(each.is_running for each in (*state.init, *state.containers)):
        return "Running"
    codes = [each.ended.code for each in state.containers if each.ended is not None]
    if not state.is_stopping and any(restarts("main", policy, code) for code in codes):
        return "Running"
    return "Failed" if any(codes) else "Succeeded"


def told(state: PodState, policy: str) -> Phase:
    """The phase that the pod's status tells: a last one only when nothing of the pod is left on its node, and then surely."""
    found = reached(state, policy)
    is_last = found in ("Succeeded", "Failed")
    if state.is_over:
        return found if is_last else "Failed"
    if is_last:
        return "Running" if any(each.run for each in state.containers) else "Pending"
    return found
