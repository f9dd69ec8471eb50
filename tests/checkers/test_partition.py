"""Partitions: which pods are updated, and at which revision a pod comes back (S13, S27-S32)."""

import pytest

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating
from tests.checkers.test_update import rolled
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import World

FORGETFUL = "is explained only if the answer to an own write of the controller was lost"


def reasons(world: World, version: str) -> set[str]:
    """Why guarantees are unknown: without the write in question, and the entries."""
    return {why[why.index("is explained") : why.index(" (entries")] for why in doubts(world, version)}


def lost(world: World, ordinal: int) -> World:
    """This run deletes a pod, and it goes."""
    world.kill(ordinal)
    world.gone(ordinal)
    return world


def without_stanza(replicas: int) -> World:
    """A settled set of explicit type RollingUpdate and nothing more: what the status counts as current stays current."""
    world = World()
    world.settled(replicas)
    world.spec(updateStrategy={"type": "RollingUpdate", "rollingUpdate": None})
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


def test_a_delete_may_follow_a_partition_of_a_moment_ago() -> None:
    world = updating(3, partition=3)
    world.partition(0)
    world.partition(3)
    world.terminate(2)

    assert breaches(world) == {}


def test_a_delete_may_not_follow_a_partition_that_the_status_has_left_behind() -> None:
    world = updating(3, partition=3)
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.terminate(2)

    assert breached(world) == ["partition.update-floor"]


def test_a_raised_partition_takes_nothing_back() -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.partition(3)
    world.counted("a", "b")
    world.terminate(2)

    assert breached(world) == ["update.justified-deletes"]


def test_a_lowered_partition_updates_what_it_uncovers() -> None:
    world = updating(3, partition=2)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.partition(1)
    world.counted("a", "b")
    rolled(world, 1, "b")
    world.counted("a", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_lowered_partition_uncovers_nothing_below_it() -> None:
    world = updating(3, partition=2)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.partition(1)
    rolled(world, 1, "b")
    world.counted("a", "b")
    world.terminate(0)

    assert breached(world) == ["partition.update-floor"]


@pytest.mark.parametrize(("text", "expected"), [("a", []), ("b", ["partition.create-revision"])])
def test_a_pod_below_the_partition_comes_back_at_the_current_revision(text: str, expected: list[str]) -> None:
    world = lost(updating(3, partition=2), 1)
    world.create_pod(1, text)

    assert breached(world) == expected


@pytest.mark.parametrize(("text", "expected"), [("a", ["partition.create-revision"]), ("b", [])])
def test_a_pod_at_the_partition_comes_back_at_the_update_revision(text: str, expected: list[str]) -> None:
    world = lost(updating(3, partition=1), 1)
    world.create_pod(1, text)

    assert breached(world) == expected


def test_without_a_partition_even_pod_0_comes_back_new_in_mid_update() -> None:
    world = lost(updating(3), 0)
    world.create_pod(0, "b")

    assert breaches(world) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", []), ("b", ["partition.create-revision"]), ("c", ["partition.create-revision"])],
)
def test_the_current_revision_may_be_two_back_and_not_the_one_the_pod_had(text: str, expected: list[str]) -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.new_template("c")
    world.revision("c")
    world.partition(3)
    world.counted("a", "c")
    lost(world, 2)
    world.create_pod(2, text)

    assert breached(world) == expected


@pytest.mark.parametrize(("text", "expected"), [("a", []), ("b", ["partition.create-revision"])])
def test_without_the_stanza_a_pod_below_the_current_count_comes_back_current(text: str, expected: list[str]) -> None:
    world = lost(without_stanza(3), 0)
    world.create_pod(0, text)

    assert breached(world) == expected


def test_without_the_stanza_the_updated_pod_comes_back_new() -> None:
    world = without_stanza(3)
    world.terminate(2)
    world.counted("a", "b")
    world.gone(2)
    world.create_pod(2, "b")

    assert (breaches(world), doubts(world)) == ({}, set())


@pytest.mark.parametrize(("version", "expected"), [("1.35.6", set()), ("1.36.3", {FORGETFUL})])
def test_an_updated_pod_comes_back_old_only_from_controllers_that_may_miss_their_own_status(
    version: str, expected: set[str]
) -> None:
    world = without_stanza(3)
    world.terminate(2)
    world.counted("a", "b")
    world.gone(2)
    world.create_pod(2, "a")

    assert (breaches(world, version), reasons(world, version)) == ({}, expected)


