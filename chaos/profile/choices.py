"""What a plan draws from: amounts and grace periods that a profile leaves open."""

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from chaos.operations import Way
from chaos.profile.values import (
    DURATION_SCHEMA,
    PORTION,
    PORTION_SCHEMA,
    Count,
    Shape,
    check_some,
    parse_portion,
    parse_whole_seconds,
    shown,
    wrong,
)


def _check_range(value: tuple[int, ...]) -> tuple[int, int]:
    if len(value) != 2:
        raise wrong(f"has {len(value)} numbers; expected two: [lowest, highest]")
    low, high = value
    if low > high:
        raise wrong(f"[{low}, {high}] is upside down; expected [lowest, highest]")
    return low, high


Range = Annotated[
    tuple[Count, ...],
    AfterValidator(_check_range),
    WithJsonSchema({"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2}),
]
"""Lowest and highest, both included."""


class Between(Shape):
    """Any whole number of a range, equally likely."""

    between: Range = Field(description="[lowest, highest]")


class Choose(Shape):
    """Any of these numbers, equally likely; one that stands there twice is twice as likely."""

    choose: Annotated[tuple[Count, ...], AfterValidator(check_some)] = Field(description="a list of whole numbers")


def _which_amount(value: Any) -> str | None:
    match value:
        case Between() | {"between": _}:
            return "<between>"
        case Choose() | {"choose": _}:
            return "<choose>"
        case dict() | list():
            return None
        case _:
            return "<number>"


Amount = Annotated[
    Annotated[Count, Tag("<number>")] | Annotated[Between, Tag("<between>")] | Annotated[Choose, Tag("<choose>")],
    Discriminator(_which_amount),
]
"""A number, or a way to draw one."""


class BetweenBy(Between):
    """Any whole number of a range, and the way that it takes to the cluster."""

    by: Way = Field(default="scale", description="scale or spec")


class ChooseBy(Choose):
    """Any of these numbers, and the way that it takes to the cluster."""

    by: Way = Field(default="scale", description="scale or spec")


def _which_scaling(value: Any) -> str | None:
    tag = _which_amount(value)
    return tag if tag in (None, "<number>") else f"{tag[:-1]}-by>"


Scaling = Annotated[
    Annotated[Count, Tag("<number>")]
    | Annotated[BetweenBy, Tag("<between-by>")]
    | Annotated[ChooseBy, Tag("<choose-by>")],
    Discriminator(_which_scaling),
]
"""A number of replicas, or a way to draw one, with the way in which it is set."""


def _parse_portions(value: object) -> tuple[int | str, ...]:
    match value:
        case {"choose": [*chosen], **rest} if chosen and not rest:
            return tuple(parse_portion(each) for each in chosen)
        case {"between": [int(low), int(high)], **rest} if low <= high and not rest:
            return tuple(parse_portion(each) for each in range(low, high + 1))
        case dict() | list():
            raise wrong(
                f"{shown(value)} is wrong; expected {PORTION}, {{between: [lowest, highest]}} or {{choose: [...]}}"
            )
        case _:
            return (parse_portion(value),)


Portions = Annotated[
    tuple[int | str, ...],
    PlainValidator(_parse_portions),
    WithJsonSchema(
        {
            "anyOf": [
                *PORTION_SCHEMA["anyOf"],
                {
                    "type": "object",
                    "properties": {"choose": {"type": "array", "items": PORTION_SCHEMA, "minItems": 1}},
                    "required": ["choose"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {
                        "between": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
                    },
                    "required": ["between"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""The numbers or percentages that may be drawn, equally likely."""


def _parse_grace(value: object) -> tuple[int, int] | None:
    if value == "none":
        return None
    if not isinstance(value, list):
        seconds = parse_whole_seconds(value)
        return seconds, seconds
    if len(value) != 2:
        raise wrong(f"has {len(value)} durations; expected two: [shortest, longest]")
    low, high = (parse_whole_seconds(v) for v in value)
    if low > high:
        raise wrong(f"[{value[0]}, {value[1]}] is upside down; expected [shortest, longest]")
    return low, high


Grace = Annotated[
    tuple[int, int] | None,
    PlainValidator(_parse_grace),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "none"},
                DURATION_SCHEMA,
                {"type": "array", "items": DURATION_SCHEMA, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
"""Shortest and longest grace period in seconds; None leaves the pods' own."""
