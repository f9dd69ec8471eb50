"""What a scene is: for one guarantee the smallest history in which it holds, and the smallest that breaks it."""

from collections.abc import Callable
from typing import NamedTuple

from tests.checkers.world import World


class Broken(NamedTuple):
    """A history, not yet ended, with the entry that breaks the guarantee and what the message must name besides."""

    world: World
    entry: int
    says: tuple[str, ...] = ()


class Scene(NamedTuple):
    """One guarantee in two histories.

    `needs` is a stream without which it cannot be judged. `at_the_end`: what breaks it is proven only by the end of the
    record, since it is something that does not happen. `also`: guarantees that the same deed may break.
    """

    guarantee: str
    holds: Callable[[], World]
    breaks: Callable[[], Broken]
    needs: str = "pods"
    at_the_end: bool = False
    also: tuple[str, ...] = ()


def broken(world: World, entry: int, *says: str) -> Broken:
    """The offending entry is an object's: the message names the object and the resourceVersion."""
    offending = world.entries[entry]
    name = next(
        data["whole"]["metadata"]["name"]
        for data in (each.data for each in world.entries if each.uid == offending.uid)
        if "whole" in data
    )
    return Broken(world, entry, (name, offending.rv, *says))
