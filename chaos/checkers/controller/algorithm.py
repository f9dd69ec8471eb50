"""The StatefulSet controller's algorithm as a pure function: what one sync does, given the states it reads.

OrderedReady, with the two things a sync can do: one pod write, then one status. Behaviour follows the StatefulSet controller
of Kubernetes 1.26 to 1.37 (pkg/controller/statefulset/stateful_set_control.go: updateStatefulSet, processReplica,
processCondemned, updateStatefulSetAfterInvariantEstablished; stateful_set_utils.go: completeUpdate), as promised, without
the known bugs of single releases.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chaos.checkers.controller.states import Pod, SetVersion, Status


class Rules(NamedTuple):
    """What differs between controller versions. `completes_any_type`: OnDelete completes too (1.37).

    `reads_own_writes`: a sync starts only on caches that hold the controller's own earlier writes (1.36).
    """

    completes_any_type: bool
    reads_own_writes: bool


class Create(NamedTuple):
    """Create the pod of an ordinal at a revision."""

    ordinal: int
    revision: str


class Delete(NamedTuple):
    """Delete the pod with this uid."""

    uid: str


Action = Create | Delete


class Sync(NamedTuple):
    """What one sync does: at most one pod write, then a status.

    `refused` is the status if the pod write fails or finds nothing to do; `waits_for` says what ended the sync.
    """

    action: Action | None
    status: Status
    refused: Status
    waits_for: str


def rules(version: str, gates: dict[str, bool]) -> Rules:
    """The rules of a controller version such as 1.37.2; `gates` overrides that version's defaults."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return Rules(
        completes_any_type=(major, minor) >= (1, 37),
        reads_own_writes=gates.get("StaleControllerConsistencyStatefulSet", (major, minor) >= (1, 36)),
    )


def sync(version: SetVersion, pods: Sequence[Pod], current: str, update: str, rules: Rules) -> Sync:
    """One sync of a set on the pods it claims.

    Args:
        pods: claimed pods by ordinal, one at most per ordinal.
        current: name of the current revision: status.currentRevision, or `update` if no such revision exists.
        update: name of the revision of spec.template.
    """
    action, waits_for = decide(version, pods, current, update)
    plain = _count(version, pods, current, update)
    after = plain
    if isinstance(action, Delete) and _is_update(version, pods, action):
        after = plain._replace(current=plain.current - 1)
    return Sync(action, _complete(version, after, rules), _complete(version, plain, rules), waits_for)


def decide(version: SetVersion, pods: Sequence[Pod], current: str, update: str) -> tuple[Action | None, str]:
    """The one pod write of a sync, or None, and what the sync waits for."""
    if version.deleting:
        return None, "the set is being deleted"
    by_ordinal = {pod.ordinal: pod for pod in pods}
    for ordinal in version.ordinals:
        pod = by_ordinal.get(ordinal)
        if pod is None:
            return Create(ordinal, revision_of_new(version, ordinal, current, update)), ""
        if pod.terminal:
            return (None, f"{pod.name} to be gone") if pod.terminating else (Delete(pod.uid), "")
        if pod.terminating:
            return None, f"{pod.name} to be gone"
        if not pod.running_and_ready:
            return None, f"{pod.name} to be Running and Ready"
    condemned = sorted((pod for pod in pods if not version.in_range(pod.ordinal)), key=lambda pod: -pod.ordinal)
    if condemned:
        return _condemn(condemned)
    if version.type != "RollingUpdate":
        return None, "pods to be deleted by hand (OnDelete)"
    for ordinal in reversed(version.ordinals):
        if ordinal - version.start < version.partition:
            break
        if by_ordinal[ordinal].revision != update:
            return Delete(by_ordinal[ordinal].uid), ""
    return None, "a change"


def _condemn(condemned: Sequence[Pod]) -> tuple[Action | None, str]:
    highest = condemned[0]
    if highest.terminating:
        return None, f"{highest.name} to be gone"
    # All pods in range are healthy here, so the first unavailable pod is the lowest unavailable condemned one.
    first = next((pod for pod in reversed(condemned) if not pod.ready or pod.terminating), None)
    if not highest.running_and_ready and highest is not first:
        return None, f"{highest.name} to be Running and Ready"
    return Delete(highest.uid), ""


def revision_of_new(version: SetVersion, ordinal: int, current: str, update: str) -> str:
    """The revision that a pod created now for `ordinal` gets."""
    if version.type != "RollingUpdate":
        return update
    kept = version.partition if version.has_rolling_update else version.status.current
    return current if ordinal < version.start + kept else update


def _is_update(version: SetVersion, pods: Sequence[Pod], action: Delete) -> bool:
    target = next(pod for pod in pods if pod.uid == action.uid)
    return version.in_range(target.ordinal) and not target.terminal


def _count(version: SetVersion, pods: Sequence[Pod], current: str, update: str) -> Status:
    staying = [pod for pod in pods if not pod.terminating]
    ready = sum(pod.running_and_ready for pod in pods)
    return Status(
        observed_generation=version.generation,
        replicas=len(pods),
        ready=ready,
        available=ready,
        current=sum(pod.revision == current for pod in staying),
        updated=sum(pod.revision == update for pod in staying),
        current_revision=current,
        update_revision=update,
    )


def _complete(version: SetVersion, status: Status, rules: Rules) -> Status:
    if version.type != "RollingUpdate" and not rules.completes_any_type:
        return status
    if status.updated == status.ready == status.replicas == version.replicas:
        return status._replace(current=status.updated, current_revision=status.update_revision)
    return status
