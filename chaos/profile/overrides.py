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


class _Misled(Exception):
    """A path leads nowhere; the message says where it ends."""


def apply(root: Node, overrides: Mapping[str, str]) -> tuple[Node, tuple[str, ...]]:
    """The tree with all values set that can be, and one line for each that cannot.

    The given tree stays as it is: an alias is one node in several places, and a path means one of them.
    """
    changed = root
    errors: list[str] = []
    for written, text in overrides.items():
        where = " ".join(f"--set {written}={text}".split())
        try:
            value = compose(text or "''", where)
            changed = _with(changed, _parse_path(changed, written), 0, value)
        except ProfileError as e:
            errors += e.errors
        except _Misled as e:
            errors.append(f"{where}: {e}")
    renamed = {old: new for old, new in zip(_images(root), _images(changed), strict=False) if old != new}
    phases = child(changed, "phases")
    if renamed and phases is not None:
        changed = _with(changed, ("phases",), 0, _with_images(phases, renamed, ()))
    return changed, tuple(errors)


def _parse_path(root: Node, written: str) -> Path:
    if written == "for":
        return _longest(root)
    found = list(_PART.finditer(written))
    if not found or "".join(part[0] for part in found) != written:
        raise _Misled(f"{written} is no path; expected such as target.replicas or phases[0].for")
    return tuple(part[1] if part[1] is not None else int(part[2]) for part in found)


def _longest(root: Node) -> Path:
    phases = child(root, "phases")
    lengths: dict[int, float] = {}
    for i, phase in enumerate(phases.value if isinstance(phases, SequenceNode) else ()):
        written = child(phase, "for")
        try:
            lengths[i] = parse_duration(written.value if written is not None else None)
        except PydanticCustomError:
            continue
    if not lengths:
        raise _Misled("no phase lasts a set time; expected a profile in which a phase has `for`")
    return ("phases", max(lengths, key=lambda i: lengths[i]), "for")


def _with(node: Node, path: Path, depth: int, value: Node) -> Node:
    """A copy of `node`, which stands at `path[:depth]`, with `value` at `path`."""
    if depth == len(path):
        return value
    part = path[depth]
    below = child(node, part)
    match node, part:
        case SequenceNode(), int() if below is not None:
            items = list(node.value)
            items[part] = _with(below, path, depth + 1, value)
            return SequenceNode(node.tag, items, node.start_mark, node.end_mark)
        case MappingNode(), str():
            missing = MappingNode("tag:yaml.org,2002:map", [], value.start_mark, value.end_mark)
            entry = _with(below if below is not None else missing, path, depth + 1, value)
            key = next((k for name, k, _ in pairs(node) if name == part), _text(part, value))
            others = [pair for pair in node.value if getattr(pair[0], "value", None) != part]
            return MappingNode(node.tag, [*others, (key, entry)], node.start_mark, node.end_mark)
        case _:
            there = dotted(path[:depth]) or "the profile"
            raise _Misled(f"{there} has no {dotted((part,))}; expected the path of a value")


def _text(text: str, like: Node) -> ScalarNode:
    return ScalarNode("tag:yaml.org,2002:str", text, like.start_mark, like.end_mark)


def _images(root: Node) -> list[str]:
    target = child(root, "target")
    images = child(target, "images") if target is not None else None
    return [n.value for n in images.value if isinstance(n, ScalarNode)] if isinstance(images, SequenceNode) else []


def _with_images(node: Node, renamed: Mapping[str, str], above: tuple[Node, ...]) -> Node:
    """A copy of `node` in which every image has its new name."""
    if any(node is other for other in above):
        return node
    above = (*above, node)
    match node:
        case SequenceNode():
            items = [_with_images(item, renamed, above) for item in node.value]
            return SequenceNode(node.tag, items, node.start_mark, node.end_mark)
        case MappingNode():
            entries = [(key, _image(key, value, renamed, above)) for key, value in node.value]
            return MappingNode(node.tag, entries, node.start_mark, node.end_mark)
        case _:
            return node


def _image(key: Node, value: Node, renamed: Mapping[str, str], above: tuple[Node, ...]) -> Node:
    if key.value in _NAMES_AN_IMAGE and isinstance(value, ScalarNode):
        return _text(renamed.get(value.value, value.value), value)
    return _with_images(value, renamed, above)
