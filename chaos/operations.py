"""The vocabulary of operations: what a plan may ask for, with every choice already drawn.

An operation never names a pod by what the cluster happens to hold: a target is a rank in [0, 1), resolved against the pods
that exist when the operation starts. So the same seed asks for the same operations on every cluster.
"""

from typing import Literal

import msgspec

Cascade = Literal["background", "foreground", "orphan"]
StrategyType = Literal["RollingUpdate", "OnDelete"]
Names = Literal["each-pod", "service", "absent", "all"]


class Operation(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """One thing to do to the cluster; `kind` is its name in profiles and histories."""


class CreateService(Operation, frozen=True, tag="create-service"):
    """Create the target's headless Service."""


class DeleteService(Operation, frozen=True, tag="delete-service"):
    """Delete the target's Service."""


class CreateSet(Operation, frozen=True, tag="create-set"):
    """Create the target's StatefulSet as the profile describes it."""


class DeleteSet(Operation, frozen=True, tag="delete-set"):
    """Delete the StatefulSet with the given propagation policy."""

    cascade: Cascade = "background"


class Scale(Operation, frozen=True, tag="scale"):
    """Set spec.replicas through the scale subresource."""

    replicas: int


class SetPartition(Operation, frozen=True, tag="set-partition"):
    """Set spec.updateStrategy.rollingUpdate.partition. A set of type OnDelete has no such field: the request is refused."""

    partition: int


class SetStrategy(Operation, frozen=True, tag="set-strategy"):
    """Set spec.updateStrategy.type; `partition` only with RollingUpdate."""

    type: StrategyType
    partition: int = 0


class SetImage(Operation, frozen=True, tag="set-image"):
    """JSON patch of /spec/template/spec/containers/0/image."""

    image: str


class ChangeTemplate(Operation, frozen=True, tag="change-template"):
    """Change the pod template without an image pull: an annotation, or an environment variable of the first container."""

    field: Literal["annotation", "env"]
    value: str


class Rollback(Operation, frozen=True, tag="rollback"):
    """Put back the template of an older ControllerRevision.

    `rank` picks among the revisions other than the newest, oldest first; 1.0 - epsilon is the one before the newest.
    """

    rank: float


class DeletePods(Operation, frozen=True, tag="delete-pods"):
    """Delete pods of the set at one instant, one request each.

    Exactly one of `ranks` (positions among the existing pods by ordinal), `ordinals` or `every` says which.
    `grace_s` None leaves the pods' own grace period; 0 is a forced delete.
    """

    ranks: tuple[float, ...] = ()
    ordinals: tuple[int, ...] = ()
    every: bool = False
    grace_s: int | None = None


class WritePages(Operation, frozen=True, tag="write-pages"):
    """Write a fresh token into the volume of every Ready pod."""


class ProbeDns(Operation, frozen=True, tag="probe-dns"):
    """Resolve names from `sources` busybox pods.

    each-pod: of every ordinal that the set has or had in this phase. service: the Service's own. absent: of every ordinal
    that the set had in this run and has no more, and of the one above the highest. all: each of these.
    """

    sources: int = 1
    names: Names = "each-pod"


class ProbeHttp(Operation, frozen=True, tag="probe-http"):
    """Fetch the page of every Ready pod by its name, from `sources` busybox pods."""

    sources: int = 1


AnyOperation = (
    CreateService
    | DeleteService
    | CreateSet
    | DeleteSet
    | Scale
    | SetPartition
    | SetStrategy
    | SetImage
    | ChangeTemplate
    | Rollback
    | DeletePods
    | WritePages
    | ProbeDns
    | ProbeHttp
)

Outcome = Literal["ok", "fail", "unknown"]
"""ok: it surely happened. fail: it surely had no effect. unknown: it may have happened, now or later."""
