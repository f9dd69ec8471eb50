"""What pydantic found wrong, as sentences about a profile: the path, the value, what was expected there."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from yaml.nodes import Node

from chaos.profile import expectations, steps
from chaos.profile.choices import Between, BetweenBy, Choose, ChooseBy
from chaos.profile.document import Mistake, Path, locate, place
from chaos.profile.model import Profile
from chaos.profile.values import closest, shown

_TAGGED: dict[str, type[BaseModel]] = {
    **{f"<{name}>": shape for name, shape in (steps.SHAPES | expectations.SHAPES).items()},
    "<between>": Between,
    "<choose>": Choose,
    "<between-by>": BetweenBy,
    "<choose-by>": ChooseBy,
}

_BESIDE = {"<step>": "every", "<choice>": "weight"}
"""What a mapping holds beside its operation."""

_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
}
"""What pydantic's type errors miss."""


def describe(root: Node, errors: list[ErrorDetails]) -> Iterator[Mistake]:
    """One mistake for each of pydantic's errors, with the place of its value in the tree."""
    for error in errors:
        # pydantic reports it beside the error that kept a default from being computed.
        if error["type"] != "default_factory_not_called":
            path = _path(error["loc"])
            yield Mistake(place(locate(root, path)), path, _sentence(error))


def _path(loc: Path) -> Path:
    # Members of a union carry a tag such as <scale>.
    return tuple(part for part in loc if isinstance(part, int) or not part.startswith("<"))


def _sentence(error: ErrorDetails) -> str:
    value, ctx = error["input"], error.get("ctx", {})
    match error["type"]:
        case "profile":
            return error["msg"]
        case "missing":
            return f"is missing; expected {_expected(error['loc']) or 'a value'}"
        case "extra_forbidden":
            return _unknown_key(error["loc"])
        case "union_tag_not_found" | "union_tag_invalid":
            return _no_member(error["loc"], value)
        case "literal_error":
            return _no_word(error["loc"], value, str(ctx["expected"]))
        case "greater_than_equal":
            return f"{value} is below {ctx['ge']}"
        case kind if kind in _TYPES:
            return f"{shown(value)} is {_kind(value)}; expected {_expected(error['loc']) or _TYPES[kind]}"
        case _:
            return f"{shown(value)} is wrong; expected {_expected(error['loc']) or error['msg']}"


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def _unknown_key(loc: Path) -> str:
    known = list(_fields(_shape(loc[:-1])))
    beside = _BESIDE.get(str(loc[-3])) if len(loc) > 2 else None
    if beside is not None:
        known.append(beside)
    return f"unknown key; {closest(str(loc[-1]), known)}expected {', '.join(known)}"


def _no_member(loc: Path, value: object) -> str:
    if loc[-1] == "<step>" or loc[-2:-1] == ("do",):
        return _no_choice("operation", list(steps.SHAPES), value)
    if loc[-1] == "<choice>":
        return _no_choice("operation", list(steps.SINGLE), value)
    if loc[-2:-1] == ("expect",):
        return _no_choice("expectation", list(expectations.SHAPES), value)
    return f"{shown(value)} is wrong; expected {_expected(loc)}"


def _no_choice(kind: str, known: list[str], value: object) -> str:
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
    chosen = [name for name in names if name in known]
    if len(chosen) > 1:
        return f"is ambiguous: {' and '.join(chosen)}; expected one {kind} in each item of the list"
    if chosen:
        return f"{chosen[0]} is incomplete; expected {{{chosen[0]}: {_expected((f'<{chosen[0]}>', chosen[0]))}}}"
    if not names:
        return f"{shown(value)} is no {kind}; expected one of {', '.join(known)}"
    return f"{shown(names[0])} is no {kind}; {closest(names[0], known)}expected one of {', '.join(known)}"


def _no_word(loc: Path, value: object, pydantics: str) -> str:
    words = [word.strip("'") for word in pydantics.replace(" or ", ", ").split(", ")]
    guess = closest(value, words) if isinstance(value, str) else ""
    return f"{shown(value)} is wrong; {guess}expected {_expected(loc) or ' or '.join(words)}"


def _expected(loc: Path) -> str | None:
    """The description of the field at `loc`, if a field stands there."""
    plain = tuple(part for part in loc if part not in ("<number>", "<word>", "<ordinals>"))
    if not plain or isinstance(plain[-1], int) or plain[-1].startswith("<"):
        return None
    field = _fields(_shape(plain[:-1])).get(plain[-1])
    return field.description if field is not None else None


def _fields(shape: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in shape.model_fields.items()}


def _shape(loc: Path) -> type[BaseModel]:
    """The shape of the mapping at `loc`."""
    shape: type[BaseModel] = Profile
    for part in loc:
        if isinstance(part, str):
            field = _fields(shape).get(part)
            shape = _TAGGED.get(part) or (_shape_in(field.annotation) if field is not None else None) or shape
    return shape


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_shape_in, get_args(annotation))), None)
