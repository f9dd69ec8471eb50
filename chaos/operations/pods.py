"""Operations on the target's pods, their claims and their containers."""

from typing import Literal

from chaos.operations.operation import Operation, Picking

Direction = Literal["out", "in"]


class DeletePods(Picking, frozen=True, tag="delete-pods"):
    """Delete pods. `grace_s` None leaves the pods' own grace period; 0 is a forced delete."""

    grace_s: int | None = None


class EvictPods(Picking, frozen=True, tag="evict-pods"):
    """Evict pods, which a PodDisruptionBudget may refuse. `grace_s` as in `DeletePods`."""

    grace_s: int | None = None


class CreateBudget(Operation, frozen=True, tag="create-budget"):
    """Create the PodDisruptionBudget of the target's pods; exactly one of the two is set, a number or a percentage."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class DeleteBudget(Operation, frozen=True, tag="delete-budget"):
    """Delete the PodDisruptionBudget of the target's pods."""


class DeleteClaims(Picking, frozen=True, tag="delete-claims"):
    """Delete the claims under pods. A claim stays as long as a pod uses it."""


class HoldClaims(Picking, frozen=True, tag="hold-claims"):
    """Put a finalizer on claims: once deleted, they stay until they are released."""


class ReleaseClaims(Picking, frozen=True, tag="release-claims"):
    """Take the finalizer of `HoldClaims` from claims that have it."""


class RelabelPods(Picking, frozen=True, tag="relabel-pods"):
    """Change a label so that the set's selector no longer selects the pods, or selects them again."""

    direction: Direction = "out"


class StealName(Picking, frozen=True, tag="steal-name"):
    """Give pods the pod-name label of their next higher neighbour."""


class OrphanPods(Picking, frozen=True, tag="orphan-pods"):
    """Remove the owner of pods."""


class HoldPods(Picking, frozen=True, tag="hold-pods"):
    """Put a finalizer on pods: once deleted, they stay until they are released."""


class ReleasePods(Picking, frozen=True, tag="release-pods"):
    """Take the finalizer of `HoldPods` from pods that have it."""


class CrashContainer(Picking, frozen=True, tag="crash-container"):
    """End the first container of running pods from within."""


class FailPods(Picking, frozen=True, tag="fail-pods"):
    """Give running pods a deadline that has passed: their kubelet ends them, and they are Failed."""


class MakeUnready(Picking, frozen=True, tag="make-unready"):
    """Let the readiness probe of Ready pods fail; only where the target's readiness is `file`."""


class MakeReady(Picking, frozen=True, tag="make-ready"):
    """Let the readiness probe of running pods that are not Ready pass again."""
