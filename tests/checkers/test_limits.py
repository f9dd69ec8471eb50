"""Documented limits: told in a note, and never held against anybody."""

from collections.abc import Callable

import pytest

from chaos.checkers.judge import fold
from chaos.history.run import Controller
from tests.checkers.scenes.lesson import not_reached, phase, reached
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating, updating_by_hand
from tests.checkers.verdicts import ended
from tests.checkers.world import World, info


def limits(world: World, version: str = "1.37.2") -> list[str]:
    """The references that the notes of this history give."""
    report = fold(info(controller=Controller(version)), ended(world))
    assert report.verdict != "violated"
    told = [note for note in report.notes if note.startswith("known limit ")]
    return [note.removeprefix("known limit ").partition(":")[0] for note in told]


def broken_rollout() -> World:
    """The new template never becomes Ready, and the set was given its old one back."""
    world = updating(2)
    world.terminate(1)
    world.gone(1)
    world.counted("a", "b")
    world.create_pod(1, "b")
    world.counted("a", "b")
    world.new_template("a")
    world.counted("a", "a")
    phase(world)
    world.live(100)
    not_reached(world, "web-1 is not Ready")
    return world


def scaled_to_nothing() -> World:
    world = World()
    world.settled(1, partition=1)
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    world.spec(replicas=0)
    world.terminate(0)
    world.gone(0)
    world.counted("b", "b")
    world.show()
    return world


def third_template() -> World:
    """web-1 is at b when it is replaced by c, and the current revision is a."""
    world = updating(2)
    world.terminate(1)
    world.counted("a", "b", current=1)
    world.gone(1)
    world.counted("a", "b")
    world.create_pod(1, "b")
    world.counted("a", "b")
    world.ready(1)
    world.counted("a", "b")
    world.new_template("c")
    world.revision("c")
    world.show()
    world.terminate(1)
    world.counted("a", "c", current=0)
    world.show()
    return world


def lost_node() -> World:
    world = settled(2)
    world.kill(1)
    world.counted("a", "a")
    phase(world)
    world.live(100)
    not_reached(world, "web-1 is terminating")
    return world


def updated_by_hand() -> World:
    world = updating_by_hand(1)
    phase(world)
    world.kill(0)
    world.counted("a", "b")
    world.gone(0)
    world.counted("a", "b")
    world.create_pod(0, "b")
    world.counted("a", "b")
    world.ready(0)
    world.counted("a", "b")
    reached(world)
    return world


@pytest.mark.parametrize(
    ("met", "reference"),
    [
        (broken_rollout, "kubernetes#67250"),
        (scaled_to_nothing, "kubernetes#121534"),
        (third_template, "kubernetes#75498"),
        (lost_node, "kubernetes#54368"),
    ],
)
def test_a_limit_that_was_met_is_told_and_leaves_the_verdict(met: Callable[[], World], reference: str) -> None:
    assert limits(met()) == [reference]


def test_before_1_37_an_update_by_hand_never_completes() -> None:
    assert limits(updated_by_hand(), "1.36.3") == ["kubernetes#73492"]


def test_what_merely_waits_is_no_limit() -> None:
    world = settled(2)
    world.kill(1)
    world.counted("a", "a")
    phase(world)
    world.live(40)
    not_reached(world, "web-1 is terminating")

    assert limits(world) == []


def test_an_unready_pod_at_the_newest_template_is_no_limit() -> None:
    world = settled(2)
    world.unready(1)
    world.counted("a", "a")
    phase(world)
    world.live(100)
    not_reached(world, "web-1 is not Ready")

    assert limits(world) == []
