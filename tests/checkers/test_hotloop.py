"""Who may write an object how often (S84)."""

import pytest

from tests.checkers.scenes.hotloop import annotated
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.ownership import patched
from tests.checkers.verdicts import breached, breaches
from tests.checkers.world import NAME


def test_pods_are_annotated_now_and_then() -> None:
    world = settled(1)
    annotated(world, "web-0", 9)

    assert breaches(world) == {}


def test_what_is_slow_is_no_loop() -> None:
    world = settled(1)
    annotated(world, "web-0", 30, pause_s=4)

    assert breaches(world) == {}


def test_a_loop_is_told_once() -> None:
    world = settled(1)
    annotated(world, "web-0", 25)

    assert [len(messages) for messages in breaches(world).values()] == [1]


def test_this_run_may_write_as_often_as_it_likes() -> None:
    world = settled(1)
    for number in range(20):
        patched(world, 0, {"annotations": {"n": f"{number}"}})

    assert breaches(world) == {}


def test_controllers_may_answer_to_every_operation_of_this_run() -> None:
    """A set that is orphaned and made again over and over has its revision let go and adopted each time."""
    world = settled(1)
    for number in range(2, 22):
        world.start("patch", "statefulsets", NAME, {"kind": "rollback", "rank": 0.0})
        world.change("controllerrevisions", f"{NAME}-a", {"revision": number})

    assert "quietness.metadata" not in breaches(world)


def test_statuses_are_another_matter() -> None:
    world = settled(1)
    for _ in range(10):
        world.unready(0)
        world.counted("a", "a")
        world.ready(0)
        world.counted("a", "a")

    assert breaches(world) == {}


def test_revisions_that_take_turns_are_a_loop() -> None:
    world = settled(1)
    for number in range(2, 13):
        world.change("controllerrevisions", f"{NAME}-a", {"revision": number})

    assert breached(world) == ["quietness.metadata"]


@pytest.mark.parametrize("name", ["other-0", "probe-0"])
def test_objects_of_others_are_theirs(name: str) -> None:
    world = settled(1)
    world.add("pods", {"metadata": {"name": name}, "status": {"phase": "Pending"}})
    annotated(world, name, 12)

    assert breaches(world) == {}
