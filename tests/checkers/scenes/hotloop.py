"""Objects that are left alone, and one that is not."""

from tests.checkers.scenes.lesson import settles
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import NAME, World


def annotated(world: World, name: str, times: int, pause_s: float = 1.0) -> int:
    """Somebody writes an annotation of a set's object so many times; gives the entry of the last."""
    stream = "statefulsets" if name == NAME else "pods"
    for number in range(times):
        entry = world.change(stream, name, {"metadata": {"annotations": {"n": f"{number}"}}})
        world.wait(pause_s)
    return entry


def written_in_a_loop() -> Broken:
    world = settled(1)
    return broken(world, annotated(world, NAME, 10), "10 times")


SCENES = (Scene("quietness.metadata", settles, written_in_a_loop, needs="statefulsets"),)
