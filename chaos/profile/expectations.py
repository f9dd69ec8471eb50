"""Expectations: what a phase claims to be true at its end. They are judged elsewhere, from the history alone.

Every class is one mapping of a profile's `expect` list. `plain` gives it back as JSON, which is how a history keeps it.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from chaos.profile.values import Count, Image, Ordinals, Positive, Shape


class Pods(Shape):
    """Exactly these ordinals exist, and are Ready."""

    pods: Ordinals = Field(description="a list of ordinals, or none")


class PodImage(Shape):
    """Pods of these ordinals (None: of all) have this image."""

    image: Image = Field(description="one of target.images")
    ordinals: Ordinals | None = Field(default=None, description="a list of ordinals")


class Replaced(Shape):
    """Exactly these ordinals got a new pod in this phase, deleted in this order."""

    replaced: Ordinals = Field(description="a list of ordinals, or none")


class Created(Shape):
    """Exactly these ordinals got a pod in this phase, created in this order."""

    created: Ordinals = Field(description="a list of ordinals, or none")


class Removed(Shape):
    """Exactly these ordinals lost their pod in this phase and got no other, deleted in this order."""

    removed: Ordinals = Field(description="a list of ordinals, or none")


class Revisions(Shape):
    """The set has so many ControllerRevisions."""

    revisions: Count = Field(description="a whole number")


class Revision(Shape):
    """The ControllerRevision with this `.revision` has this image."""

    revision: Positive = Field(description="a whole number above 0")
    image: Image = Field(description="one of target.images")


class SetGone(Shape):
    """The StatefulSet does not exist."""

    set_: Literal["gone"] = Field(alias="set", description="gone")


class ServiceGone(Shape):
    """The Service does not exist."""

    service: Literal["gone"] = Field(description="gone")


class Resolves(Shape):
    """In this phase the name of each of these ordinals was answered with the address of its pod."""

    resolves: Ordinals = Field(description="a list of ordinals")


class Fetched(Shape):
    """In this phase the page of each of these ordinals was fetched, and was the token of that ordinal."""

    fetched: Ordinals = Field(description="a list of ordinals")


SHAPES: dict[str, type[Shape]] = {
    "pods": Pods,
    "replaced": Replaced,
    "created": Created,
    "removed": Removed,
    "revisions": Revisions,
    "revision": Revision,
    "set": SetGone,
    "service": ServiceGone,
    "resolves": Resolves,
    "fetched": Fetched,
    "image": PodImage,
}
"""Every expectation by the key that tells it apart; `image` is also a part of `revision`, so it is asked last."""


def _which_expectation(value: Any) -> str | None:
    if isinstance(value, Shape):
        return next((f"<{name}>" for name, shape in SHAPES.items() if isinstance(value, shape)), None)
    named = [key for key in SHAPES if key in value] if isinstance(value, dict) else []
    if named == ["revision", "image"]:
        return "<revision>"
    return f"<{named[0]}>" if len(named) == 1 else None


Expectation = Annotated[
    Annotated[Pods, Tag("<pods>")]
    | Annotated[Replaced, Tag("<replaced>")]
    | Annotated[Created, Tag("<created>")]
    | Annotated[Removed, Tag("<removed>")]
    | Annotated[Revisions, Tag("<revisions>")]
    | Annotated[Revision, Tag("<revision>")]
    | Annotated[SetGone, Tag("<set>")]
    | Annotated[ServiceGone, Tag("<service>")]
    | Annotated[Resolves, Tag("<resolves>")]
    | Annotated[Fetched, Tag("<fetched>")]
    | Annotated[PodImage, Tag("<image>")],
    Discriminator(_which_expectation),
]
"""One claim about the end of a phase."""


def plain(expectation: Expectation) -> dict[str, Any]:
    """The expectation as JSON, in the form a profile writes it."""
    return expectation.model_dump(mode="json", by_alias=True, exclude_none=True)
