"""Opportunities: which rules held the controller back, or decided, in one combination of states.

A binding is (guarantee, key). It counts once per key, and only when a write proves that the controller synced in these very
states: in every combination that explains the write the rule was binding.
"""

from collections.abc import Sequence

from chaos.checkers.controller.algorithm import Action, Create, Delete, Sync, replicas_of
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Sight, Status
from chaos.checkers.controller.updates import budget, candidates

Binding = tuple[str, str]


def bindings(sight: Sight, sync: Sync, rules: Rules) -> frozenset[Binding]:
    """Rules that a controller without them would have broken at once in these states."""
    version = sight.version
    if version.deleting:
        return frozenset({("cascade.set-deleting", f"{version.generation}")} if sight.pods else ())
    found = _range(version)
    old = [pod for pod in sight.pods if pod.revision != sight.update] if version.type == "Recreate" else []
    if old:
        found += _recreate(sight, old)
    elif not version.parallel:
        found += _ordered(sight, rules)
    elif version.type != "Recreate":
        found += _budgeted(sight, sync, rules)
    return frozenset(found)


def _range(version: SetVersion) -> list[Binding]:
    if not version.replicas:
        return []
    found = [("ordering.range", f"{version.generation}")]
    if version.start:
        found.append(("ordering.start-ordinal", f"{version.generation}"))
    return found


def _recreate(sight: Sight, old: Sequence[Pod]) -> list[Binding]:
    """Something is to be created, and an old pod is still there."""
    ordinals = {pod.ordinal for pod in sight.pods}
    missing = [ordinal for ordinal in sight.version.ordinals if ordinal not in ordinals]
    return [("recreate.old-first", f"{missing[0]} {pod.uid}") for pod in old] if missing else []


def _ordered(sight: Sight, rules: Rules) -> list[Binding]:
    wanted, update, is_new = sight.version.ordinals, sight.update, True
    unhealthy: list[Pod] = []
    condemned: list[Pod] = []
    for pod in reversed(sight.pods):
        if pod.ordinal not in wanted:
            condemned.append(pod)
        elif not pod.healthy:
            unhealthy.append(pod)
        is_new = is_new and pod.revision == update
    unhealthy.reverse()
    ordinals = {pod.ordinal for pod in sight.pods}
    missing = [ordinal for ordinal in wanted if ordinal not in ordinals]
    found = [*_creation(missing, unhealthy), *_scale_down(condemned, missing, unhealthy)]
    if is_new:
        return found
    blocker = ""
    if missing or unhealthy or condemned:
        blocker = f"{missing} {[pod.uid for pod in unhealthy]} {[pod.uid for pod in condemned]}"
    young_only = bool(unhealthy) and not missing and not condemned and all(map(_is_too_young, unhealthy))
    return found + _updates(sight, blocker, young_only, rules)


def _creation(missing: Sequence[int], unhealthy: Sequence[Pod]) -> list[Binding]:
    found = []
    if len(missing) > 1:
        found.append(("ordering.create-order", f"{missing}"))
    if missing:
        lower = [pod for pod in unhealthy if pod.ordinal < missing[-1]]
        found += [(_gate("ordering.create-gate", [pod]), f"{missing[-1]} {pod.uid}") for pod in lower]
    return found


def _scale_down(condemned: Sequence[Pod], missing: Sequence[int], unhealthy: Sequence[Pod]) -> list[Binding]:
    waiting = [pod for pod in condemned if not pod.terminating]
    if not waiting:
        return []
    if missing or unhealthy:
        name = "ordering.scale-down-gate" if missing else _gate("ordering.scale-down-gate", unhealthy)
        return [(name, f"{waiting[0].uid} {missing} {[pod.uid for pod in unhealthy]}")]
    found = []
    highest = condemned[0]
    if highest.terminating:
        found.append(("ordering.scale-down-order", f"{highest.uid} {waiting[0].uid}"))
    elif not (highest.running_and_ready and highest.available) and any(not pod.available for pod in condemned[1:]):
        found.append((_gate("ordering.scale-down-unhealthy", [highest]), highest.uid))
    return found


def _gate(guarantee: str, closing: Sequence[Pod]) -> str:
    """The guarantee that pods exercise by closing a gate: another one where all that they lack is time."""
    return "ordering.min-ready-seconds" if all(map(_is_too_young, closing)) else guarantee


