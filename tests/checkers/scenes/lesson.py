"""Progress, and what a profile expects."""

from typing import Any

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene
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
    world.live(300)
    return Broken(world, world.show(), ("ordinal 1 is missing", "300 s"))


def replaces_what_ended() -> World:
    world = settled(2)
    phase(world)
    world.fail(1)
    world.status(2, 1, 2, 2, "a", "a")
    world.terminate(1, grace_s=0)
    world.gone(1)
    world.status(1, 1, 1, 1, "a", "a")
    world.replace(1, "a")
    world.status(2, 2, 2, 2, "a", "a")
    reached(world)
    return world


def keeps_what_ended() -> Broken:
    world = settled(2)
    phase(world)
    world.fail(1)
    world.live(300)
    return Broken(world, world.show(), ("the pod of ordinal 1 ended and was not replaced", "300 s"))


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


def counts_wrong_for_good() -> Broken:
    """One of two Ready pods is not Ready any more, and the status never says so."""
    world = settled(2)
    phase(world)
    world.unready(1)
    world.show()
    world.live(300)
    return Broken(world, not_reached(world), ("readyReplicas 2 where the pods make 1", "300 s"))


def completes() -> World:
    world = settled(1)
    phase(world)
    roll(world)
    world.counted("b", "b")
    reached(world)
    return world


def roll(world: World) -> None:
    """web-0 is replaced for a new template, and Ready."""
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    world.terminate(0)
    world.counted("a", "b", current=0)
    world.gone(0)
    world.counted("a", "b")
    world.create_pod(0, "b")
    world.counted("a", "b")
    world.ready(0)


def never_completes() -> Broken:
    world = settled(1)
    phase(world)
    roll(world)
    world.counted("a", "b")
    world.show()
    world.live(300)
    return Broken(world, not_reached(world), ("currentRevision web-a", "Ready at web-b", "300 s"))


SCENES = (
    Scene("progress.convergence", settles, hangs, needs="statefulsets"),
    Scene(
        "progress.ended-pods", replaces_what_ended, keeps_what_ended, also=("progress.status",), needs="statefulsets"
    ),
    Scene(
        "revisions.completion",
        completes,
        never_completes,
        also=("status.completion", "partition.current-revision", "status.counters"),
    ),
    Scene("progress.status", settles, counts_wrong_for_good),
    Scene("lesson.expectations", happens_as_written, happens_otherwise, needs="services"),
)
