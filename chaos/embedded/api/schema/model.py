"""The messages of the Kubernetes API that are served here, read from kinds.txt when they are first asked for.

One description serves server-side apply, the OpenAPI documents and protobuf bodies. Names are as in kinds.txt:
`core.v1.PodSpec`, and `Time`, `Quantity` and so on for what is one value in JSON.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from chaos.embedded.api.resources import RESOURCES

SCALARS = ("string", "bytes", "bool", "int32", "int64", "double")
SPECIAL = ("Time", "MicroTime", "FieldsV1", "Quantity", "IntOrString", "RawExtension")


class Field(NamedTuple):
    """A field of a message. `type` is that of the value, of an item (`list`) or of a member (`map` from strings).

    `present`: Go writes this message even where nothing was given. `keys` tell the items of a list apart, `unique` makes it
    a set; other lists are atomic. `atomic` makes a map one value, `granular` keeps an atomic message from being one.
    `embedded`: its fields stand in the JSON of the parent.
    `patch` and `merge_key` are those of strategic merges. A plain value that is zero is not there, unless Go has a `pointer`
    for it; it is `written` although it is zero where the types say so.
    """

    name: str
    number: int
    type: str
    shape: Literal["one", "list", "map"] = "one"
    embedded: bool = False
    required: bool = False
    present: bool = False
    default: Any = None
    keys: tuple[str, ...] = ()
    unique: bool = False
    atomic: bool = False
    granular: bool = False
    patch: tuple[str, ...] = ()
    merge_key: str = ""
    pointer: bool = False
    written: bool = False


class Message(NamedTuple):
    """A message. `wire` are its fields as protobuf has them, `fields` as JSON has them, by name."""

    name: str
    wire: tuple[Field, ...]
    fields: Mapping[str, Field]
    atomic: bool
    api_version: str
    """Of a kind, with group; else empty."""

    @property
    def kind(self) -> str:
        """The name alone: `PodSpec`."""
        return self.name.rpartition(".")[2]


@cache
def messages() -> Mapping[str, Message]:
    """All messages by name, in alphabetical order."""
    found: dict[str, tuple[list[str], list[Field]]] = {}
    fields: list[Field] = []
    for line in files(__package__).joinpath("kinds.txt").read_text().splitlines():
        if line.startswith(" "):
            fields.append(_field(line.split()))
        elif line and not line.startswith("#"):
            words = line.split()
            fields = []
            found[words[0]] = words[1:], fields
    return {name: _message(name, words, found) for name, (words, _) in found.items()}


def message_of(resource: str) -> Message:
    """The message of a resource's objects."""
    row = RESOURCES[resource]
    return described(row.kind, row.api_version)


@cache
def described(kind: str, api_version: str) -> Message:
    """The message of a kind.

    Raises:
        KeyError: it is not served here.
    """
    for each in messages().values():
        if each.api_version == api_version and each.kind == kind:
            return each
    raise KeyError(f"{api_version} {kind}")


def _message(name: str, words: list[str], found: Mapping[str, tuple[list[str], list[Field]]]) -> Message:
    version = next((word.removeprefix("kind=").lstrip("/") for word in words if word.startswith("kind=")), "")
    wire = tuple(found[name][1])
    return Message(name, wire, {each.name: each for each in _flat(wire, found)}, "atomic" in words, version)


def _flat(wire: tuple[Field, ...], found: Mapping[str, tuple[list[str], list[Field]]]) -> list[Field]:
    done: list[Field] = []
    for each in wire:
        done += _flat(tuple(found[each.type][1]), found) if each.embedded else [each]
    return done


def _field(words: list[str]) -> Field:
    name, number, kind, *rules = words
    told = dict(rule.partition("=")[::2] for rule in rules)
    return Field(
        name=name.removeprefix("@"),
        number=int(number),
        type=kind.lstrip("[]{}"),
        shape="list" if kind.startswith("[]") else "map" if kind.startswith("{}") else "one",
        embedded=name.startswith("@"),
        required="required" in told,
        present="present" in told,
        default=json.loads(told["default"]) if "default" in told else None,
        keys=tuple(told["map"].split(",")) if "map" in told else (),
        unique="set" in told,
        atomic="atomic" in told,
        granular="granular" in told,
        patch=tuple(told.get("patch", "").split("+")) if "patch" in told else (),
        merge_key=told.get("key", ""),
        pointer="pointer" in told,
        written="written" in told,
    )
