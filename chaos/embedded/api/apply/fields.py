"""Which fields an object has, and in which two states of it differ. Pure.

Facts: sigs.k8s.io/structured-merge-diff v6 typed (tofieldset.go, compare.go) and fieldpath (set.go).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from chaos.embedded.api.apply.paths import Path, Paths, field, under
from chaos.embedded.api.apply.shapes import Shape, below, declares, element_of, item, member
from chaos.embedded.api.schema import SCALARS, messages
from chaos.embedded.interface import Json


class Absent:
    """What a field holds that holds no value, where null is a value."""


MISSING: Final = Absent()
"""It is not there."""

EMPTIED: Final = Absent()
"""Everything in it was taken out, and it counts as there until the owners are settled."""

_ZERO: Json = {"string": "", "bool": False, "int32": 0, "int64": 0, "double": 0.0, "bytes": ""}


class Comparison(NamedTuple):
    """The fields in which a new state differs from an old one."""

    removed: Paths
    modified: Paths
    added: Paths

    def without(self, prefixes: Sequence[Path]) -> "Comparison":
        """What is left when everything under these paths is disregarded."""
        return Comparison(*(each - under(each, prefixes) for each in self)) if prefixes else self


def fields_of(shape: Shape, value: Any) -> Paths:
    """Every field of a value that somebody can own."""
    found: set[Path] = set()
    _collect(shape, value, (), found)
    return frozenset(found)


def compare(shape: Shape, old: Any, new: Any) -> Comparison:
    """How a new state differs from an old one."""
    found = _Differences(set(), set(), set())
    found.compare(shape, old, new, ())
    return Comparison(frozenset(found.removed), frozenset(found.modified), frozenset(found.added))


def with_named(shape: Shape, paths: Iterable[Path]) -> Paths:
    """The paths, and of each all the fields of messages on the way to it."""
    found = set()
    for path in paths:
        found.add(path)
        at = shape
        for end, element in enumerate(path[:-1], 1):
            if element.startswith("f:") and declares(at, element[2:]):
                found.add(path[:end])
            at = below(at, element)
    return frozenset(found)


def empty(message: str) -> Json:
    """A message as Go writes it when nothing was given: null for lists, zero for numbers, messages that are no pointers."""
    found: Json = {}
    for each in messages()[message].fields.values():
        if each.present and each.type in messages():
            found[each.name] = empty(each.type)
        elif each.required or each.written:
            found[each.name] = _ZERO[each.type] if each.shape == "one" and each.type in SCALARS else None
    return found


def items_by_element(shape: Shape, items: Any) -> dict[str, list[Any]]:
    """The items of a list by their element; more than one are duplicates."""
    found: dict[str, list[Any]] = {}
    for each in items if isinstance(items, list) else ():
        found.setdefault(element_of(shape, each), []).append(each)
    return found


def is_granular(shape: Shape, *values: Any) -> bool:
    """Whether ownership looks into these values: not where all are empty, or where one is not of the shape's kind."""
    kind = dict if shape.kind in ("struct", "map") else list
    given = [each for each in values if each is not None and not isinstance(each, Absent)]
    return shape.kind != "leaf" and any(given) and all(isinstance(each, kind) for each in given)


def _collect(shape: Shape, value: Any, path: Path, found: set[Path]) -> None:
    if shape.kind == "leaf":
        found.add(path)
    elif isinstance(value, dict) and shape.kind in ("struct", "map"):
        for name, each in value.items():
            at = (*path, field(name))
            _collect(member(shape, name), each, at, found)
            if each is None or each is EMPTIED or each == {} or not declares(shape, name):
                found.add(at)
    elif isinstance(value, list) and shape.kind in ("keyed", "set"):
        for element, items in items_by_element(shape, value).items():
            at = (*path, element)
            found.add(at)
            if len(items) == 1:
                _collect(item(shape), items[0], at, found)


class _Differences(NamedTuple):
    removed: set[Path]
    modified: set[Path]
    added: set[Path]

    def compare(self, shape: Shape, old: Any, new: Any, path: Path) -> None:
        if old is new:
            # Most of an object is shared between its states.
            return
        if not is_granular(shape, old, new):
            if old is MISSING or new is MISSING or old != new:
                self._note(old, new, path)
            return
        if shape.kind in ("struct", "map"):
            before, after = _members(old), _members(new)
            for name in {**before, **after}:
                self.compare(
                    member(shape, name), before.get(name, MISSING), after.get(name, MISSING), (*path, field(name))
                )
        else:
            self._compare_items(shape, old, new, path)
        if old is MISSING or new is MISSING:
            self._note(old, new, path)

    def _compare_items(self, shape: Shape, old: Any, new: Any, path: Path) -> None:
        before, after = items_by_element(shape, old), items_by_element(shape, new)
        for element in {**before, **after}:
            lefts, rights = before.get(element, []), after.get(element, [])
            at = (*path, element)
            if len(lefts) <= 1 and len(rights) <= 1:
                left, right = (lefts[0] if lefts else MISSING), (rights[0] if rights else MISSING)
                self.compare(item(shape), left, right, at)
            elif lefts != rights:
                self.modified.add(at)

    def _note(self, old: Any, new: Any, path: Path) -> None:
        if old is MISSING:
            self.added.add(path)
        elif new is MISSING:
            self.removed.add(path)
        else:
            self.modified.add(path)


def _members(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
