"""Sets that are not plain: what their controller may do, and what it may not (S30, S33-S36, S65-S70, A7)."""

import pytest

from chaos.history.run import Controller
from tests.checkers.scenes.kinds import (
    budgeted,
    newborn,
    parallel,
    recreating,
    rolling,
    waits_for_availability,
)
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.ownership import disowned
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import World


def later(world: World, seconds: float) -> World:
    """Time passes, and markers tell."""
    world.wait(seconds)
    world.show()
    return world


# minReadySeconds


@pytest.mark.parametrize(("seconds", "expected"), [(26.0, ["ordering.min-ready-seconds"]), (29.0, []), (31.0, [])])
def test_a_pod_is_waited_for_until_it_was_ready_for_long_enough_give_or_take_two_seconds(
    seconds: float, expected: list[str]
) -> None:
    world = later(waits_for_availability(), seconds)
    world.create_pod(1, "a")

    assert breached(world) == expected


def test_a_flap_of_readiness_starts_the_wait_again() -> None:
    world = later(waits_for_availability(), 20)
    world.unready(0)
    world.counted("a", "a")
    later(world, 1)
    world.ready(0)
    world.counted("a", "a", available=0)
    later(world, 15)
    world.create_pod(1, "a")

    assert breached(world) == ["ordering.min-ready-seconds"]


def test_a_shorter_wait_makes_a_pod_available_at_once() -> None:
    world = later(waits_for_availability(), 10)
    world.spec(minReadySeconds=5)
    world.create_pod(1, "a")

    assert breaches(world) == {}


@pytest.mark.parametrize(("available", "expected"), [(0, []), (1, ["status.counters"])])
def test_a_pod_that_is_too_young_does_not_count_as_available(available: int, expected: list[str]) -> None:
    world = newborn(1, minReadySeconds=30)
    world.create_pod(0, "a")
    world.counted("a", "a")
    world.ready(0)
    world.counted("a", "a", available=available)

    assert breached(world) == expected


def test_a_pod_that_is_old_enough_counts_as_available() -> None:
    world = later(waits_for_availability(), 40)
    world.create_pod(1, "a")
    world.counted("a", "a", available=0)

    assert breached(world) == ["status.counters"]


def scaled_down_too_early(seconds: float) -> World:
    world = newborn(2, podManagementPolicy="OrderedReady", minReadySeconds=30)
    world.create_pod(0, "a")
    world.ready(0)
    later(world, 40)
    world.create_pod(1, "a")
    world.ready(1)
    world.kill(0)
    world.gone(0)
    world.create_pod(0, "a")
    world.counted("a", "a", available=0)
    world.ready(0)
    world.spec(replicas=1)
    later(world, seconds)
    world.terminate(1)
    return world


@pytest.mark.parametrize(("seconds", "expected"), [(10.0, ["ordering.min-ready-seconds"]), (40.0, [])])
def test_a_scale_down_waits_for_pods_in_range_to_be_available(seconds: float, expected: list[str]) -> None:
    assert breached(scaled_down_too_early(seconds)) == expected


def updated_too_early() -> World:
    """A Parallel set goes on with its update while the pod that it replaced is Ready for too short a time."""
    world = parallel(2, minReadySeconds=30, updateStrategy=rolling(1))
    later(world, 60)
    world.counted("a", "a", available=2)
    world.new_template("b")
    world.revision("b")
    world.terminate(1)
    world.counted("a", "b", current=1)
    world.gone(1)
    world.create_pod(1, "b")
    world.ready(1)
    world.counted("a", "b", available=1)
    world.terminate(0)
    return world


@pytest.mark.parametrize("version", ["1.33.13", "1.36.3"])
def test_an_update_waits_for_the_replaced_pod_to_be_available(version: str) -> None:
    assert breached(updated_too_early(), version) == ["ordering.min-ready-seconds"]


def test_releases_before_1_34_are_known_not_to_wait() -> None:
    (finding,) = (
        updated_too_early().report(controller=Controller("1.33.13")).guarantees["ordering.min-ready-seconds"].findings
    )

    assert finding.known_bug.startswith("kubernetes#119234")


# the start ordinal


def test_a_range_that_moves_up_is_filled_before_the_old_pods_go_from_the_highest_down() -> None:
    world = settled(2)
    world.spec(ordinals={"start": 2})
    for ordinal in (2, 3):
        world.replace(ordinal, "a")
    world.counted("a", "a")
    for ordinal in (1, 0):
        world.terminate(ordinal)
        world.gone(ordinal)
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_nothing_goes_before_the_new_range_is_there() -> None:
    world = settled(2)
    world.spec(ordinals={"start": 2})
    world.counted("a", "a")
    world.terminate(1)

    assert breached(world) == ["ordering.scale-down-gate"]


