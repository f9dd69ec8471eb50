"""OnDelete: what is still deleted, what new pods are, and who completes (S37-S39)."""

import pytest

from tests.checkers.scenes.update import updating_by_hand
from tests.checkers.verdicts import breached, breaches, doubts
from tests.checkers.world import World


def replaced_by_hand() -> World:
    """Every pod was deleted by this run and came back new and Ready."""
    world = updating_by_hand(2)
    for ordinal in (1, 0):
        world.kill(ordinal)
        world.gone(ordinal)
        world.replace(ordinal, "b")
    return world


def test_a_scale_down_still_deletes() -> None:
    world = updating_by_hand(2)
    world.spec(replicas=1)
    world.terminate(1)
    world.counted("a", "b", current=2)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_pod_that_ended_is_still_deleted() -> None:
    world = updating_by_hand(2)
    world.fail(1)
    world.terminate(1, grace_s=0)

    assert breaches(world) == {}


@pytest.mark.parametrize(("text", "expected"), [("b", []), ("a", ["ondelete.create-revision"])])
def test_new_ordinals_are_at_the_update_revision_too(text: str, expected: list[str]) -> None:
    world = updating_by_hand(1)
    world.spec(replicas=2)
    world.counted("a", "b")
    world.create_pod(1, text)

    assert breached(world) == expected


@pytest.mark.parametrize(("version", "expected"), [("1.37.2", []), ("1.36.3", ["status.completion"])])
def test_from_1_37_on_it_completes_when_every_pod_was_replaced(version: str, expected: list[str]) -> None:
    world = replaced_by_hand()
    world.counted("b", "b")

    assert breached(world, version) == expected


@pytest.mark.parametrize(("version", "expected"), [("1.37.2", ["partition.current-revision"]), ("1.36.3", [])])
def test_before_1_37_its_current_revision_stays_for_ever(version: str, expected: list[str]) -> None:
    world = replaced_by_hand()
    world.counted("a", "b", current=0)

    assert breached(world, version) == expected


def test_a_change_to_on_delete_may_reach_the_controller_after_its_next_update_delete() -> None:
    world = updating_by_hand(2)
    world.spec(updateStrategy={"type": "RollingUpdate"})
    world.spec(updateStrategy={"type": "OnDelete"})
    world.terminate(1)

    assert breaches(world) == {}


def test_a_change_to_on_delete_that_the_status_knows_stops_the_update() -> None:
    world = updating_by_hand(2)
    world.spec(updateStrategy={"type": "RollingUpdate"})
    world.spec(updateStrategy={"type": "OnDelete"})
    world.counted("a", "b")
    world.terminate(1)

    assert breached(world) == ["ondelete.no-update-deletes"]
