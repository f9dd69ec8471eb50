"""The pod that a container is of, as the container's life needs it."""

from random import Random
from typing import Protocol

from chaos.embedded.interface import Json
from chaos.embedded.node.container import Container
from chaos.embedded.node.site import Site
from chaos.embedded.node.states import PodState


class Home(Protocol):
    """The pod that a container is of."""

    pod: Json
    state: PodState
    site: Site
    draws: Random
    anchor: float

    def tell(self) -> None:
        """The status has changed."""

    def furnish(self, spec: Json) -> Container:
        """What a new run of a container finds there. Raises ConfigError."""
