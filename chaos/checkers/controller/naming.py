"""Which guarantee an unexplained write broke: the conditions of the algorithm, asked one by one.

`broken` gives the conditions under which a write could be made and that do not hold in one combination of states. It is
empty exactly when the algorithm makes that write there. Of all combinations in the window the one with the fewest broken
conditions names the guarantee.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chaos.checkers.controller.algorithm import Action, Create, Delete, Rules, revision_of_new, sync
from chaos.checkers.controller.states import Pod, SetVersion, Status


class Condition(NamedTuple):
    """A condition that does not hold: the guarantee that asks for it, and what was expected."""

    guarantee: str
    expected: str


def broken(
    version: SetVersion, pods: Sequence[Pod], current: str, update: str, write: Action | Status, rules: Rules
) -> list[Condition]:
    """Conditions that `write` breaks in these states; empty if the algorithm makes it here."""
    match write:
        case Create():
            return _create(version, pods, current, update, write)
        case Delete():
            return _delete(version, pods, update, write)
        case Status():
            return _status(version, pods, current, update, write, rules)


def _create(version: SetVersion, pods: Sequence[Pod], current: str, update: str, write: Create) -> list[Condition]:
    found = []
    by_ordinal = {pod.ordinal: pod for pod in pods}
    if version.deleting:
        found.append(Condition("cascade.set-deleting", "no pod is created while the set is being deleted"))
    if not version.in_range(write.ordinal):
        wanted = f"{version.start} to {version.start + version.replicas - 1}" if version.replicas else "none"
        found.append(Condition("ordering.range", f"only ordinals in range ({wanted}) are created"))
    if write.ordinal in by_ordinal:
        found.append(Condition("ordering.create-order", "an ordinal is created only while it has no pod"))
    expected = revision_of_new(version, write.ordinal, current, update)
    if expected != write.revision:
        name = "ondelete.create-revision" if version.type == "OnDelete" else "partition.create-revision"
        rule = (
            "OnDelete: every new pod is at the update revision"
            if version.type == "OnDelete"
            else f"partition {version.partition}: ordinals below {version.start + version.partition} are created at "
            f"currentRevision {current}, the others at updateRevision {update}"
        )
        found.append(Condition(name, f"revision {expected} ({rule})"))
    lower = [ordinal for ordinal in version.ordinals if ordinal < write.ordinal]
    missing = [ordinal for ordinal in lower if ordinal not in by_ordinal]
    if missing:
        found.append(Condition("ordering.create-order", f"ordinal {missing[0]} is missing and is created first"))
    waiting = [by_ordinal[o] for o in lower if o in by_ordinal and not by_ordinal[o].healthy]
    if waiting:
        found.append(Condition("ordering.create-gate", f"{describe(waiting[0])} must be Running and Ready first"))
    return found


def _delete(version: SetVersion, pods: Sequence[Pod], update: str, write: Delete) -> list[Condition]:
    target = next((pod for pod in pods if pod.uid == write.uid), None)
    if target is None:
        return [Condition("update.justified-deletes", "only a pod that the set owns is deleted")]
    found = []
    if version.deleting:
        found.append(
            Condition("cascade.set-deleting", "no pod is deleted by the controller while the set is being deleted")
        )
    if target.terminating:
        found.append(Condition("update.justified-deletes", f"{target.name} is terminating already"))
    by_ordinal = {pod.ordinal: pod for pod in pods}
    blocked = _first_unhealthy(
        version, by_ordinal, below=target.ordinal if _is_terminal_in_range(version, target) else None
    )
    condemned = [pod for pod in pods if not version.in_range(pod.ordinal)]
    if _is_terminal_in_range(version, target):
        if blocked:
            found.append(Condition("ordering.create-gate", f"{blocked} first"))
    elif not version.in_range(target.ordinal):
        found += _condemned(target, condemned, blocked)
    else:
        found += _update(version, target, update, pods, condemned, blocked)
    return found


def _is_terminal_in_range(version: SetVersion, pod: Pod) -> bool:
    return pod.terminal and version.in_range(pod.ordinal)


def _condemned(target: Pod, condemned: Sequence[Pod], blocked: str) -> list[Condition]:
    found = []
    if blocked:
        found.append(Condition("ordering.scale-down-gate", f"no scale-down before {blocked}"))
    higher = max(condemned, key=lambda pod: pod.ordinal)
    if higher.ordinal > target.ordinal:
        found.append(Condition("ordering.scale-down-order", f"{describe(higher)} is higher and must be gone first"))
    unavailable = [pod for pod in condemned if not pod.ready or pod.terminating]
    lowest = min(unavailable, key=lambda pod: pod.ordinal, default=None)
    if not target.running_and_ready and (lowest is None or lowest.uid != target.uid):
        first = describe(lowest) if lowest else "none"
        expected = f"{describe(target)} waits: the lowest unavailable pod is {first}"
        found.append(Condition("ordering.scale-down-unhealthy", expected))
    return found


def _update(
    version: SetVersion, target: Pod, update: str, pods: Sequence[Pod], condemned: Sequence[Pod], blocked: str
) -> list[Condition]:
    if target.revision == update:
        return [
            Condition(
                "update.justified-deletes", f"{target.name} is in range and at the update revision {update}: it stays"
            )
        ]
    if version.type == "OnDelete":
        return [Condition("ondelete.no-update-deletes", "OnDelete: no pod is deleted to update it")]
    found = []
    index = target.ordinal - version.start
    if index < version.partition:
        found.append(
            Condition("partition.update-floor", f"partition {version.partition}: index {index} is not updated")
        )
    if blocked:
        found.append(Condition("update.walk-gate", f"no update before {blocked}"))
    if condemned:
        found.append(
            Condition("update.walk-gate", f"no update before {describe(condemned[0])}, which is condemned, is gone")
        )
    higher = [p for p in pods if version.in_range(p.ordinal) and p.ordinal > target.ordinal and p.revision != update]
    if higher:
        found.append(Condition("update.walk-order", f"{describe(higher[-1])} is higher and is updated first"))
    return found


def _first_unhealthy(version: SetVersion, by_ordinal: dict[int, Pod], below: int | None) -> str:
    for ordinal in version.ordinals:
        if below is not None and ordinal >= below:
            break
        pod = by_ordinal.get(ordinal)
        if pod is None:
            return f"ordinal {ordinal}, which is missing, is there again"
        if not pod.healthy:
            return f"{describe(pod)} is Running and Ready"
    return ""


def _status(
    version: SetVersion, pods: Sequence[Pod], current: str, update: str, write: Status, rules: Rules
) -> list[Condition]:
    made = sync(version, pods, current, update, rules)
    if write in (made.status, made.refused):
        return []
    expected = made.status
    found = []
    if write.observed_generation != expected.observed_generation:
        found.append(Condition("status.observed-generation", f"observedGeneration {expected.observed_generation}"))
    if write.update_revision != expected.update_revision:
        found.append(Condition("revision.update-revision", f"updateRevision {expected.update_revision}"))
    if write.current_revision != expected.current_revision:
        found.append(_wrong_current(version, expected, write))
        # A completion rewrites currentReplicas too, so that says nothing of its own.
        write, expected = write._replace(current=0), expected._replace(current=0)
    for field in ("replicas", "ready", "available", "current", "updated"):
        if getattr(write, field) != getattr(expected, field):
            found.append(Condition("status.counters", f"{field} {getattr(expected, field)}"))
    return found or [Condition("status.counters", f"currentReplicas {made.status.current}")]


def _wrong_current(version: SetVersion, expected: Status, write: Status) -> Condition:
    if write.current_revision == write.update_revision:
        return Condition(
            "status.completion",
            f"currentRevision {expected.current_revision}: the update is complete only when updated = ready = replicas = "
            f"spec.replicas = {version.replicas}",
        )
    return Condition("partition.current-revision", f"currentRevision {expected.current_revision}")


def describe(pod: Pod) -> str:
    """A pod and its state in a few words."""
    if pod.terminating:
        return f"{pod.name} (terminating)"
    if pod.running_and_ready:
        return f"{pod.name} (Ready)"
    return f"{pod.name} ({pod.phase}, not Ready)"