def test_a_pod_in_range_does_not_go_since_it_would_be_out_of_a_range_from_zero() -> None:
    world = newborn(1, ordinals={"start": 3})
    world.replace(3, "a")
    world.counted("a", "a")
    world.terminate(3)

    assert breached(world) == ["ordering.start-ordinal"]


# Parallel


def test_a_parallel_set_creates_in_any_order_and_counts_once_at_the_end() -> None:
    world = newborn(3, podManagementPolicy="Parallel")
    for ordinal in (2, 0, 1):
        world.create_pod(ordinal, "a")
    world.status(0, 0, 0, 0, "a", "a", observed=1)
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_create_that_is_refused_ends_a_parallel_sync_before_anything_is_scaled_down() -> None:
    world = parallel(3)
    world.kill(0)
    world.gone(0)
    world.spec(replicas=2)
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_parallel_set_scales_down_at_once_whatever_is_not_ready() -> None:
    world = parallel(4)
    world.unready(0)
    world.spec(replicas=1)
    for ordinal in (1, 3, 2):
        world.terminate(ordinal)
    world.status(4, 3, 4, 4, "a", "a")
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_an_ordinal_out_of_range_is_not_created_in_parallel_either() -> None:
    world = newborn(2, podManagementPolicy="Parallel")
    world.create_pod(0, "a")
    world.create_pod(2, "a")

    assert breached(world) == ["ordering.range"]


def test_a_status_in_the_middle_of_a_wrong_sync_is_no_second_alarm() -> None:
    world = newborn(2, podManagementPolicy="Parallel")
    for ordinal in (0, 2, 1):
        world.create_pod(ordinal, "a")
    world.counted("a", "a")

    assert breached(world) == ["ordering.range"]


def test_updates_of_a_parallel_set_wait_until_what_is_condemned_is_deleted() -> None:
    world = parallel(3)
    world.new_template("b")
    world.revision("b")
    world.spec(replicas=2)
    world.counted("a", "b")
    world.terminate(1)

    assert breached(world) == ["update.walk-gate"]


def test_a_pod_made_at_the_current_revision_may_be_deleted_in_the_same_sync() -> None:
    """Without a stanza the status says which pods are kept, and the same sync updates what it has just made (W4)."""
    world = parallel(2, updateStrategy={"type": "RollingUpdate"})
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    world.kill(0)
    world.gone(0)
    world.create_pod(0, "a")
    world.terminate(0)

    assert breaches(world, MaxUnavailableStatefulSet=True) == {}


# maxUnavailable


@pytest.mark.parametrize(("limit", "deleted", "expected"), [("50%", 2, []), ("60%", 3, ["update.max-unavailable"])])
def test_a_share_is_rounded_down(limit: str, deleted: int, expected: list[str]) -> None:
    world = budgeted(limit)
    for ordinal in range(3, 3 - deleted, -1):
        world.terminate(ordinal)

    assert breached(world) == expected


def test_a_small_share_is_one_pod_at_least() -> None:
    world = budgeted("1%")
    world.terminate(3)
    world.counted("a", "b", current=3)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_with_its_gate_off_max_unavailable_means_nothing() -> None:
    world = budgeted(2)
    world.terminate(3)
    world.terminate(2)

    assert breached(world, "1.36.3") == ["update.max-unavailable"]


