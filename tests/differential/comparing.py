"""What differs between two records of one schedule. Pure.

The end of every stretch must be the same state. How pods came and went must be the same too where a single operation was
under way: whatever the order under Parallel; in its order, and beside the same unready pods, under OrderedReady, where creates
ascend, deletes descend, and each waits for the one before (S9 to S11, S16, S21, S23, S35).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tests.differential.moments import moments_of
from tests.differential.performing import Ending, Record
from tests.differential.schedule import DeletePods, Recreate, Stretch, stretches
from tests.differential.state import state

MISSING = "nothing"


class Difference(msgspec.Struct, frozen=True):
    """Something is not the same at the end of a stretch, counted from 0; values are short texts."""

    seed: int
    stretch: int
    where: str
    ours: str
    real: str

    def __str__(self) -> str:
        return f"seed {self.seed}, stretch {self.stretch}: {self.where}: {self.ours} here, {self.real} there"


def differences(ours: Record, real: Record) -> list[Difference]:
    """All that differs; nothing after the first stretch that one of them never ended."""
    found: list[Difference] = []
    standing: dict[str, bool] = {}
    parts = zip(stretches(ours.schedule), ours.endings, real.endings, strict=False)
    for number, (stretch, one, other) in enumerate(parts):
        found += [
            Difference(ours.schedule.seed, number, where, _brief(a), _brief(b))
            for where, a, b in _between(stretch, one, other, standing)
        ]
        standing = dict.fromkeys(other.objects["pods"], True)
    return found


def has_order(stretch: Stretch) -> bool:
    """Whether the order of creates and deletes is fixed: one operation at a time, one pod after another."""
    return len(stretch.steps) <= 1 and stretch.before.policy == "OrderedReady"


def has_moments(stretch: Stretch) -> bool:
    """Whether it is fixed which pods come and go: two operations at once may catch a pod twice, or once."""
    return len(stretch.steps) <= 1


def _between(
    stretch: Stretch, ours: Ending, real: Ending, standing: Mapping[str, bool]
) -> Iterator[tuple[str, Any, Any]]:
    if ours.missing or real.missing:
        if ours.missing != real.missing:
            yield "end", ours.missing or "reached", real.missing or "reached"
        return
    yield from unequal(state(ours.objects, ours.born), state(real.objects, real.born))
    if has_moments(stretch):
        one, other = _moments(stretch, ours, standing), _moments(stretch, real, standing)
        if one != other:
            yield "pods", one, other


def _moments(stretch: Stretch, ending: Ending, standing: Mapping[str, bool]) -> list[str]:
    moments = moments_of(ending.sights, standing)
    if not has_order(stretch):
        return sorted(each.alone() for each in moments)
    created = [each for each in moments if each.kind == "create"]
    deleted = [each for each in moments if each.kind == "delete"]
    match [step.operation for step in stretch.steps]:
        case [DeletePods()]:
            # Between two deletes of ours the controller may do something, or not.
            return [each.alone() for each in deleted] + [str(each) for each in created]
        case [Recreate()]:
            # The garbage collector has no order.
            return sorted(each.alone() for each in deleted) + [str(each) for each in created]
    return [str(each) for each in moments]


def unequal(ours: Any, real: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The paths at which two JSON values differ, as deep as they go, and what is there."""
    if isinstance(ours, dict) and isinstance(real, dict):
        for key in sorted({*ours, *real}):
            yield from unequal(ours.get(key, MISSING), real.get(key, MISSING), f"{where}/{key}" if where else key)
    elif isinstance(ours, list) and isinstance(real, list) and len(ours) == len(real):
        for number, (one, other) in enumerate(zip(ours, real, strict=True)):
            yield from unequal(one, other, f"{where}[{number}]")
    elif ours != real:
        yield where, ours, real


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 300 else f"{text[:300]}…"
