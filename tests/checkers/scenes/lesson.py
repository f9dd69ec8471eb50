"""Progress, names, and what a profile expects."""

from typing import Any

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import World


def phase(world: World, *expect: dict[str, Any]) -> None:
    """A phase begins."""
    world.entry("run", "phase-began", {"name": "lesson", "expect": expect})


def reached(world: World) -> int:
    """It ends settled, and everything up to there is seen."""
    entry = world.phase_ended("lesson")
    world.show()
    return entry


def not_reached(world: World, why: str = "pods are missing") -> int:
    """Its time is over."""
    entry = world.entry("run", "phase-ended", {"name": "lesson", "reached": False, "why": why})
    world.show()
    return entry


def settles() -> World:
    world = World()
    phase(world)
    world.settled(2)
    reached(world)
    return world


def hangs() -> Broken:
    """Scaled up, all pods Ready, and for longer than the longest retry nothing happens."""
    world = settled(1)
    phase(world)
    world.spec(replicas=2)
    world.show()
    world.live(300)
    return Broken(world, not_reached(world), ("ordinals [1] are missing", "300 s"))


def addressed() -> World:
    """Two pods with addresses."""
    world = settled(2)
    world.ready(0, "10.0.0.1")
    world.ready(1, "10.0.0.2")
    return world


def answered_right() -> World:
    world = addressed()
    world.dns(0, "10.0.0.1")
    world.dns(1, "10.0.0.2")
    return world


def answered_with_the_neighbour() -> Broken:
    world = addressed()
    entry = world.dns(0, "10.0.0.2")
    world.wait(10)
    world.unready(1)
    world.show()
    return Broken(world, entry, ("web-0.nginx", "10.0.0.2", "web-1"))


def published_right() -> World:
    world = addressed()
    world.slice(world.endpoint(0, "10.0.0.1"), world.endpoint(1, "10.0.0.2"))
    return world


def published_under_another_name() -> Broken:
    world = addressed()
    entry = world.slice(world.endpoint(0, "10.0.0.1", hostname="web-1"))
    world.wait(10)
    world.unready(1)
    world.show()
    return broken(world, entry, "web-0", "hostname 'web-1'")


def happens_as_written() -> World:
    world = World()
    phase(world, {"pods": [0, 1]}, {"created": [0, 1]}, {"revisions": 1})
    world.settled(2)
    reached(world)
    return world


def happens_otherwise() -> Broken:
    world = World()
    phase(world, {"pods": [0, 1, 2]})
    world.settled(2)
    return Broken(world, reached(world), ("phase lesson", "pods are [0, 1]"))


SCENES = (
    Scene("progress.convergence", settles, hangs, needs="statefulsets"),
    Scene("dns.answers", answered_right, answered_with_the_neighbour),
    Scene("dns.endpoints", published_right, published_under_another_name, needs="endpointslices"),
    Scene("lesson.expectations", happens_as_written, happens_otherwise, needs="services"),
)
