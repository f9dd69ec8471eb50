"""Creation and scale-down: what the rules allow besides, and what they forbid in other words (S6, S9-S12, S16-S18, S70)."""

import pytest

from tests.checkers.scenes.ordering import newborn, settled
from tests.checkers.verdicts import breached, breaches, doubts
from tests.checkers.world import World


def accused_of_nothing(world: World, version: str = "1.37.2") -> bool:
    return breaches(world, version) == {} and doubts(world, version) == set()


def test_a_predecessor_may_fail_just_before_the_next_is_created() -> None:
    world = newborn(2)
    world.create_pod(0, "a")
    world.ready(0)
    world.unready(0)
    world.create_pod(1, "a")

    assert breaches(world) == {}


def test_a_predecessor_that_the_status_shows_as_failed_may_not() -> None:
    world = newborn(2)
    world.create_pod(0, "a")
    world.ready(0)
    world.counted("a", "a")
    world.unready(0)
    world.counted("a", "a")
    world.create_pod(1, "a")

    assert breached(world) == ["ordering.create-gate"]


def test_every_lower_pod_counts_and_not_only_the_next_lower() -> None:
    world = settled(3)
    world.kill(2)
    world.gone(2)
    world.unready(0)
    world.counted("a", "a")
    world.create_pod(2, "a")

    assert breached(world) == ["ordering.create-gate"]


def test_a_terminating_predecessor_holds_the_next_back() -> None:
    world = settled(2)
    world.kill(1)
    world.gone(1)
    world.kill(0)
    world.counted("a", "a")
    world.create_pod(1, "a")

    assert breached(world) == ["ordering.create-gate"]


def test_pods_above_are_of_no_interest_to_a_creation() -> None:
    world = settled(3)
    world.unready(2)
    world.kill(1)
    world.gone(1)
    world.kill(2)
    world.counted("a", "a")
    world.create_pod(1, "a")

    assert breaches(world) == {}


def test_of_two_lost_pods_the_lower_comes_first() -> None:
    world = settled(3)
    for ordinal in (0, 1):
        world.kill(ordinal)
        world.gone(ordinal)
    world.create_pod(1, "a")

    assert breached(world) == ["ordering.create-order"]


def test_two_creations_may_follow_at_once_if_the_first_pod_is_ready_between() -> None:
    world = newborn(2)
    world.create_pod(0, "a")
    world.ready(0)
    world.create_pod(1, "a")

    assert breaches(world) == {}


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_ended_is_deleted_and_made_again(phase: str) -> None:
    world = settled(3)
    world.end_pod(1, phase)
    world.terminate(1, grace_s=0)
    world.counted("a", "a")
    world.gone(1)
    world.replace(1, "a")
    world.counted("a", "a")

    assert accused_of_nothing(world)


def test_a_pod_that_ended_waits_for_an_unready_lower_one() -> None:
    world = settled(2)
    world.unready(0)
    world.fail(1)
    world.counted("a", "a")
    world.terminate(1, grace_s=0)

    assert breached(world) == ["ordering.create-gate"]


def test_nothing_is_created_above_a_pod_that_ended() -> None:
    world = settled(3)
    world.kill(2)
    world.gone(2)
    world.fail(1)
    world.counted("a", "a")
    world.create_pod(2, "a")

    assert breached(world) == ["ordering.create-gate"]


def test_a_pod_may_be_created_by_a_set_that_was_larger_a_moment_ago() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.spec(replicas=2)
    world.create_pod(2, "a")

    assert breaches(world) == {}


def test_a_pod_may_not_be_created_once_the_status_knows_the_smaller_set() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.spec(replicas=2)
    world.counted("a", "a")
    world.create_pod(2, "a")

    assert breached(world) == ["ordering.range"]


def test_a_raised_start_makes_its_range_first_and_then_condemns_the_low_pods_with_the_high() -> None:
    world = settled(2)
    world.spec(ordinals={"start": 1})
    world.replace(2, "a")
    world.terminate(0)
    world.gone(0)
    world.spec(ordinals={"start": 0}, replicas=1)
    world.counted("a", "a")
    world.replace(0, "a")
    world.terminate(2)
    world.gone(2)
    world.terminate(1)
    world.gone(1)
    world.counted("a", "a")

    assert accused_of_nothing(world)


def test_the_low_pods_of_a_raised_start_wait_for_the_high_ones() -> None:
    world = settled(4)
    world.spec(ordinals={"start": 2}, replicas=1)
    world.terminate(1)

    assert breached(world) == ["ordering.scale-down-order"]


def test_a_start_that_moves_removes_nothing_before_its_range_exists() -> None:
    world = settled(2)
    world.spec(ordinals={"start": 1})
    world.terminate(0)

    assert breached(world) == ["ordering.scale-down-gate"]


def test_a_missing_pod_in_range_is_made_before_a_scale_down() -> None:
    world = settled(3)
    world.kill(0)
    world.gone(0)
    world.spec(replicas=1)
    world.counted("a", "a")
    world.terminate(2)

    assert breached(world) == ["ordering.scale-down-gate"]


def test_a_pod_in_range_may_turn_unready_just_before_a_scale_down_delete() -> None:
    world = settled(3)
    world.spec(replicas=1)
    world.unready(0)
    world.terminate(2)

    assert breaches(world) == {}


def test_condemned_4_is_deleted_while_condemned_2_is_unready() -> None:
    world = settled(5)
    world.spec(replicas=1)
    world.unready(2)
    world.counted("a", "a")
    world.terminate(4)
    world.gone(4)
    world.terminate(3)
    world.gone(3)
    world.terminate(2)
    world.gone(2)
    world.counted("a", "a")

    assert accused_of_nothing(world)


def test_condemned_4_waits_while_it_and_condemned_2_are_unready() -> None:
    world = settled(5)
    world.spec(replicas=1)
    world.unready(2)
    world.unready(4)
    world.counted("a", "a")
    world.terminate(4)

    assert breached(world) == ["ordering.scale-down-unhealthy"]


def test_the_only_unready_condemned_pod_is_deleted() -> None:
    world = settled(3)
    world.spec(replicas=1)
    world.unready(2)
    world.counted("a", "a")
    world.terminate(2)
    world.counted("a", "a")

    assert accused_of_nothing(world)


def test_a_terminating_condemned_pod_below_makes_an_unready_higher_one_wait() -> None:
    world = settled(4)
    world.spec(replicas=1)
    world.kill(1)
    world.unready(3)
    world.counted("a", "a")
    world.terminate(3)

    assert breached(world) == ["ordering.scale-down-unhealthy"]


def test_a_condemned_pod_is_deleted_only_when_the_higher_one_is_gone() -> None:
    world = settled(4)
    world.spec(replicas=1)
    for ordinal in (3, 2, 1):
        world.terminate(ordinal)
        world.counted("a", "a")
        world.gone(ordinal)
        world.counted("a", "a")

    assert accused_of_nothing(world)


def test_the_lowest_condemned_pod_does_not_go_first() -> None:
    world = settled(3)
    world.spec(replicas=1)
    world.terminate(1)

    assert breached(world) == ["ordering.scale-down-order"]


def test_a_pod_of_this_size_may_go_by_a_smaller_size_of_a_moment_ago() -> None:
    world = settled(3)
    world.spec(replicas=2)
    world.spec(replicas=3)
    world.terminate(2)

    assert breaches(world) == {}
