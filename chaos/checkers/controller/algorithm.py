"""The StatefulSet controller's algorithm as a pure function: what one sync may do, given the states it reads.

A sync deals with the pods in range, then with condemned ones, then with updates, and ends with a status. Behaviour follows the
StatefulSet controller of Kubernetes 1.26 to 1.37 (pkg/controller/statefulset/stateful_set_control.go: updateStatefulSet,
processReplica, processCondemned, recreateDeleteAndWait; stateful_set_utils.go: completeUpdate).
"""

from collections.abc import Sequence
from itertools import chain, combinations

from msgspec import Struct, structs

from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Sight, Status
from chaos.checkers.controller.updates import Replica, to_update


class Create(Struct, frozen=True, gc=False, order=True):
    """Create the pod of an ordinal at a revision."""

    ordinal: int
    revision: str


class Delete(Struct, frozen=True, gc=False, order=True):
    """Delete the pod of an ordinal. It is deleted by name: `uid` says which pod is meant, or was hit; empty: not yet known."""

    ordinal: int
    uid: str


Action = Create | Delete


class Sync(Struct, frozen=True, gc=False):
    """What one sync does, if all of it succeeds; an error ends it early.

    `replicas`: creates, and deletes of ended or (Recreate) old pods, in any order. `condemned`: deletes, in any order. `updates`:
    deletes one after the other, each of which takes one off the status's currentReplicas. `counts`: the status before that; more
    than one where a release may count in different ways.
    """

    replicas: tuple[Action, ...]
    condemned: tuple[Delete, ...]
    updates: tuple[Delete, ...]
    counts: tuple[Status, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        return (*self.replicas, *self.condemned, *self.updates)


def sync(sight: Sight, rules: Rules) -> Sync:
    """One sync of a set on what it sees."""
    counts = (count(sight),)
    if sight.version.deleting:
        return Sync((), (), (), counts)
    if sight.version.type == "Recreate":
        old = [pod for pod in sight.pods if pod.revision != sight.update]
        if old:
            return Sync(tuple(_delete(pod) for pod in old if not pod.terminating), (), (), counts)
    by_ordinal = {pod.ordinal: pod for pod in sight.pods}
    ordinals = sight.version.ordinals
    condemned = [pod for pod in reversed(sight.pods) if pod.ordinal not in ordinals]
    if sight.version.parallel:
        return _at_once(sight, by_ordinal, condemned, counts, rules)
    return _in_order(sight, by_ordinal, condemned, counts, rules)


def _in_order(
    sight: Sight, by_ordinal: dict[int, Pod], condemned: Sequence[Pod], counts: tuple[Status, ...], rules: Rules
) -> Sync:
    """OrderedReady: what stands at the front of the line stops the sync."""
    for ordinal in sight.version.ordinals:
        pod = by_ordinal.get(ordinal)
        if pod is None:
            return Sync((_create(sight, ordinal),), (), (), counts)
        if not pod.healthy:
            return _replace(sight, [pod], counts, rules) if pod.terminal else Sync((), (), (), counts)
    if condemned:
        return Sync((), _condemn(condemned, rules), (), counts)
    return Sync((), (), _updates(sight, by_ordinal, rules), counts)


def _at_once(
    sight: Sight, by_ordinal: dict[int, Pod], condemned: Sequence[Pod], counts: tuple[Status, ...], rules: Rules
) -> Sync:
    """Parallel: nothing waits for a pod, but updates keep to their budget."""
    ended = [pod for pod in sight.pods if pod.terminal and sight.version.in_range(pod.ordinal)]
    replaced = _replace(sight, ended, counts, rules)
    missing = tuple(_create(sight, ordinal) for ordinal in sight.version.ordinals if ordinal not in by_ordinal)
    leaving = tuple(_delete(pod) for pod in condemned if not pod.terminating)
    return Sync((*missing, *replaced.replicas), leaving, _updates(sight, by_ordinal, rules), replaced.counts)


def _replace(sight: Sight, ended: Sequence[Pod], counts: tuple[Status, ...], rules: Rules) -> Sync:
    """Pods that ended are deleted and created by the next sync, or before 1.31 perhaps at once (and then not counted)."""
    deletes: tuple[Action, ...] = tuple(_delete(pod) for pod in ended if not pod.terminating)
    if not ended or not rules.replaces_at_once:
        return Sync(deletes, (), (), counts)
    creates = tuple(_create(sight, pod.ordinal) for pod in ended)
    # A delete that fails leaves its pod where it is, and counted.
    gone = chain.from_iterable(combinations(ended, n) for n in range(1, len(ended) + 1))
    fewer = (count(structs.replace(sight, pods=tuple(pod for pod in sight.pods if pod not in each))) for each in gone)
    return Sync((*deletes, *creates), (), (), (*counts, *dict.fromkeys(fewer)))


def _condemn(condemned: Sequence[Pod], rules: Rules) -> tuple[Delete, ...]:
    highest = condemned[0]
    if highest.terminating:
        return ()
    # All pods in range are healthy here, so the first unavailable pod is the lowest unavailable condemned one.
    first = next((pod for pod in reversed(condemned) if is_down(pod, rules)), None)
    if not (highest.running_and_ready and highest.available) and highest is not first:
        return ()
    return (_delete(highest),)


def is_down(pod: Pod, rules: Rules) -> bool:
    """Whether a scale-down takes the pod for the first that is down."""
    up = pod.available if rules.condemns_unavailable else pod.running_and_ready
    return pod.terminating or not up


def replicas_of(sight: Sight, by_ordinal: dict[int, Pod]) -> list[Replica]:
    """The pods in range by ordinal, missing ones as they are created now."""
    found = []
    for ordinal in sight.version.ordinals:
        pod = by_ordinal.get(ordinal)
        if pod is None:
            found.append(Replica(ordinal, "", revision_of_new(sight, ordinal), True, False, False))
        else:
            down = pod.terminating or not pod.available
            found.append(Replica(ordinal, pod.uid, pod.revision, down, pod.available, pod.terminating))
    return found


def _updates(sight: Sight, by_ordinal: dict[int, Pod], rules: Rules) -> tuple[Delete, ...]:
    if sight.version.type != "RollingUpdate":
        return ()
    update = sight.update
    if all([pod.revision == update for pod in sight.pods]):
        if all([ordinal in by_ordinal for ordinal in sight.version.ordinals]):
            return ()
    chosen = to_update(sight.version, replicas_of(sight, by_ordinal), sight.update, rules)
    return tuple(Delete(each.ordinal, each.uid) for each in chosen)


def _create(sight: Sight, ordinal: int) -> Create:
    return Create(ordinal, revision_of_new(sight, ordinal))


def _delete(pod: Pod) -> Delete:
    return Delete(pod.ordinal, pod.uid)


def revision_of_new(sight: Sight, ordinal: int) -> str:
    """The revision that a pod created now for `ordinal` gets."""
    version = sight.version
    if version.type != "RollingUpdate":
        return sight.update
    kept = version.partition if version.has_rolling_update else version.status.current
    return sight.current if ordinal < version.start + kept else sight.update


def count(sight: Sight) -> Status:
    """The pods in figures."""
    current = updated = ready = available = 0
    for pod in sight.pods:
        if pod.ready and pod.phase == "Running":
            ready += 1
            available += pod.available
        if not pod.terminating:
            current += pod.revision == sight.current
            updated += pod.revision == sight.update
    replicas = len(sight.pods)
    return Status(sight.version.generation, replicas, ready, available, current, updated, sight.current, sight.update)


def completed(version: SetVersion, status: Status, rules: Rules) -> Status:
    """The status as it is written: a complete update makes the update revision the current one."""
    if version.type != "RollingUpdate" and not rules.completes_any_type:
        return status
    if status.updated == status.ready == status.replicas == version.replicas:
        return structs.replace(status, current=status.updated, current_revision=status.update_revision)
    return status
