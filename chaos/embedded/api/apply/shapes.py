"""How far ownership looks into a value: fields of a message, members of a map, items by key or by value, or no further.

Facts: k8s.io/kube-openapi pkg/schemaconv (how the rules of a type become those of a merge): maps and messages are granular
and lists are one value unless their type says otherwise.
"""

from functools import cache
from typing import Any, Literal, NamedTuple

from chaos.embedded.api.apply.paths import keyed, valued
from chaos.embedded.api.schema import Field, Message, messages


class Shape(NamedTuple):
    """`type` is the message of a struct, or that of the members or items. `defaults` are those of the keys."""

    kind: Literal["leaf", "struct", "map", "keyed", "set"]
    type: str = ""
    keys: tuple[str, ...] = ()
    defaults: tuple[Any, ...] = ()


LEAF = Shape("leaf")

_TYPE_META = ("apiVersion", "kind")


@cache
def of_type(name: str) -> Shape:
    """The shape of a message, by its name, or of one value."""
    message = messages().get(name)
    return LEAF if message is None or message.atomic else Shape("struct", name)


def member(shape: Shape, name: str) -> Shape:
    """The shape of a field of a struct, or of a member of a map; what is not declared is one value."""
    return of_type(shape.type) if shape.kind == "map" else _declared(shape.type, name) or LEAF


def declares(shape: Shape, name: str) -> bool:
    """Whether the shape is a struct with this field."""
    return shape.kind == "struct" and _declared(shape.type, name) is not None


def item(shape: Shape) -> Shape:
    """The shape of an item of a list."""
    return of_type(shape.type)


def below(shape: Shape, element: str) -> Shape:
    """The shape under an element of a path."""
    return member(shape, element[2:]) if element.startswith("f:") else item(shape)


def element_of(shape: Shape, value: Any) -> str:
    """The element of an item of a list."""
    if shape.kind == "set" or not isinstance(value, dict):
        return valued(value)
    found = {}
    for key, default in zip(shape.keys, shape.defaults, strict=True):
        told = value.get(key, default)
        if told is not None:
            found[key] = told
    return keyed(found)


@cache
def _declared(name: str, field: str) -> Shape | None:
    message = messages()[name]
    found = message.fields.get(field)
    if found is not None:
        return _of_field(found)
    return LEAF if message.api_version and field in _TYPE_META else None


def _of_field(field: Field) -> Shape:
    if field.shape == "one":
        return Shape("struct", field.type) if field.granular else of_type(field.type)
    if field.shape == "map":
        return LEAF if field.atomic else Shape("map", field.type)
    if field.keys:
        return Shape("keyed", field.type, field.keys, _defaults(messages()[field.type], field.keys))
    return Shape("set", field.type) if field.unique else LEAF


def _defaults(message: Message, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(message.fields[key].default for key in keys)
