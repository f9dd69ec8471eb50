"""Opportunities: which rules held the controller back, or decided, in one combination of states.

A binding is (guarantee, key). It counts once per key, and only when a write proves that the controller synced in these very
states: in every combination that explains the write the rule was binding.
"""

from collections.abc import Sequence

from chaos.checkers.controller.algorithm import Action, Create, Delete
from chaos.checkers.controller.states import Pod, SetVersion, Status

Binding = tuple[str, str]


def bindings(version: SetVersion, pods: Sequence[Pod], current: str, update: str) -> frozenset[Binding]:
    """Rules that a controller without them would have broken at once in these states."""
    if version.deleting:
        return frozenset({("cascade.set-deleting", f"{version.generation}")} if pods else ())
    by_ordinal = {pod.ordinal: pod for pod in pods}
    missing = [ordinal for ordinal in version.ordinals if ordinal not in by_ordinal]
    unhealthy = [pod for pod in pods if version.in_range(pod.ordinal) and not pod.healthy]
    condemned = sorted((pod for pod in pods if not version.in_range(pod.ordinal)), key=lambda pod: -pod.ordinal)
    found = [*_creation(missing, unhealthy), *_scale_down(condemned, missing, unhealthy)]
    if version.replicas:
        found.append(("ordering.range", f"{version.generation}"))
    blocked = bool(missing or unhealthy or condemned)
    blocker = f"{missing} {[pod.uid for pod in unhealthy]} {[pod.uid for pod in condemned]}"
    found += _updates(version, pods, update, blocker if blocked else "")
    return frozenset(found)


def _creation(missing: Sequence[int], unhealthy: Sequence[Pod]) -> list[Binding]:
    found = []
    if len(missing) > 1:
        found.append(("ordering.create-order", f"{missing}"))
    if missing:
        found += [
            ("ordering.create-gate", f"{missing[-1]} {pod.uid}") for pod in unhealthy if pod.ordinal < missing[-1]
        ]
    return found


def _scale_down(condemned: Sequence[Pod], missing: Sequence[int], unhealthy: Sequence[Pod]) -> list[Binding]:
    waiting = [pod for pod in condemned if not pod.terminating]
    if not waiting:
        return []
    if missing or unhealthy:
        return [("ordering.scale-down-gate", f"{waiting[0].uid} {missing} {[pod.uid for pod in unhealthy]}")]
    found = []
    highest = condemned[0]
    if highest.terminating:
        found.append(("ordering.scale-down-order", f"{highest.uid} {waiting[0].uid}"))
    elif not highest.running_and_ready and any(not pod.ready for pod in condemned[1:]):
        found.append(("ordering.scale-down-unhealthy", highest.uid))
    return found


def _updates(version: SetVersion, pods: Sequence[Pod], update: str, blocker: str) -> list[Binding]:
    old = [pod for pod in pods if version.in_range(pod.ordinal) and pod.revision != update and not pod.terminating]
    if version.type == "OnDelete":
        return [] if blocker else [("ondelete.no-update-deletes", f"{pod.uid} {update}") for pod in old]
    above = [pod for pod in old if pod.ordinal - version.start >= version.partition]
    if blocker:
        return [("update.walk-gate", f"{update} {blocker}")] if above else []
    if above:
        return [("update.walk-order", f"{above[-1].uid} {update}")] if len(above) > 1 else []
    return [("partition.update-floor", f"{pod.uid} {update}") for pod in old]


def by_write(version: SetVersion, current: str, update: str, write: Action | Status) -> list[str]:
    """Guarantees that this one explained write exercises by itself."""
    match write:
        case Create():
            if current == update:
                return []
            return ["ondelete.create-revision" if version.type == "OnDelete" else "partition.create-revision"]
        case Delete():
            return ["update.justified-deletes"]
        case Status():
            found = ["status.counters"]
            if current != update:
                found += ["status.completion", "partition.current-revision"]
            if version.generation != version.status.observed_generation:
                found += ["status.observed-generation"]
            if update != version.status.update_revision:
                found += ["revision.update-revision"]
            return found