def _is_too_young(pod: Pod) -> bool:
    return pod.running_and_ready and not pod.terminating and not pod.available


def _updates(sight: Sight, blocker: str, young_only: bool, rules: Rules) -> list[Binding]:
    version, update = sight.version, sight.update
    old = [
        pod for pod in sight.pods if version.in_range(pod.ordinal) and pod.revision != update and not pod.terminating
    ]
    if version.type == "OnDelete":
        return [] if blocker else [("ondelete.no-update-deletes", f"{pod.uid} {update}") for pod in old]
    above = [pod for pod in old if pod.ordinal - version.start >= version.partition]
    if blocker:
        name = "ordering.min-ready-seconds" if young_only else "update.walk-gate"
        return [(name, f"{update} {blocker}")] if above else []
    if not above:
        return [("partition.update-floor", f"{pod.uid} {update}") for pod in old]
    found = []
    if len(above) > 1:
        found.append(("update.walk-order", f"{above[-1].uid} {update}"))
    if len(above) > budget(version, rules):
        found.append(("update.max-unavailable", f"{above[-1].uid} {update}"))
    return found


def _budgeted(sight: Sight, sync: Sync, rules: Rules) -> list[Binding]:
    """Parallel: a walk or a budget alone holds updates back."""
    version, update = sight.version, sight.update
    if version.type == "OnDelete":
        old = [pod for pod in sight.pods if pod.revision != update and not pod.terminating]
        return [("ondelete.no-update-deletes", f"{pod.uid} {update}") for pod in old if version.in_range(pod.ordinal)]
    replicas = replicas_of(sight, {pod.ordinal: pod for pod in sight.pods})
    there = [each for each in replicas if each.uid]
    above = candidates(version, there, update)
    chosen = {each.ordinal for each in sync.updates}
    kept = [each for each in above if each.ordinal not in chosen]
    if not above:
        below = [each for each in there if each.revision != update and not each.terminating]
        return [("partition.update-floor", f"{each.uid} {update}") for each in below]
    found = []
    if len(above) > 1 and chosen:
        found.append(("update.walk-order", f"{above[0].uid} {update}"))
    if kept:
        down = [each.ordinal for each in replicas if each.unavailable]
        found.append((_keeper(sight, bool(rules.has_budget or chosen)), f"{kept[0].uid} {update} {down}"))
    return found


def _keeper(sight: Sight, is_budget: bool) -> str:
    """What keeps a Parallel set from an update: the budget, or the highest pod that was updated and is not available yet."""
    if is_budget:
        return "update.max-unavailable"
    new = [pod for pod in reversed(sight.pods) if pod.revision == sight.update and sight.version.in_range(pod.ordinal)]
    closing = [pod for pod in new if pod.terminating or not pod.available][:1]
    return _gate("update.walk-gate", closing) if closing else "update.walk-gate"


def by_write(sight: Sight, write: Action | Status) -> list[str]:
    """Guarantees that this one explained write exercises by itself."""
    version = sight.version
    match write:
        case Create():
            found = ["ordering.parallel"] if version.parallel and _would_wait(sight, write.ordinal) else []
            if sight.current != sight.update and version.type != "Recreate":
                found.append("ondelete.create-revision" if version.type == "OnDelete" else "partition.create-revision")
            return found
        case Delete():
            waits = version.parallel and not version.in_range(write.ordinal) and _would_wait(sight, write.ordinal)
            return ["update.justified-deletes", *(["ordering.parallel"] if waits else [])]
        case Status():
            found = ["status.counters"]
            if sight.current != sight.update:
                found += ["status.completion", "partition.current-revision"]
            if version.generation != version.status.observed_generation:
                found += ["status.observed-generation"]
            if sight.update != version.status.update_revision:
                found += ["revision.update-revision"]
            return found


def always(write: Action | Status) -> list[str]:
    """What of it a write exercises in any states."""
    match write:
        case Create():
            return []
        case Delete():
            return ["update.justified-deletes"]
        case Status():
            return ["status.counters"]


def _would_wait(sight: Sight, ordinal: int) -> bool:
    """Whether an OrderedReady set would not have dealt with this ordinal yet."""
    healthy = {pod.ordinal for pod in sight.pods if pod.healthy}
    if sight.version.in_range(ordinal):
        return any(each < ordinal and each not in healthy for each in sight.version.ordinals)
    return any(each not in healthy for each in sight.version.ordinals)