def test_the_status_counts_each_of_several_pods_that_are_deleted_to_update_them() -> None:
    world = budgeted(2)
    world.terminate(3)
    world.terminate(2)
    world.status(4, 4, 2, 0, "a", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_delete_that_fails_ends_the_walk_with_what_was_done() -> None:
    world = budgeted(2)
    world.terminate(3)
    world.status(4, 4, 3, 0, "a", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_what_a_sync_deletes_counts_against_the_budget_of_the_next() -> None:
    world = budgeted(2)
    world.terminate(3)
    world.terminate(2)
    world.status(4, 4, 2, 0, "a", "b")
    world.terminate(1)

    assert breached(world) == ["update.max-unavailable"]


def halfway(limit: int = 1) -> World:
    """A Parallel set of four with a new template, web-1 not Ready at the old revision."""
    world = parallel(4, updateStrategy=rolling(limit))
    world.unready(1)
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


def test_from_1_37_pods_that_are_down_are_updated_without_a_budget() -> None:
    world = halfway()
    world.terminate(1)
    world.counted("a", "b", current=3)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_from_1_37_a_pod_that_is_up_waits_while_one_that_was_down_is_replaced() -> None:
    world = halfway()
    world.terminate(1)
    world.terminate(3)

    assert breached(world) == ["update.max-unavailable"]


def test_from_1_37_what_the_budget_leaves_goes_to_pods_that_are_up() -> None:
    world = halfway(2)
    world.terminate(1)
    world.terminate(3)
    world.counted("a", "b", current=2)

    assert (breaches(world), doubts(world)) == ({}, set())


@pytest.mark.parametrize(("limit", "expected"), [(1, ["update.max-unavailable"]), (2, [])])
def test_up_to_1_36_every_pod_that_is_down_counts_against_the_budget(limit: int, expected: list[str]) -> None:
    world = halfway(limit)
    world.terminate(3)

    assert sorted(breaches(world, "1.36.3", MaxUnavailableStatefulSet=True)) == expected


def test_without_a_budget_a_parallel_update_ignores_what_is_down_below() -> None:
    world = halfway()
    world.terminate(3)

    assert breaches(world, "1.36.3") == {}


def test_without_a_budget_a_parallel_update_waits_for_the_pod_that_it_replaced() -> None:
    world = halfway()
    world.terminate(3)
    world.gone(3)
    world.create_pod(3, "b")
    world.counted("a", "b")
    world.terminate(2)

    assert breached(world, "1.36.3") == ["update.walk-gate"]


# Recreate


def test_recreate_deletes_all_old_pods_at_once_and_then_makes_new_ones_in_order() -> None:
    world = recreating()
    world.gone(0)
    for ordinal in (0, 1):
        world.replace(ordinal, "b")
        world.counted("a" if ordinal == 0 else "b", "b")

    assert breaches(world, StatefulSetRecreateStrategy=True) == {}


def test_recreate_still_makes_pods_one_after_another() -> None:
    world = recreating()
    world.gone(0)
    world.counted("a", "b")
    world.create_pod(1, "b")

    assert list(breaches(world, StatefulSetRecreateStrategy=True)) == ["ordering.create-order"]


def test_recreate_makes_no_old_pod() -> None:
    world = recreating()
    world.gone(0)
    world.create_pod(0, "a")

    assert list(breaches(world, StatefulSetRecreateStrategy=True)) == ["recreate.old-first"]


# who belongs to the set


def expressed(*expressions: dict[str, object]) -> World:
    world = World()
    world.create_set(1, selector={"matchLabels": {"app": "nginx"}, "matchExpressions": list(expressions)})
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    world.create_pod(0, "a")
    world.ready(0)
    world.counted("a", "a")
    return world


@pytest.mark.parametrize(
    ("expression", "is_selected"),
    [
        ({"key": "app", "operator": "In", "values": ["nginx", "apache"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["apache"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "tier", "operator": "DoesNotExist"}, True),
        ({"key": "tier", "operator": "NotIn", "values": ["x"]}, True),
        ({"key": "app", "operator": "In", "values": ["apache"]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["nginx"]}, False),
        ({"key": "tier", "operator": "Exists"}, False),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_a_selector_with_expressions_says_which_pods_count(expression: dict[str, object], is_selected: bool) -> None:
    assert breached(expressed(expression)) == ([] if is_selected else ["status.counters"])


def test_a_pod_that_leaves_the_selector_counts_no_more_and_holds_its_name() -> None:
    """Creating its successor fails for as long as it is there, and a status follows all the same."""
    world = settled(2)
    world.change("pods", "web-1", {"metadata": {"labels": {"app": "other"}}})
    world.orphan(1)
    world.status(1, 1, 1, 1, "a", "a")
    world.unready(0)
    world.status(1, 0, 1, 1, "a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_pod_that_is_orphaned_may_be_counted_and_adopted_again() -> None:
    world = settled(2)
    disowned(world, 1)
    world.adopt(1)
    world.unready(0)
    world.counted("a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_an_orphan_that_is_gone_when_it_is_to_be_adopted_is_not_counted() -> None:
    world = settled(2)
    for ordinal in (0, 1):
        disowned(world, ordinal)
    world.kill(1)
    world.gone(1)
    world.adopt(0)
    world.status(1, 1, 1, 1, "a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_parallel_set_of_which_all_is_ready_exercises_no_wait() -> None:
    world = parallel(2)
    world.spec(replicas=3)
    world.create_pod(2, "a")

    assert judged(ended(world), "ordering.parallel").exercised == 1
