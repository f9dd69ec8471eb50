"""Steps that do harm to the target's control plane, where it offers that."""

from typing import Annotated

from pydantic import Field

from chaos.operations import Fault
from chaos.profile.choices import Amount
from chaos.profile.values import Duration, Shape


class Harm(Shape):
    """Which fault, for how long, and how bad."""

    fault: Fault = Field(description="the name of a fault such as restart-controller")
    seconds: Amount = Field(default=5, description="a whole number, {between: [lowest, highest]} or {choose: [n, ...]}")
    share: Annotated[float, Field(strict=True, ge=0, le=1)] = Field(default=1.0, description="a number from 0 to 1")
    delay: Duration = Field(default=1.0, description="a duration such as 1s")


class Inflict(Shape):
    """Inflict a fault of the control plane for some seconds, and heal it."""

    inflict: Harm = Field(description="a mapping such as {fault: restart-controller, seconds: 5}")
