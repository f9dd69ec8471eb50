"""Paths of fields within an object, sets of them, and how managedFields writes such a set.

An element of a path is what FieldsV1 calls it: `f:spec` a field, `k:{"name":"web"}` the item of a list by its keys, `v:"x"`
the item of a set. Facts: sigs.k8s.io/structured-merge-diff v6 fieldpath (serialize-pe.go, element.go, path.go).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from chaos.embedded.interface import Json

Path = tuple[str, ...]
Paths = frozenset[Path]

NOWHERE: Paths = frozenset()

MEMBER = "."
"""In a tree: the path that ends here belongs to the set."""

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode

_KINDS = "fkvi"


def field(name: str) -> str:
    """The element of a field."""
    return f"f:{name}"


def keyed(keys: Mapping[str, Any]) -> str:
    """The element of an item by its keys."""
    return f"k:{_encode(keys).decode()}"


def valued(value: Any) -> str:
    """The element of an item of a set."""
    return f"v:{_encode(value).decode()}"


def tree(paths: Iterable[Path]) -> Json:
    """The paths as nested mappings from element to mapping; `.` marks where one ends, as in `{"f:a": {".": {}, "f:b": …}}`."""
    root: Json = {}
    for path in paths:
        node = root
        for element in path:
            node = node.setdefault(element, {})
        node[MEMBER] = {}
    return root


def fields_v1(paths: Iterable[Path]) -> Json:
    """A set as managedFields has it: like its tree, but a path with nothing under it needs no mark."""
    return _marked(tree(paths))


def from_fields_v1(document: Mapping[str, Any]) -> Paths:
    """A set as it was meant by who wrote managedFields.

    Raises:
        ValueError: an element is malformed.
    """
    return frozenset(_read(document, ()))


def ordered(paths: Iterable[Path]) -> list[Path]:
    """The paths as Kubernetes lists them: at each level first those that end there."""
    return list(_listed(tree(paths), ()))


def spelled(path: Path) -> str:
    """A path as messages have it: `.spec.template.spec.containers[name="nginx"].image`."""
    return "".join(_spelled(element) for element in path)


def under(paths: Iterable[Path], prefixes: Iterable[Path]) -> Paths:
    """Those of the paths that begin with one of the prefixes."""
    wanted = tuple(prefixes)
    return frozenset(path for path in paths if any(path[: len(prefix)] == prefix for prefix in wanted))


def _marked(node: Json) -> Json:
    elements = sorted((each for each in node if each != MEMBER), key=_rank)
    return {
        **({MEMBER: {}} if MEMBER in node and elements else {}),
        **{element: _marked(node[element]) for element in elements},
    }


def _read(node: Mapping[str, Any], path: Path) -> Iterator[Path]:
    if not isinstance(node, Mapping):
        raise ValueError(f"a set of fields holds objects only, not {node!r}")
    if path and (not node or MEMBER in node):
        yield path
    for element, below in node.items():
        if element != MEMBER:
            yield from _read(below, (*path, _canonical(element)))


def _canonical(element: str) -> str:
    kind, colon, text = element.partition(":")
    if not colon or kind not in _KINDS:
        raise ValueError(f"no element of a path: {element}")
    return f"{kind}:{_encode(_decode(text.encode())).decode()}" if kind in "kv" else element


def _listed(node: Json, path: Path) -> Iterator[Path]:
    elements = sorted((each for each in node if each != MEMBER), key=_rank)
    for element in elements:
        if MEMBER in node[element]:
            yield (*path, element)
    for element in elements:
        yield from _listed(node[element], (*path, element))


def _rank(element: str) -> tuple[int, tuple[tuple[str, int, Any], ...], str]:
    kind, _, text = element.partition(":")
    if kind not in "kv":
        return _KINDS.index(kind), (), text
    value = _decode(text.encode())
    pairs = sorted(value.items()) if isinstance(value, dict) else [("", value)]
    return _KINDS.index(kind), tuple((name, *_comparable(each)) for name, each in pairs), ""


def _comparable(value: Any) -> tuple[int, Any]:
    """Numbers before words, words before whatever else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 2, str(value)
    return (1, value) if isinstance(value, str) else (0, value)


def _spelled(element: str) -> str:
    kind, _, text = element.partition(":")
    if kind == "f":
        return f".{text}"
    if kind == "k":
        return "[" + ",".join(f"{key}={_encode(value).decode()}" for key, value in sorted(_decode(text).items())) + "]"
    return f"[={text}]" if kind == "v" else f"[{text}]"
