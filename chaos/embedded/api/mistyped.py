"""Values of the wrong type in the body of a write, in the words of Go's decoder: the first, in the order of the body. Pure.

Source: encoding/json UnmarshalTypeError as sigs.k8s.io/json prints it; which types there are, from the served kinds.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chaos.embedded.api.patches import kind_of
from chaos.embedded.api.schema import Field, Message, messages

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "bytes": (str,),
    "bool": (bool,),
    "int32": (int,),
    "int64": (int,),
    "double": (int, float),
    "Time": (str,),
    "MicroTime": (str,),
    "Quantity": (str, int, float),
    "IntOrString": (str, int),
}
"""What JSON has for a scalar; what is not here takes anything."""

_GO = {"bytes": "[]uint8", "double": "float64", "Time": "string", "MicroTime": "string", "IntOrString": "int32"}


def mistake(message: Message, body: Any) -> str:
    """What is wrong with the first value of a wrong type, empty if none is. Absent fields and nulls are never wrong."""
    return next(_of_message(message, body, ""), "")


def mistake_at(message: Message, path: Sequence[str], value: Any) -> str:
    """The same of one value, at a path of field names, indices and keys. A path that leads nowhere is not looked at."""
    names: list[str] = []
    at: Message | None = message
    parts = list(path)
    while parts and at is not None:
        field = at.fields.get(parts.pop(0))
        if field is None:
            return ""
        names.append(field.name)
        if not parts:
            return next(_of_field(at, field, value, ".".join(names)), "")
        if field.shape != "one":
            parts.pop(0)
            if not parts:
                return next(_of_value(at, field, value, ".".join(names)), "")
        at = messages().get(field.type)
    return ""


def _of_message(message: Message, body: Any, path: str) -> Iterator[str]:
    for name, value in body.items():
        field = message.fields.get(name)
        if field is not None and value is not None:
            yield from _of_field(message, field, value, f"{path}.{name}" if path else name)


def _of_field(owner: Message, field: Field, value: Any, path: str) -> Iterator[str]:
    if field.shape == "one":
        yield from _of_value(owner, field, value, path)
    elif field.shape == "list":
        if not isinstance(value, list):
            yield _told(owner, path, value, f"[]{_type(field)}")
        else:
            for each in value:
                yield from _of_value(owner, field, each, path)
    elif not isinstance(value, dict):
        yield _told(owner, path, value, f"map[string]{_type(field)}")
    else:
        for each in value.values():
            yield from _of_value(owner, field, each, path)


def _of_value(owner: Message, field: Field, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    message = messages().get(field.type)
    if message is None:
        wanted = _SCALARS.get(field.type)
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            yield _told(owner, path, value, _type(field))
    elif isinstance(value, dict):
        yield from _of_message(message, value, path)
    else:
        yield _told(owner, path, value, _type(field))


def _type(field: Field) -> str:
    package, _, name = field.type.rpartition(".")
    return f"{package.rpartition('.')[2]}.{name}" if package else _GO.get(name, name)


def _told(owner: Message, path: str, value: Any, wanted: str) -> str:
    given = f"number {value}" if isinstance(value, float) else kind_of(value)
    return f"json: cannot unmarshal {given} into Go struct field {owner.kind}.{path} of type {wanted}"
