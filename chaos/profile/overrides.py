"""Overrides: single values of a profile set from outside the file, as by `--set target.replicas=7`.

A path is written as in error messages: `phases[0].for`. The path `for` alone is the `for` of the longest phase. When
`target.images` changes, whatever named the file's n-th image names the new n-th one.
"""

import re
from collections.abc import Mapping

from pydantic_core import PydanticCustomError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chaos.profile.document import Path, ProfileError, child, compose, dotted, pairs
from chaos.profile.values import parse_duration

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_NAMES_AN_IMAGE = ("set-image", "image")


def apply(root: Node, overrides: Mapping[str, str]) -> None:
    """Change the tree in place.

    Raises:
        ProfileError: a path that leads nowhere or a value that is not YAML; one line each.
    """
    errors: list[str] = []
    images = _images(root)
    for written, text in overrides.items():
        where = " ".join(f"--set {written}={text}".split())
        try:
            value = compose(text or "''", where)
            _put(root, _resolve(root, written, where), value, where)
        except ProfileError as e:
            errors += e.errors
    if errors:
        raise ProfileError(tuple(errors))
    renamed = {old: new for old, new in zip(images, _images(root), strict=False) if old != new}
    if renamed:
        phases = child(root, "phases")
        if phases is not None:
            _rename(phases, renamed, set())


def _resolve(root: Node, written: str, where: str) -> Path:
    if written == "for":
        return _longest(root, where)
    parts: list[str | int] = []
    end = 0
    for found in _PART.finditer(written):
        if found.start() != end:
            break
        parts.append(found[1] if found[1] is not None else int(found[2]))
        end = found.end()
    if end != len(written) or not parts:
        raise ProfileError((f"{where}: {written} is no path; expected such as target.replicas or phases[0].for",))
    return tuple(parts)


def _longest(root: Node, where: str) -> Path:
    lengths: list[tuple[float, int]] = []
    phases = child(root, "phases")
    for i in range(len(phases.value) if isinstance(phases, SequenceNode) else 0):
        node = child(phases.value[i], "for") if phases is not None else None
        try:
            lengths.append((parse_duration(node.value if node is not None else None), -i))
        except PydanticCustomError:
            continue
    if not lengths:
        raise ProfileError((f"{where}: no phase lasts a set time; expected a profile in which a phase has `for`",))
    return ("phases", -max(lengths)[1], "for")


def _put(root: Node, path: Path, value: Node, where: str) -> None:
    at = root
    for i, part in enumerate(path):
        below = child(at, part)
        last = i == len(path) - 1
        if below is not None and not last:
            at = below
            continue
        match at, part:
            case SequenceNode(), int() if below is not None:
                at.value[part] = value
            case MappingNode(), str():
                fresh = value
                for missing in reversed(path[i + 1 :]):
                    if isinstance(missing, int):
                        raise _nowhere(path, i + 1, where)
                    fresh = _mapping(missing, fresh)
                at.value = [entry for entry in at.value if getattr(entry[0], "value", None) != part]
                at.value.append((_text(part, value), fresh))
            case _:
                raise _nowhere(path, i, where)
        return


def _nowhere(path: Path, i: int, where: str) -> ProfileError:
    there = dotted(path[:i]) or "the profile"
    return ProfileError((f"{where}: {there} has no {dotted(path[i : i + 1])}; expected the path of a value",))


def _text(text: str, like: Node) -> ScalarNode:
    return ScalarNode("tag:yaml.org,2002:str", text, like.start_mark, like.end_mark)


def _mapping(key: str, value: Node) -> MappingNode:
    return MappingNode("tag:yaml.org,2002:map", [(_text(key, value), value)], value.start_mark, value.end_mark)


def _images(root: Node) -> list[str]:
    target = child(root, "target")
    images = child(target, "images") if target is not None else None
    return [n.value for n in images.value if isinstance(n, ScalarNode)] if isinstance(images, SequenceNode) else []


def _rename(node: Node, renamed: Mapping[str, str], seen: set[int]) -> None:
    # An alias is one node in several places: it is renamed once.
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for item in node.value:
            _rename(item, renamed, seen)
    if isinstance(node, MappingNode):
        for key, _, value in pairs(node):
            if key in _NAMES_AN_IMAGE and isinstance(value, ScalarNode) and id(value) not in seen:
                seen.add(id(value))
                value.value = renamed.get(value.value, value.value)
            _rename(value, renamed, seen)