def test_before_the_first_status_a_pod_below_the_partition_is_new() -> None:
    world = World()
    world.create_set(1, text="b", partition=1)
    world.revision("b")
    world.create_pod(0, "b")
    world.status(0, 0, 0, 0, "b", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_without_its_current_revision_a_set_makes_every_pod_new() -> None:
    world = updating(2, partition=2)
    world.start("delete", "controllerrevisions", "web-a", {"kind": "rollback", "rank": 0.0})
    world.remove("controllerrevisions", "web-a")
    lost(world, 0)
    world.create_pod(0, "b")
    world.counted("b", "b", replicas=1, ready=1, current=0, updated=0)

    assert (breaches(world), doubts(world)) == ({}, set())


@pytest.mark.parametrize(
    ("ordinal", "text", "expected"),
    [(2, "a", []), (2, "b", ["partition.create-revision"]), (3, "b", []), (3, "a", ["partition.create-revision"])],
)
def test_a_partition_counts_from_the_start_ordinal(ordinal: int, text: str, expected: list[str]) -> None:
    world = shifted()
    lost(world, ordinal)
    world.create_pod(ordinal, text)

    assert breached(world) == expected


@pytest.mark.parametrize(("ordinal", "expected"), [(3, []), (2, ["partition.update-floor"])])
def test_a_walk_ends_at_the_partition_counted_from_the_start_ordinal(ordinal: int, expected: list[str]) -> None:
    world = shifted()
    if ordinal == 2:
        rolled(world, 3, "b")
        world.counted("a", "b")
    world.terminate(ordinal)

    assert breached(world) == expected


def shifted() -> World:
    """Ordinals 2 and 3, partition 1, a new template."""
    world = World()
    world.create_set(2, partition=1)
    world.spec(ordinals={"start": 2})
    world.revision("a")
    world.counted("a", "a")
    world.replace(2, "a")
    world.replace(3, "a")
    world.counted("a", "a")
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


@pytest.mark.parametrize(("text", "expected"), [("a", []), ("b", ["partition.create-revision"])])
def test_a_partition_above_all_pods_keeps_new_ordinals_current(text: str, expected: list[str]) -> None:
    world = updating(2, partition=10)
    world.spec(replicas=3)
    world.counted("a", "b")
    world.create_pod(2, text)

    assert breached(world) == expected


def test_a_set_scaled_to_0_is_complete_whatever_its_partition_and_grows_again_new() -> None:
    world = updating(1, partition=5)
    world.spec(replicas=0)
    world.terminate(0)
    world.counted("a", "b", ready=1, current=1)
    world.gone(0)
    world.status(0, 0, 0, 0, "b", "b")
    world.spec(replicas=1)
    world.create_pod(0, "b")
    world.counted("b", "b", replicas=0, current=0, updated=0)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_rollback_makes_the_update_revision_the_current_one_again() -> None:
    world = updating(2)
    world.new_template("a")
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


@pytest.mark.parametrize(("version", "expected"), [("1.35.6", set()), ("1.36.3", {FORGETFUL})])
def test_a_completion_is_taken_back_only_by_controllers_that_may_miss_their_own_status(
    version: str, expected: set[str]
) -> None:
    world = settled(1)
    world.new_template("b")
    world.revision("b")
    world.status(1, 1, 1, 0, "a", "b")
    rolled(world, 0, "b")
    world.counted("b", "b")
    world.unready(0)
    # A sync that saw this, and the set as it was before its completion.
    world.counted("a", "b")

    assert (breaches(world, version), reasons(world, version)) == ({}, expected)


def test_with_one_revision_a_creation_exercises_no_partition() -> None:
    world = lost(settled(2), 0)
    world.create_pod(0, "a")

    assert judged(ended(world), "partition.create-revision").exercised == 0


def test_a_set_made_again_knows_no_current_revision_and_makes_pods_below_its_partition_new() -> None:
    world = updating(2, partition=2)
    world.finish(world.delete_set())
    world.set_gone()
    for ordinal in (0, 1):
        world.terminate(ordinal)
        world.gone(ordinal)
    world.create_set(1, text="b", partition=1)
    world.create_pod(0, "b")

    assert breaches(world) == {}
