"""Steps that change the target itself: its Service, its StatefulSet, every field of the spec, the pod template."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from chaos.operations import Cascade, Policy, Retention, StrategyType, TemplateChange
from chaos.profile.choices import Amount, Portions, Scaling
from chaos.profile.values import Count, Images, Positive, Shape, wrong

_AMOUNT = "a whole number, {between: [lowest, highest]} or {choose: [n, ...]}"


class CreateService(Shape):
    """Create the target's headless Service."""

    create_service: Literal["target"] = Field(alias="create-service", description="target, or the plain word")


class DeleteService(Shape):
    """Delete the target's Service."""

    delete_service: Literal["target"] = Field(alias="delete-service", description="target, or the plain word")


class CreateSet(Shape):
    """Create the target's StatefulSet as the profile describes it, or with the given podManagementPolicy."""

    create_set: Literal["target"] | Policy = Field(
        alias="create-set", description="target (or the plain word), OrderedReady or Parallel"
    )


class DeleteSet(Shape):
    """Delete the StatefulSet with the given propagation policy."""

    delete_set: Cascade = Field(alias="delete-set", description="background, foreground or orphan")


class Scale(Shape):
    """Set the number of replicas, through the scale subresource or with `by: spec` in the set's spec."""

    scale: Scaling = Field(
        description="a whole number, or {between: [lowest, highest]} or {choose: [n, ...]}, both also with by: spec"
    )


class SetPartition(Shape):
    """Set the partition of the rolling update."""

    set_partition: Amount = Field(alias="set-partition", description=_AMOUNT)


class Strategy(Shape):
    """The type of update strategy, with its partition."""

    type: StrategyType = Field(description="RollingUpdate, OnDelete or Recreate")
    partition: Count = Field(default=0, description="a whole number")

    @field_validator("partition")
    @classmethod
    def _check_partition(cls, partition: int, info: ValidationInfo) -> int:
        kind = info.data.get("type", "RollingUpdate")
        if partition and kind != "RollingUpdate":
            raise wrong(f"{partition} with type {kind}; expected no partition, only RollingUpdate has one")
        return partition


def _spell_out_strategy(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class SetStrategy(Shape):
    """Set the update strategy."""

    set_strategy: Annotated[Strategy, BeforeValidator(_spell_out_strategy)] = Field(
        alias="set-strategy", description="RollingUpdate, OnDelete, Recreate or {type: RollingUpdate, partition: N}"
    )


class SetMaxUnavailable(Shape):
    """Set how many pods may be unavailable in a rolling update."""

    set_max_unavailable: Portions = Field(
        alias="set-max-unavailable",
        description='a whole number, a percentage such as "50%", {between: [lowest, highest]} or {choose: [...]}',
    )


class SetMinReadySeconds(Shape):
    """Set for how long a pod must be Ready before it counts as available."""

    set_min_ready_seconds: Amount = Field(alias="set-min-ready-seconds", description=_AMOUNT)


class SetStartOrdinal(Shape):
    """Set the ordinal of the first pod."""

    set_start_ordinal: Amount = Field(alias="set-start-ordinal", description=_AMOUNT)


class Retentions(Shape):
    """What becomes of claims when the set is scaled down, and when it is deleted."""

    when_scaled: Retention = Field(default="Retain", alias="when-scaled", description="Retain or Delete")
    when_deleted: Retention = Field(default="Retain", alias="when-deleted", description="Retain or Delete")


class SetRetention(Shape):
    """Set the retention policy of the claims."""

    set_retention: Retentions = Field(
        alias="set-retention", description="a mapping such as {when-scaled: Delete, when-deleted: Retain}"
    )


class SetHistoryLimit(Shape):
    """Set how many old revisions are kept."""

    set_history_limit: Amount = Field(alias="set-history-limit", description=_AMOUNT)


class SetImage(Shape):
    """Change the image of the first container."""

    set_image: Images = Field(alias="set-image", description="one of target.images, or {choose: any}")


class ChangeTemplate(Shape):
    """Change the pod template: to one that pods run with, to one that they never become Ready with, or back."""

    change_template: TemplateChange = Field(
        alias="change-template", description="annotation, env, broken-image, broken-readiness or sound"
    )


def _which_revision(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<number>"


class Rollback(Shape):
    """Put back the template of an older ControllerRevision."""

    rollback: Annotated[
        Annotated[Literal["previous", "random"], Tag("<word>")] | Annotated[Positive, Tag("<number>")],
        Discriminator(_which_revision),
    ] = Field(description="previous, random or the number of a revision")


class Writers(Shape):
    """How many writers, and what each writes."""

    writers: Annotated[int, Field(strict=True, ge=2)] = Field(default=2, description="a whole number above 1")
    replicas: Amount = Field(description=_AMOUNT)


class ConflictingWriters(Shape):
    """Update the whole set several times at one instant, each from the same resourceVersion."""

    conflicting_writers: Writers = Field(
        alias="conflicting-writers", description="a mapping such as {writers: 3, replicas: {between: [2, 5]}}"
    )


SetStep = (
    CreateService
    | DeleteService
    | CreateSet
    | DeleteSet
    | Scale
    | SetPartition
    | SetStrategy
    | SetMaxUnavailable
    | SetMinReadySeconds
    | SetStartOrdinal
    | SetRetention
    | SetHistoryLimit
    | SetImage
    | ChangeTemplate
    | Rollback
    | ConflictingWriters
)
