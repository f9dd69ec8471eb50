"""Operations on nodes. They touch what is not the run's own: what is done to a node is in the journal before it is asked for."""

from typing import Literal

from chaos.operations.operation import Operation

Effect = Literal["NoExecute", "NoSchedule"]


class Cordon(Operation, frozen=True, tag="cordon"):
    """Make a node unschedulable; `rank` picks among those that are schedulable, by name."""

    rank: float


class Uncordon(Operation, frozen=True, tag="uncordon"):
    """Make every node schedulable again that this run has cordoned."""


class Drain(Operation, frozen=True, tag="drain"):
    """Cordon a node as `Cordon` does, then evict the target's pods on it."""

    rank: float


class Taint(Operation, frozen=True, tag="taint"):
    """Taint a node; `rank` picks among those without this run's taint, by name."""

    rank: float
    effect: Effect = "NoExecute"


class Untaint(Operation, frozen=True, tag="untaint"):
    """Remove every taint that this run has put on a node."""
