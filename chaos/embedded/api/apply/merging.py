"""An applied configuration merged into an object, and fields taken out of one. Pure; the given objects are not changed.

Facts: sigs.k8s.io/structured-merge-diff v6 typed (merge.go, remove.go).
"""

from collections.abc import Iterable
from typing import Any

from chaos.embedded.api.apply.fields import EMPTIED, MISSING, is_granular, items_by_element
from chaos.embedded.api.apply.paths import MEMBER, Path, field, tree
from chaos.embedded.api.apply.shapes import Shape, element_of, item, member
from chaos.embedded.interface import Json


def merged(shape: Shape, live: Any, config: Any) -> Any:
    """What a configuration makes of a live value; what it does not name stays. `MISSING` if nothing is left."""
    if config is MISSING:
        return live
    if not is_granular(shape, live, config):
        return MISSING if config is None else config
    if shape.kind in ("struct", "map"):
        return _merged_members(shape, live, config)
    return _merged_items(shape, live, config)


def without(shape: Shape, value: Any, paths: Iterable[Path]) -> Any:
    """A value without the fields at these paths; what loses all that it had becomes `EMPTIED`."""
    return _without(shape, value, tree(paths))


def settled(value: Any) -> Any:
    """A value without what was emptied."""
    if isinstance(value, dict):
        return {name: settled(each) for name, each in value.items() if each is not EMPTIED}
    return [settled(each) for each in value if each is not EMPTIED] if isinstance(value, list) else value


def _merged_members(shape: Shape, live: Any, config: Any) -> Any:
    before: Json = live if isinstance(live, dict) else {}
    given: Json = config or {}
    done: Json = {}
    for name in {**before, **given}:
        value = merged(member(shape, name), before.get(name, MISSING), given.get(name, MISSING))
        if value is not MISSING:
            done[name] = value
    return done or MISSING


def _merged_items(shape: Shape, live: Any, config: Any) -> Any:
    """The items of both: those applied in the order of the configuration, others after what they came after."""
    before, given = items_by_element(shape, live), items_by_element(shape, config)
    if any(len(items) > 1 for items in before.values()):
        # Duplicates cannot be merged item by item: those that are not applied stay, those that are become one.
        kept = [each for each in live if element_of(shape, each) not in given]
        return [*kept, *config]
    done = [
        merged(
            item(shape),
            before[element][0] if element in before else MISSING,
            given[element][0] if element in given else MISSING,
        )
        for element in _order(list(before), list(given))
    ]
    return [each for each in done if each is not MISSING] or MISSING


def _order(live: list[str], applied: list[str]) -> list[str]:
    """All elements of both, in the order in which the merge puts them."""
    shared = [element for element in applied if element in live]
    done: dict[str, None] = {}
    left, right = 0, 0
    while left < len(live) or right < len(applied):
        expected = next((element for element in shared if element not in done), None)
        if left < len(live) and right < len(applied):
            element = live[left]
            if element == applied[right]:
                done[element] = None
                left, right = left + 1, right + 1
                continue
            if element in applied and expected is not None and element != expected:
                # It was moved: it comes where the configuration has it.
                left += 1
                continue
        if left < len(live) and live[left] not in applied:
            done[live[left]] = None
            left += 1
            continue
        if left < len(live) and live[left] in done:
            left += 1
        if right < len(applied):
            done[applied[right]] = None
            right += 1
    return list(done)


def _without(shape: Shape, value: Any, removed: Json) -> Any:
    if not is_granular(shape, value):
        return value
    if shape.kind in ("struct", "map"):
        done: Json = {}
        for name, each in value.items():
            node = removed.get(field(name), {})
            left = MISSING if MEMBER in node else _without(member(shape, name), each, node) if node else each
            if left is not MISSING:
                done[name] = left
        return done or EMPTIED
    items = []
    for each in value:
        node = removed.get(element_of(shape, each), {})
        left = MISSING if MEMBER in node else _without(item(shape), each, node) if node else each
        if left is not MISSING:
            items.append(left)
    return items or EMPTIED
