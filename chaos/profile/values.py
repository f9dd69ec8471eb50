"""The types of single values in a profile: durations, names, ordinals, image and guarantee references.

Each says in one sentence what is wrong with a value and what was expected instead; where the value stands in the file
is not known here. What a value may refer to (images, guarantees, other phases) arrives as the validation context.
"""

import difflib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

Item = TypeVar("Item")

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_DURATION_FORM = "a duration such as 500ms, 5s, 3m or 1h"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PERCENTAGE = re.compile(r"^(100|[1-9]?\d)%$")
_LONGEST_NAME = 52
"""A StatefulSet with a longer name has pods that cannot be created: their revision label would be too long."""


@dataclass(frozen=True)
class References:
    """What the values of one file may refer to. `images` is None where the file's own list cannot be read."""

    images: tuple[str, ...] | None = None
    guarantees: Collection[str] = ()
    phases: Mapping[str, int] = field(default_factory=dict)
    """How many phases have this name."""
    readiness: str = "none"
    """What the pods' readiness probe looks at."""


class Shape(BaseModel):
    """A mapping in a profile: immutable, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong(message: str) -> PydanticCustomError:
    """An error whose text is final: what is wrong, then what was expected."""
    return PydanticCustomError("profile", "{message}", {"message": message})


def shown(value: object) -> str:
    """A value as a person would write it, in one line, cut to 60 characters."""
    text = _written(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _written(value: object) -> str:
    match value:
        case str():
            return f'"{" ".join(value.split())}"'
        case bool():
            return str(value).lower()
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_written(item)}' for key, item in value.items())}}}"
        case _:
            return str(value)


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean NAME? ` if one of the known names is close, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}? " if close else ""


def parse_duration(value: object) -> float:
    """Seconds of a duration such as `1.5s`.

    Raises:
        PydanticCustomError: no string of a number and a unit.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong(f"{value} has no unit; expected {_DURATION_FORM}")
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong(f"{shown(value)} is not a duration; expected {_DURATION_FORM}")
    seconds = round(float(found[1]) * _UNITS_S[found[2]], 6)
    if not math.isfinite(seconds):
        raise wrong(f"{shown(value)} never ends; expected {_DURATION_FORM}")
    return seconds


def parse_positive(value: object) -> float:
    """Seconds of a duration above 0; otherwise as `parse_duration`."""
    seconds = parse_duration(value)
    if seconds <= 0:
        raise wrong(f"{shown(value)} takes no time; expected a duration above 0")
    return seconds


def parse_whole_seconds(value: object) -> int:
    """Seconds of a duration that Kubernetes can hold, 0 or more; otherwise as `parse_duration`."""
    seconds = parse_duration(value)
    if seconds != int(seconds):
        raise wrong(f"{shown(value)} is no whole number of seconds, as Kubernetes wants it; expected such as 2s")
    return int(seconds)


DURATION_SCHEMA = {"type": "string", "pattern": f"^{_DURATION.pattern}$"}

Duration = Annotated[float, PlainValidator(parse_positive), WithJsonSchema(DURATION_SCHEMA)]
"""Seconds above 0."""

WholeSeconds = Annotated[int, PlainValidator(parse_whole_seconds), WithJsonSchema(DURATION_SCHEMA)]
"""Seconds that a Kubernetes field can hold, 0 or more."""


PORTION = 'a whole number or a percentage such as "50%"'

PORTION_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": _PERCENTAGE.pattern}]
}


def parse_portion(value: object) -> int | str:
    """A number of pods, 0 or more, or a percentage of them.

    Raises:
        PydanticCustomError: neither of them.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _PERCENTAGE.fullmatch(value):
        return value
    raise wrong(f"{shown(value)} is no number of pods; expected {PORTION}")


Portion = Annotated[int | str, PlainValidator(parse_portion), WithJsonSchema(PORTION_SCHEMA)]
"""A number of pods, or a percentage of them."""


def _check_name(value: str) -> str:
    if not _NAME.fullmatch(value) or len(value) > _LONGEST_NAME:
        allowed = f"at most {_LONGEST_NAME} lower-case letters, digits and inner '-'"
        raise wrong(f"{shown(value)} is no name; expected {allowed}")
    return value


Name = Annotated[str, AfterValidator(_check_name)]

Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number, 0 or more."""

Positive = Annotated[int, Field(strict=True, ge=1)]


def check_some(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Validate that a list is not empty. (pydantic's own rule also calls a list empty whose items are all wrong.)"""
    if not items:
        raise wrong("is empty; expected at least one")
    return items


def _read_none(value: object) -> object:
    return () if value == "none" else value


def _check_distinct(ordinals: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted({o for o in ordinals if ordinals.count(o) > 1})
    if twice:
        raise wrong(f"names {', '.join(map(str, twice))} more than once; expected each ordinal once")
    return ordinals


def _write_none(ordinals: tuple[int, ...]) -> list[int] | str:
    return list(ordinals) or "none"


Ordinals = Annotated[
    tuple[Count, ...],
    AfterValidator(_check_distinct),
    BeforeValidator(_read_none),
    PlainSerializer(_write_none),
    WithJsonSchema({"anyOf": [{"const": "none"}, {"type": "array", "items": {"type": "integer", "minimum": 0}}]}),
]
"""Distinct ordinals in the order of the file; `none` is the empty tuple."""


def _check_image(value: str, info: ValidationInfo) -> str:
    images = _references(info).images
    if images is not None and value not in images:
        raise wrong(f"{shown(value)} is not among target.images; expected one of {', '.join(images)}")
    return value


def _parse_images(value: object, info: ValidationInfo) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_check_image(value, info),)
    if value == {"choose": "any"}:
        return _references(info).images or ()
    raise wrong(f"{shown(value)} is no image; expected one of target.images, or {{choose: any}}")


Image = Annotated[str, AfterValidator(_check_image)]
"""One of target.images."""

Images = Annotated[
    tuple[str, ...],
    PlainValidator(_parse_images),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"const": {"choose": "any"}}]}),
]
"""The images that may be drawn; `{choose: any}` is all of target.images."""


def _references(info: ValidationInfo) -> References:
    return info.context if isinstance(info.context, References) else References()


def _check_promise(value: str, info: ValidationInfo) -> str:
    known = _references(info).guarantees
    families = sorted({name.partition(".")[0] for name in known})
    if value not in known and value not in families:
        guess = closest(value, [*families, *known])
        raise wrong(f"{shown(value)} is no guarantee; {guess}expected a name, or a family: {', '.join(families)}")
    return value


Promise = Annotated[str, AfterValidator(_check_promise)]
"""The name of a guarantee, or of a family of them: what stands before the first dot."""


def _check_unique(value: str, info: ValidationInfo) -> str:
    if _references(info).phases.get(value, 0) > 1:
        raise wrong(f"{shown(value)} names several phases; expected a name of its own for each")
    return value


PhaseName = Annotated[Name, AfterValidator(_check_unique)]


def check_file_readiness(value: Item, info: ValidationInfo) -> Item:
    """Validate that the pods' readiness can be changed from within."""
    if _references(info).readiness != "file":
        raise wrong("needs pods whose readiness a file decides; expected target.readiness: file")
    return value
