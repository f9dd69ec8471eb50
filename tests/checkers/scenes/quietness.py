"""A controller that says only what is new, and one that does not."""

from typing import Any

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import NAME, World


def condition(world: World, type: str, since: str, **status: Any) -> int:
    """The set gets a status with this condition."""
    told = {"type": type, "status": "True", "lastTransitionTime": since}
    return world.change("statefulsets", NAME, {"status": {"conditions": [told], **status}})


def says_what_is_new() -> World:
    world = settled(1)
    world.unready(0)
    world.counted("a", "a")
    return world


def repeats_itself() -> Broken:
    world = settled(1)
    return broken(world, condition(world, "Synced", "2026-01-01T00:00:09Z"), "says nothing new", "Synced=True")


SCENES = (Scene("progress.quietness", says_what_is_new, repeats_itself, needs="statefulsets"),)
