"""YAML text as a tree of nodes that know their line, and as plain values.

Knows YAML and positions; knows nothing of what a profile means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chaos.profile.values import shown

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""


class ProfileError(Exception):
    """A profile is wrong. `errors` has one line for every mistake: where, what is wrong, what was expected."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class _Loader(yaml.SafeLoader):
    """A loader of one text that gives every position the name of its file."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self.name = file


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: `name` is a file, or the option that set a value from outside."""

    name: str
    line: int

    def __str__(self) -> str:
        return self.name if self.name.startswith("--") else f"{self.name}:{self.line}"


@dataclass(frozen=True)
class Mistake:
    """Something wrong at a place: `path` leads to the value, `message` says what is wrong and what was expected."""

    place: Place
    path: Path
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place), dotted(self.path), self.message)))


def compose(text: str, file: str) -> Node:
    """The root of the one document in `text`. `file` is the name that positions carry.

    Raises:
        ProfileError: the text is not YAML, is empty, or holds several documents.
    """
    try:
        root = _Loader(text, file).get_single_node()
    except yaml.reader.ReaderError as e:
        line = text.count("\n", 0, e.position) + 1
        message = f"not YAML: character U+{e.character:04X} is not allowed; expected printable text"
        raise ProfileError((str(Mistake(Place(file, line), (), message)),)) from e
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        message = f"not YAML: {' '.join(part for part in (e.context, e.problem) if part)}"
        raise ProfileError((str(Mistake(Place(file, mark.line + 1 if mark else 1), (), message)),)) from e
    except RecursionError as e:
        raise ProfileError((str(Mistake(Place(file, 1), (), "is nested too deeply; expected a profile")),)) from e
    if root is None:
        raise ProfileError(
            (str(Mistake(Place(file, 1), (), "is empty; expected a mapping with name, target and phases")),)
        )
    assert isinstance(root, Node)
    return root


def place(node: Node) -> Place:
    """Where a node begins."""
    return Place(node.start_mark.name, node.start_mark.line + 1)


def dotted(path: Path) -> str:
    """A path as people write it: `phases[0].do[1].scale`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def pairs(node: MappingNode) -> Iterator[tuple[str, Node, Node]]:
    """Key, its node and the value's node, of every entry whose key is text."""
    for key, value in node.value:
        if isinstance(key, ScalarNode):
            yield key.value, key, value


def child(node: Node, part: str | int) -> Node | None:
    """The node of one key or position below `node`. Of keys that stand there twice the last one counts."""
    match node, part:
        case MappingNode(), str():
            return {key: value for key, _, value in pairs(node)}.get(part)
        case SequenceNode(), int() if 0 <= part < len(node.value):
            found: Node = node.value[part]
            return found
        case _:
            return None


def locate(root: Node, path: Path) -> Node:
    """The node to point at for `path`: an entry's key, a list's item, else the nearest one above it."""
    pointed = at = root
    for part in path:
        below = child(at, part)
        if below is None:
            break
        key = _key_of(at, below) or below
        # A value that was set from outside the file has a position of its own.
        pointed = key if place(key).name == place(below).name else below
        at = below
    return pointed


def _key_of(node: Node, value: Node) -> Node | None:
    return next((key for _, key, each in pairs(node) if each is value), None) if isinstance(node, MappingNode) else None


def values(root: Node) -> tuple[Any, list[Mistake]]:
    """What the tree holds as plain values, and what is wrong with it as YAML.

    A wrong part becomes None, so that everything else can still be looked at.
    """
    reader = _Reader()
    return reader.read(root, (), ()), reader.mistakes


class _Reader:
    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._scalars = yaml.constructor.SafeConstructor()

    def read(self, node: Node, path: Path, above: tuple[Node, ...]) -> Any:
        if any(node is other for other in above):
            return self._wrong(node, path, "contains itself; expected an alias of something else")
        match node:
            case MappingNode():
                return self._mapping(node, path, (*above, node))
            case SequenceNode():
                return [self.read(item, (*path, i), (*above, node)) for i, item in enumerate(node.value)]
            case _:
                return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path, above: tuple[Node, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "a list or mapping"
            if key.tag != "tag:yaml.org,2002:str":
                self._wrong(key, path, f"key {name} is no text; expected a plain word, or quotes around it")
                continue
            if name in found:
                self._wrong(key, (*path, name), f"is there twice, first in line {lines[name]}; expected each key once")
            lines.setdefault(name, place(key).line)
            found[name] = self.read(value, (*path, name), above)
        return found

    def _scalar(self, node: Node, path: Path) -> Any:
        try:
            value = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError):
            return self._wrong(node, path, f"{shown(node.value)} has the tag {node.tag}; expected a plain value")
        if value is None:
            return self._wrong(node, path, "has no value; expected one, or the key left out")
        return value

    def _wrong(self, node: Node, path: Path, message: str) -> None:
        self.mistakes.append(Mistake(place(node), path, message))
