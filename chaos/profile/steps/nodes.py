"""Steps on nodes."""

from typing import Literal

from pydantic import Field

from chaos.operations import Effect
from chaos.profile.values import Shape


class Cordon(Shape):
    """Make a node unschedulable."""

    cordon: Literal["random"] = Field(description="random, or the plain word")


class Uncordon(Shape):
    """Make every node schedulable again that the run has cordoned."""

    uncordon: Literal["all"] = Field(description="all, or the plain word")


class Drain(Shape):
    """Cordon a node and evict the target's pods on it."""

    drain: Literal["random"] = Field(description="random, or the plain word")


class Taint(Shape):
    """Taint a node."""

    taint: Effect = Field(description="NoExecute or NoSchedule, or the plain word")


class Untaint(Shape):
    """Remove every taint that the run has put on a node."""

    untaint: Literal["all"] = Field(description="all, or the plain word")


NodeStep = Cordon | Uncordon | Drain | Taint | Untaint
