"""Steps on the target's pods, their claims and their containers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from chaos.operations import Direction
from chaos.profile.choices import Grace
from chaos.profile.values import Ordinals, Portion, Positive, Shape, check_file_readiness, wrong

_PODS = "a mapping such as {pick: random}"


def _which_pods(value: Any) -> str:
    return "<ordinals>" if isinstance(value, list | tuple) else "<word>"


class Picked(Shape):
    """Which pods, and how many at one instant."""

    pick: Annotated[
        Annotated[Literal["random", "each"], Tag("<word>")] | Annotated[Ordinals, Tag("<ordinals>")],
        Discriminator(_which_pods),
    ] = Field(description="random, each or a list of ordinals")
    count: Positive = Field(default=1, description="a whole number above 0")

    @field_validator("count")
    @classmethod
    def _check_count(cls, count: int, info: ValidationInfo) -> int:
        if "pick" in info.data and info.data["pick"] != "random":
            raise wrong("goes with pick: random only; expected no count, what is picked says how many")
        return count


class Victims(Picked):
    """Which pods, how many at one instant, and with which grace period."""

    grace: Grace = Field(default=None, description="a duration, [shortest, longest] or none")


class DeletePods(Shape):
    """Delete pods of the set at one instant."""

    delete_pods: Victims = Field(alias="delete-pods", description=_PODS)


class EvictPods(Shape):
    """Evict pods of the set at one instant; a PodDisruptionBudget may refuse it."""

    evict_pods: Victims = Field(alias="evict-pods", description=_PODS)


class Budget(Shape):
    """How many pods must stay, or how many may be away."""

    min_available: Portion | None = Field(
        default=None, alias="min-available", description='a whole number or a percentage such as "50%"'
    )
    max_unavailable: Portion | None = Field(
        default=None, alias="max-unavailable", description='a whole number or a percentage such as "50%"'
    )

    @model_validator(mode="after")
    def _check_one(self) -> "Budget":
        if len(self.model_fields_set) != 1:
            raise wrong("sets both or neither; expected one of min-available, max-unavailable")
        return self


class CreateBudget(Shape):
    """Create a PodDisruptionBudget for the pods of the set."""

    create_budget: Budget = Field(alias="create-budget", description="a mapping such as {max-unavailable: 1}")


class DeleteBudget(Shape):
    """Delete the PodDisruptionBudget."""

    delete_budget: Literal["target"] = Field(alias="delete-budget", description="target, or the plain word")


class DeleteClaims(Shape):
    """Delete the claims under pods."""

    delete_claims: Picked = Field(alias="delete-claims", description=_PODS)


class HoldClaims(Shape):
    """Put a finalizer on claims, which keeps them once they are deleted."""

    hold_claims: Picked = Field(alias="hold-claims", description=_PODS)


class ReleaseClaims(Shape):
    """Take the finalizer from claims again."""

    release_claims: Picked = Field(alias="release-claims", description=_PODS)


class Relabelled(Picked):
    """Which pods, out of the selector or back into it."""

    direction: Direction = Field(description="out or in")


class RelabelPods(Shape):
    """Change a label of pods so that the set does not select them any more, or does again."""

    relabel_pods: Relabelled = Field(
        alias="relabel-pods", description="a mapping such as {pick: random, direction: out}"
    )


class StealName(Shape):
    """Give pods the pod-name label of their next higher neighbour."""

    steal_name: Picked = Field(alias="steal-name", description=_PODS)


class OrphanPods(Shape):
    """Remove the owner of pods."""

    orphan_pods: Picked = Field(alias="orphan-pods", description=_PODS)


class HoldPods(Shape):
    """Put a finalizer on pods, which keeps them once they are deleted."""

    hold_pods: Picked = Field(alias="hold-pods", description=_PODS)


class ReleasePods(Shape):
    """Take the finalizer from pods again."""

    release_pods: Picked = Field(alias="release-pods", description=_PODS)


class CrashContainer(Shape):
    """End the first container of running pods from within."""

    crash_container: Picked = Field(alias="crash-container", description=_PODS)


class FailPods(Shape):
    """Let running pods fail, by a deadline that has passed."""

    fail_pods: Picked = Field(alias="fail-pods", description=_PODS)


_WithFile = Annotated[Picked, AfterValidator(check_file_readiness)]


class MakeUnready(Shape):
    """Let the readiness probe of pods fail."""

    make_unready: _WithFile = Field(alias="make-unready", description=_PODS)


class MakeReady(Shape):
    """Let the readiness probe of pods pass again."""

    make_ready: _WithFile = Field(alias="make-ready", description=_PODS)


PodStep = (
    DeletePods
    | EvictPods
    | CreateBudget
    | DeleteBudget
    | DeleteClaims
    | HoldClaims
    | ReleaseClaims
    | RelabelPods
    | StealName
    | OrphanPods
    | HoldPods
    | ReleasePods
    | CrashContainer
    | FailPods
    | MakeUnready
    | MakeReady
)
