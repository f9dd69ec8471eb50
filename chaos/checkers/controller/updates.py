"""Which pods a rolling update deletes in one sync: the walk, or the budget of maxUnavailable where its gate is on.

Source: pkg/controller/statefulset/stateful_set_control.go: updateStatefulSet (its tail), updateStatefulSetAfterInvariantEstablished;
stateful_set_utils.go: getStatefulSetMaxUnavailable.
"""

from collections.abc import Sequence

from msgspec import Struct

from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import SetVersion


class Replica(Struct, frozen=True, gc=False):
    """A pod in range. `unavailable`: it counts against the budget; `available` leaves out whether it terminates."""

    ordinal: int
    uid: str
    revision: str
    unavailable: bool
    available: bool
    terminating: bool


def to_update(version: SetVersion, replicas: Sequence[Replica], update: str, rules: Rules) -> list[Replica]:
    """The pods to delete, in this order. `replicas` are all in range, by ordinal; scaling is done with."""
    if not rules.has_budget:
        return _walk(version, replicas, update)
    down = sum(each.unavailable for each in replicas)
    room = budget(version, rules) - down
    old = candidates(version, replicas, update)
    if not version.parallel or not rules.unavailable_first:
        return old[: max(room, 0)]
    broken = [each for each in old if not each.available]
    return broken + [each for each in old if not each.unavailable][: max(room, 0)]


def candidates(version: SetVersion, replicas: Sequence[Replica], update: str) -> list[Replica]:
    """Pods to update from the highest down: at or above the partition, not at the update revision, not terminating."""
    least = version.start + version.partition
    return [
        each
        for each in reversed(replicas)
        if each.ordinal >= least and each.revision != update and not each.terminating
    ]


def budget(version: SetVersion, rules: Rules) -> int:
    """How many pods may be down for an update: maxUnavailable, a share of the replicas rounded down, and 1 at least."""
    limit = version.max_unavailable if rules.has_budget else 1
    if isinstance(limit, str):
        return max(int(limit.removesuffix("%")) * version.replicas // 100, 1)
    return max(limit, 1)


def _walk(version: SetVersion, replicas: Sequence[Replica], update: str) -> list[Replica]:
    """One pod at most: from the top down to the first to update, past none that is down."""
    for each in reversed(replicas):
        if each.ordinal < version.start + version.partition:
            break
        if each.revision != update and not each.terminating:
            return [each]
        if each.unavailable:
            break
    return []
