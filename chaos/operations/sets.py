"""Operations on the target itself: the Service, the StatefulSet, each field of its spec, its pod template."""

from typing import Literal

from chaos.operations.operation import Operation

Cascade = Literal["background", "foreground", "orphan"]
StrategyType = Literal["RollingUpdate", "OnDelete", "Recreate"]
Retention = Literal["Retain", "Delete"]
Policy = Literal["OrderedReady", "Parallel"]
"""A podManagementPolicy."""

Way = Literal["scale", "spec"]
"""Through the scale subresource, or by a patch of the set's spec."""

TemplateChange = Literal["annotation", "env", "broken-image", "broken-readiness", "sound"]


class CreateService(Operation, frozen=True, tag="create-service"):
    """Create the target's headless Service."""


class DeleteService(Operation, frozen=True, tag="delete-service"):
    """Delete the target's Service."""


class CreateSet(Operation, frozen=True, tag="create-set"):
    """Create the target's StatefulSet as the profile describes it, but for `policy` if one is given: it cannot be changed later."""

    policy: Policy | None = None


class DeleteSet(Operation, frozen=True, tag="delete-set"):
    """Delete the StatefulSet with the given propagation policy."""

    cascade: Cascade = "background"


class Scale(Operation, frozen=True, tag="scale"):
    """Set spec.replicas."""

    replicas: int
    by: Way = "scale"


class SetPartition(Operation, frozen=True, tag="set-partition"):
    """Set spec.updateStrategy.rollingUpdate.partition. A set of type OnDelete has no such field: the request is refused."""

    partition: int


class SetStrategy(Operation, frozen=True, tag="set-strategy"):
    """Set spec.updateStrategy.type; `partition` only with RollingUpdate. Recreate is refused where its gate is off."""

    type: StrategyType
    partition: int = 0


class SetMaxUnavailable(Operation, frozen=True, tag="set-max-unavailable"):
    """Set spec.updateStrategy.rollingUpdate.maxUnavailable, a number or a percentage such as "50%"."""

    max_unavailable: int | str


class SetMinReadySeconds(Operation, frozen=True, tag="set-min-ready-seconds"):
    """Set spec.minReadySeconds."""

    seconds: int


class SetStartOrdinal(Operation, frozen=True, tag="set-start-ordinal"):
    """Set spec.ordinals.start."""

    start: int


class SetRetention(Operation, frozen=True, tag="set-retention"):
    """Set spec.persistentVolumeClaimRetentionPolicy."""

    when_scaled: Retention
    when_deleted: Retention


class SetHistoryLimit(Operation, frozen=True, tag="set-history-limit"):
    """Set spec.revisionHistoryLimit."""

    limit: int


class SetImage(Operation, frozen=True, tag="set-image"):
    """JSON patch of /spec/template/spec/containers/0/image."""

    image: str


class ChangeTemplate(Operation, frozen=True, tag="change-template"):
    """Change the pod template; `value` makes each change different from every other.

    annotation, env: a change that pods run with. broken-image: an image that no registry has. broken-readiness: a readiness
    probe that never passes. sound: the image and the readiness probe that the profile gives the target.
    """

    field: TemplateChange
    value: str


class Rollback(Operation, frozen=True, tag="rollback"):
    """Put back the template of an older ControllerRevision.

    `rank` picks among the revisions other than the newest, oldest first; 1.0 - epsilon is the one before the newest.
    `revision` is the number of the one meant; 0 leaves it to the rank.
    """

    rank: float
    revision: int = 0


class ConflictingWriters(Operation, frozen=True, tag="conflicting-writers"):
    """Several whole updates of the set at one instant, all from the same resourceVersion: at most one can be accepted.

    There is one writer for each number of replicas that is to be written.
    """

    replicas: tuple[int, ...]
    value: str
