"""Rolling updates: which deletes are justified, in what order, and what a stale controller may do (S20-S26)."""

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating, updating_by_hand, walk_waits
from tests.checkers.verdicts import breached, breaches, doubts
from tests.checkers.world import World


def rolled(world: World, ordinal: int, text: str) -> None:
    """The controller replaces one pod of a rolling update, from the delete to the status that follows."""
    world.terminate(ordinal)
    world.gone(ordinal)
    world.replace(ordinal, text)


def test_a_whole_update_goes_from_the_top_to_completion() -> None:
    world = updating(3)
    for ordinal in (2, 1):
        rolled(world, ordinal, "b")
        world.counted("a", "b")
    rolled(world, 0, "b")
    world.counted("b", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_the_status_after_an_update_delete_counts_one_current_pod_less() -> None:
    """Even if the pod that was deleted was not at the current revision."""
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.new_template("c")
    world.revision("c")
    world.counted("a", "c")
    world.terminate(2)
    world.counted("a", "c", current=1)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_replaced_pod_may_turn_unready_just_before_the_next_is_deleted() -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.unready(2)
    world.terminate(1)

    assert breaches(world) == {}


def test_the_next_pod_waits_for_the_replaced_one_to_be_there() -> None:
    world = updating(3)
    world.terminate(2)
    world.gone(2)
    world.counted("a", "b")
    world.terminate(1)

    assert breached(world) == ["update.walk-gate"]


def test_two_pods_are_not_updated_at_once() -> None:
    world = updating(3)
    world.terminate(2)
    world.terminate(1)

    assert breached(world) == ["update.max-unavailable"]


def test_a_new_template_may_start_again_at_the_top_before_the_last_delete_is_seen() -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.terminate(1)
    world.new_template("c")
    world.revision("c")
    world.terminate(2)

    assert breaches(world) == {}


def test_a_new_template_starts_at_the_top_though_lower_pods_were_never_touched() -> None:
    world = updating(2)
    rolled(world, 1, "b")
    world.new_template("c")
    world.revision("c")
    world.counted("a", "c")
    rolled(world, 1, "c")
    world.counted("a", "c")
    world.terminate(0)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_revert_touches_only_pods_that_are_off_the_update_revision() -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.new_template("a")
    world.counted("a", "a")
    rolled(world, 2, "a")
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_revert_does_not_touch_pods_that_were_not_updated_yet() -> None:
    world = updating(3)
    rolled(world, 2, "b")
    world.counted("a", "b")
    world.new_template("a")
    world.counted("a", "a")
    rolled(world, 2, "a")
    world.counted("a", "a")
    world.terminate(1)

    assert breached(world) == ["update.justified-deletes"]


def test_a_broken_new_pod_stalls_its_update_and_its_rollback_legally() -> None:
    world = walk_waits()
    world.entry("run", "phase-began", {"name": "rollback"})
    world.new_template("a")
    world.counted("a", "a")
    world.wait(10_000)
    world.entry("run", "phase-ended", {"name": "rollback", "reached": False, "why": "web-2 is not Ready"})

    assert breaches(world) == {}
    assert doubts(world) == {"phase rollback was not reached: web-2 is not Ready"}


def test_a_broken_new_pod_is_not_replaced_by_a_rollback() -> None:
    world = walk_waits()
    world.new_template("a")
    world.counted("a", "a")
    world.terminate(2)

    assert breached(world) == ["update.walk-gate"]


def test_an_unready_pod_below_the_partition_stops_the_walk_too() -> None:
    world = updating(3, partition=2)
    world.unready(0)
    world.counted("a", "b")
    world.terminate(2)

    assert breached(world) == ["update.walk-gate"]


def test_scaling_comes_before_updating() -> None:
    world = updating(3)
    world.spec(replicas=2)
    world.counted("a", "b")
    world.terminate(1)

    assert breached(world) == ["update.walk-gate"]


def test_an_unready_pod_in_range_is_not_deleted() -> None:
    world = settled(2)
    world.unready(1)
    world.counted("a", "a")
    world.terminate(1)

    assert breached(world) == ["update.justified-deletes"]


def test_a_pod_that_the_set_does_not_own_is_not_the_controllers_to_delete() -> None:
    world = settled(2)
    world.create_pod(7, "a", owner="another-set")
    world.terminate(7)

    assert breaches(world) == {}


def test_a_pod_whose_revision_label_a_user_edits_is_rolled_legally() -> None:
    world = settled(2)
    world.change("pods", "web-0", {"metadata": {"labels": {"controller-revision-hash": "web-x"}}})
    rolled(world, 0, "a")
    world.counted("a", "a")

    assert breaches(world) == {}


def test_a_repeated_delete_leaves_no_event_and_its_status_is_explained() -> None:
    """A sync that has not seen its own delete repeats it, and still counts an update."""
    world = updating(2)
    world.terminate(1)
    world.spec(replicas=2)
    world.status(2, 2, 1, 0, "a", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_changes_outside_the_template_roll_nothing() -> None:
    world = settled(2)
    world.spec(minReadySeconds=0, revisionHistoryLimit=3)
    world.counted("a", "a")
    world.terminate(1)

    assert breached(world) == ["update.justified-deletes"]


def test_a_change_from_on_delete_to_rolling_update_starts_the_walk_at_once() -> None:
    world = updating_by_hand(2)
    world.spec(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})
    world.terminate(1)

    assert breaches(world) == {}
