"""Which guarantee an unexplained write broke: the conditions of the algorithm, asked one by one.

`broken` gives the conditions under which a write could be made and that do not hold in one combination of states. It is
empty exactly when a sync may make that write there. Of all combinations in the window the one with the fewest broken
conditions names the guarantee.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chaos.checkers.controller.algorithm import (
    Action,
    Create,
    Delete,
    Sync,
    is_down,
    replicas_of,
    revision_of_new,
)
from chaos.checkers.controller.course import Now, is_among, may_write
from chaos.checkers.controller.miscounts import miscounts
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Sight, Status
from chaos.checkers.controller.updates import budget


class Condition(NamedTuple):
    """A condition that does not hold: the guarantee that asks for it, and what was expected."""

    guarantee: str
    expected: str


def broken(sight: Sight, sync: Sync, write: Action | Status, there: Now, rules: Rules) -> list[Condition]:
    """Conditions that `write` breaks in these states; empty if a sync may make it here. `there`: the pods that are left."""
    if isinstance(write, Status):
        return [Condition(*each) for each in miscounts(sight.version, sync, write, there, rules)]
    if may_write(sync, (), write, there):
        return []
    if is_among(write, sync.actions):
        return _too_early(sync, write, there)
    found = _create(sight, write) if isinstance(write, Create) else _delete(sight, write, there, rules)
    # Whatever is not named above is what no sync does for any reason.
    return found or [Condition("update.justified-deletes", "only what the algorithm asks for is written")]


def _too_early(sync: Sync, write: Action, there: Now) -> list[Condition]:
    """It is what a sync does here, but not before something else."""
    first = next(each for each in (*sync.condemned, *sync.updates) if there.has(each))
    if is_among(first, sync.condemned):
        return [
            Condition("update.walk-gate", f"no update before ordinal {first.ordinal}, which is condemned, is deleted")
        ]
    return [Condition("update.walk-order", f"ordinal {first.ordinal} is higher and is updated first")]


def _create(sight: Sight, write: Create) -> list[Condition]:
    version = sight.version
    found = []
    by_ordinal = {pod.ordinal: pod for pod in sight.pods}
    if version.deleting:
        found.append(Condition("cascade.set-deleting", "no pod is created while the set is being deleted"))
    if not version.in_range(write.ordinal):
        found.append(_out_of_range(version, write.ordinal))
    if write.ordinal in by_ordinal:
        found.append(Condition("ordering.create-order", "an ordinal is created only while it has no pod"))
    expected = revision_of_new(sight, write.ordinal)
    if expected != write.revision:
        found.append(_wrong_revision(sight, expected))
    found += _old_first(sight)
    if not version.parallel:
        found += _line(version, by_ordinal, write.ordinal)
    return found


def _old_first(sight: Sight) -> list[Condition]:
    old = [pod for pod in sight.pods if pod.revision != sight.update]
    if sight.version.type != "Recreate" or not old:
        return []
    return [Condition("recreate.old-first", f"Recreate: {describe(old[0])} of an old revision must be gone")]


def _out_of_range(version: SetVersion, ordinal: int) -> Condition:
    last = version.start + version.replicas - 1
    wanted = f"{version.start} to {last}" if version.replicas else "none"
    if version.start and ordinal < version.replicas:
        return Condition("ordering.start-ordinal", f"ordinals begin at {version.start}: {wanted}")
    return Condition("ordering.range", f"only ordinals in range ({wanted}) are created")


def _wrong_revision(sight: Sight, expected: str) -> Condition:
    version = sight.version
    if version.type != "RollingUpdate":
        name = "ondelete.create-revision" if version.type == "OnDelete" else "recreate.old-first"
        return Condition(name, f"revision {expected} ({version.type}: every new pod is at the update revision)")
    kept, by = version.partition, f"partition {version.partition}"
    if not version.has_rolling_update:
        kept = version.status.current
        by = f"no rollingUpdate stanza and currentReplicas {kept}"
    rule = (
        f"{by}: ordinals below {version.start + kept} are created at currentRevision {sight.current}, the others at "
        f"updateRevision {sight.update}"
    )
    return Condition("partition.create-revision", f"revision {expected} ({rule})")


def _line(version: SetVersion, by_ordinal: dict[int, Pod], ordinal: int) -> list[Condition]:
    """OrderedReady: what stands in front of an ordinal that is created."""
    found = []
    lower = [each for each in version.ordinals if each < ordinal]
    missing = [each for each in lower if each not in by_ordinal]
    if missing:
        found.append(Condition("ordering.create-order", f"ordinal {missing[0]} is missing and is created first"))
    waiting = [by_ordinal[each] for each in lower if each in by_ordinal and not by_ordinal[each].healthy]
    if waiting:
        first = next((pod for pod in waiting if not is_too_young(pod)), waiting[0])
        found.append(
            _gate("ordering.create-gate", first, version, f"{describe(first)} must be Running and Ready first")
        )
    return found


def _gate(guarantee: str, pod: Pod | None, version: SetVersion, expected: str) -> Condition:
    """A gate that a pod closes: by its state, or only since it was not Ready for long enough."""
    if pod is None or not is_too_young(pod):
        return Condition(guarantee, expected)
    return Condition(
        "ordering.min-ready-seconds", f"{pod.name} must be Ready for minReadySeconds ({version.min_ready_s} s) first"
    )


def _delete(sight: Sight, write: Delete, there: Now, rules: Rules) -> list[Condition]:
    version = sight.version
    target = next((pod for pod in sight.pods if pod.uid == write.uid), None)
    if target is None:
        return [Condition("update.justified-deletes", "only a pod that the set owns is deleted")]
    found = []
    if version.deleting:
        expected = "no pod is deleted by the controller while the set is being deleted"
        found.append(Condition("cascade.set-deleting", expected))
    if target.terminating:
        found.append(Condition("update.justified-deletes", f"{target.name} is terminating already"))
    in_range = version.in_range(target.ordinal)
    found += _old_first(sight)
    blocked = None
    if not version.parallel:
        blocked = _blocked(version, sight.pods, target.ordinal if target.terminal and in_range else None)
    if target.terminal and in_range:
        found += [blocked] if blocked else []
    elif not in_range:
        found += _condemned(sight, target, blocked, rules)
    else:
        found += _update(sight, target, blocked, there, rules)
    return found


def _blocked(version: SetVersion, pods: Sequence[Pod], below: int | None) -> Condition | None:
    """OrderedReady: the first pod in range that stops a sync, as a breach of the gate for creations."""
    by_ordinal = {pod.ordinal: pod for pod in pods}
    for ordinal in version.ordinals:
        if below is not None and ordinal >= below:
            return None
        pod = by_ordinal.get(ordinal)
        if pod is None:
            return Condition("ordering.create-gate", f"ordinal {ordinal}, which is missing, must be there again first")
        if not pod.healthy:
            expected = f"{describe(pod)} must be Running and Ready first"
            return _gate("ordering.create-gate", pod, version, expected)
    return None


def _as(guarantee: str, blocked: Condition, before: str) -> Condition:
    """The same obstacle for another deed, which has a guarantee of its own."""
    expected = f"{before}: {blocked.expected}"
    kept = blocked.guarantee == "ordering.min-ready-seconds"
    return Condition(blocked.guarantee if kept else guarantee, expected)


def _condemned(sight: Sight, target: Pod, blocked: Condition | None, rules: Rules) -> list[Condition]:
    if sight.version.parallel:
        return []
    found = []
    if blocked:
        found.append(_as("ordering.scale-down-gate", blocked, "nothing is scaled down yet"))
    condemned = [pod for pod in sight.pods if not sight.version.in_range(pod.ordinal)]
    higher = max(condemned, key=lambda pod: pod.ordinal)
    if higher.ordinal > target.ordinal:
        found.append(Condition("ordering.scale-down-order", f"{describe(higher)} is higher and must be gone first"))
    unavailable = [pod for pod in condemned if is_down(pod, rules)]
    lowest = min(unavailable, key=lambda pod: pod.ordinal, default=None)
    if not (target.running_and_ready and target.available) and (lowest is None or lowest.uid != target.uid):
        first = describe(lowest) if lowest else "none"
        expected = f"{describe(target)} waits: the lowest unavailable pod is {first}"
        found.append(_gate("ordering.scale-down-unhealthy", target, sight.version, expected))
    return found


def _update(sight: Sight, target: Pod, blocked: Condition | None, there: Now, rules: Rules) -> list[Condition]:
    version = sight.version
    if target.revision == sight.update:
        name = "ordering.start-ordinal" if version.start and target.ordinal >= version.replicas else ""
        expected = f"{target.name} is in range and at the update revision {sight.update}: it stays"
        return [Condition(name or "update.justified-deletes", expected)]
    if version.type == "OnDelete":
        return [Condition("ondelete.no-update-deletes", "OnDelete: no pod is deleted to update it")]
    found = []
    index = target.ordinal - version.start
    if index < version.partition:
        found.append(
            Condition("partition.update-floor", f"partition {version.partition}: index {index} is not updated")
        )
    if blocked:
        found.append(_as("update.walk-gate", blocked, "nothing is updated yet"))
    condemned = [pod for pod in sight.pods if not version.in_range(pod.ordinal)]
    if condemned and not version.parallel:
        expected = f"no update before {describe(condemned[0])}, which is condemned, is gone"
        found.append(Condition("update.walk-gate", expected))
    return found + _above(sight, target, there, rules)


def _above(sight: Sight, target: Pod, there: Now, rules: Rules) -> list[Condition]:
    """What of the other pods in range keeps this one from being updated: the order, the walk or the budget."""
    version = sight.version
    found = []
    replicas = replicas_of(sight, {pod.ordinal: pod for pod in sight.pods})
    higher = [each for each in replicas if each.ordinal > target.ordinal]
    old = [each for each in higher if each.revision != sight.update]
    waiting = [each for each in old if there.stays(each.uid)]
    limit = budget(version, rules)
    if waiting:
        first = next(pod for pod in sight.pods if pod.uid == waiting[-1].uid)
        found.append(Condition("update.walk-order", f"{describe(first)} is higher and is updated first"))
    elif len(old) >= limit:
        others = [each.ordinal for each in old]
        found.append(Condition("update.max-unavailable", f"at most {limit} at once, and ordinals {others} are updated"))
    if not version.parallel:
        return found
    if not rules.has_budget:
        new = next((each for each in higher if each.unavailable and each.revision == sight.update), None)
        if new:
            expected = f"ordinal {new.ordinal} is updated and must be available first"
            young = next((pod for pod in sight.pods if pod.uid == new.uid), None)
            found.append(_gate("update.walk-gate", young, version, expected))
    elif not found:
        down = [each.ordinal for each in replicas if each.unavailable]
        expected = f"at most {limit} unavailable, and ordinals {down} are"
        found.append(Condition("update.max-unavailable", expected))
    return found


def is_too_young(pod: Pod) -> bool:
    """Whether all that the pod lacks is time: it is Ready, for less than minReadySeconds."""
    return pod.running_and_ready and not pod.terminating and not pod.available


def describe(pod: Pod) -> str:
    """A pod and its state in a few words."""
    if pod.terminating:
        return f"{pod.name} (terminating)"
    if is_too_young(pod):
        return f"{pod.name} (Ready, not yet available)"
    if pod.running_and_ready:
        return f"{pod.name} (Ready)"
    return f"{pod.name} ({pod.phase}, not Ready)"
