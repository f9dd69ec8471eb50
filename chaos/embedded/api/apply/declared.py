"""What a configuration names that its kind does not have. Pure."""

from typing import Any

from chaos.embedded.api.apply.fields import items_by_element
from chaos.embedded.api.apply.paths import Path, field, spelled
from chaos.embedded.api.apply.shapes import Shape, declares, item, member


def undeclared(shape: Shape, value: Any) -> str:
    """What is wrong, worded as Kubernetes does; empty if nothing is (structured-merge-diff v6 typed/validate.go)."""
    return next(iter(_found(shape, value, ())), "")


def _found(shape: Shape, value: Any, path: Path) -> list[str]:
    if value is None or shape.kind == "leaf":
        return []
    if shape.kind in ("struct", "map"):
        if not isinstance(value, dict):
            return [f"{spelled(path)}: expected map, got {value!r}"]
        wrong: list[str] = []
        for name, each in value.items():
            at = (*path, field(name))
            if shape.kind == "struct" and not declares(shape, name):
                wrong.append(f"{spelled(at)}: field not declared in schema")
            else:
                wrong += _found(member(shape, name), each, at)
        return wrong
    if not isinstance(value, list):
        return [f"{spelled(path)}: expected list, got {value!r}"]
    return _items(shape, value, path)


def _items(shape: Shape, value: list[Any], path: Path) -> list[str]:
    wrong = []
    for index, each in enumerate(value):
        missing = _missing_key(shape, each)
        if missing:
            told = "associative list with keys has an element that omits key field"
            wrong.append(f'{spelled(path)}: element {index}: {told} "{missing}" (and doesn\'t have default value)')
    if wrong:
        return wrong
    for element, items in items_by_element(shape, value).items():
        if len(items) > 1:
            wrong.append(f"{spelled(path)}: duplicate entries for key {spelled((element,))}")
        wrong += _found(item(shape), items[0], (*path, element))
    return wrong


def _missing_key(shape: Shape, value: Any) -> str:
    if shape.kind == "set" or not isinstance(value, dict):
        return ""
    pairs = zip(shape.keys, shape.defaults, strict=True)
    return next((key for key, default in pairs if value.get(key, default) is None), "")
