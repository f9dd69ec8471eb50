"""Convergence: what is owed, for how long, and what stalls a set legally (S80-S83)."""

from collections.abc import Callable

import pytest

from chaos.verdict import Judgement
from tests.checkers.scenes.lesson import not_reached, phase, reached
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating, updating_by_hand, walk_waits
from tests.checkers.verdicts import ended, judged
from tests.checkers.world import CLAIM, World


def judged_after(world: World, seconds: float, guarantee: str = "progress.convergence") -> Judgement:
    """What is said of a guarantee, of convergence as a rule, after a phase that stood still for so long."""
    world.show()
    phase(world)
    world.live(seconds)
    not_reached(world, "the time is over")
    return judged(ended(world), guarantee)


def message_after(world: World, seconds: float = 3600.0) -> str:
    """What the phase is said to owe; empty if it is unknown."""
    found = judged_after(world, seconds)
    assert found.verdict == ("violated" if found.findings else "unknown")
    return found.findings[0].message.split(", although")[0] if found.findings else ""


def grown() -> World:
    world = settled(1)
    world.spec(replicas=2)
    return world


def shrunk() -> World:
    world = settled(3)
    world.spec(replicas=2)
    return world


def ended_pod() -> World:
    world = settled(2)
    world.fail(1)
    return world


def missing_below_an_unready_pod() -> World:
    """web-2 is not Ready, and web-1 is gone: what is above does not excuse it (S11)."""
    world = settled(3)
    world.unready(2)
    world.kill(1)
    world.gone(1)
    return world


def unobserved() -> World:
    world = settled(2)
    world.spec(revisionHistoryLimit=3)
    return world


def walk_owed() -> World:
    return updating(2)


def walk_owed_above_the_partition() -> World:
    return updating(2, partition=1)


@pytest.mark.parametrize(
    ("stalled", "owed"),
    [
        (grown, "ordinal 1 is missing"),
        (shrunk, "ordinals [2] are out of range and still there"),
        (missing_below_an_unready_pod, "ordinal 1 is missing"),
        (unobserved, "the newest generation was not observed"),
        (walk_owed, "ordinals [0, 1] are not at web-b"),
        (walk_owed_above_the_partition, "ordinals [1] are not at web-b"),
    ],
)
def test_what_nothing_stalls_is_owed(stalled: Callable[[], World], owed: str) -> None:
    assert message_after(stalled()) == owed


def test_a_pod_that_ended_is_owed_its_end_by_a_guarantee_of_its_own() -> None:
    at_last, too_soon = (judged_after(ended_pod(), seconds, "progress.ended-pods") for seconds in (3600.0, 30.0))

    assert (at_last.verdict, too_soon.verdict) == ("violated", "unknown")
    assert "the pod of ordinal 1 ended and was not replaced" in at_last.findings[0].message
    assert "ended too soon after its pod did" in too_soon.why


def test_a_condemned_pod_that_ended_is_not_one_that_comes_again() -> None:
    world = settled(2)
    world.spec(replicas=1)
    world.fail(1)
    world.counted("a", "a")
    world.terminate(1, grace_s=0)
    world.gone(1)
    world.counted("a", "a")

    assert judged(ended(world), "progress.ended-pods").exercised == 0


def unready_in_range() -> World:
    world = settled(2)
    world.unready(0)
    world.spec(replicas=3)
    return world


def terminating_for_ever() -> World:
    world = settled(2)
    world.kill(0)
    return world


def released_pod_holds_the_name() -> World:
    world = settled(2)
    world.orphan(1)
    return world


def deleting_set() -> World:
    world = settled(2)
    world.kill(1)
    world.gone(1)
    world.set_deleting("foregroundDeletion")
    return world


def no_set() -> World:
    world = settled(1)
    world.delete_set()
    world.set_gone()
    return world


def double_unready_scale_down() -> World:
    world = settled(4)
    world.spec(replicas=1)
    world.unready(1)
    world.unready(3)
    return world


def ended_and_held() -> World:
    """The controller has deleted it; a finalizer holds it."""
    world = ended_pod()
    world.terminate(1, grace_s=0)
    return world


def double_ended_scale_down() -> World:
    world = settled(4)
    world.spec(replicas=1)
    world.fail(1)
    world.fail(3)
    return world


def claim_of_an_earlier_pod() -> World:
    """It went, and nothing tells the controller."""
    world = World(claims=True)
    world.claim(0)
    world.claim(1)
    world.settled(2)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete"})
    world.kill(1)
    world.gone(1)
    return world


def terminating_claim() -> World:
    world = World(claims=True)
    world.claim(0)
    world.claim(1)
    world.settled(2)
    world.change(
        "persistentvolumeclaims", f"{CLAIM}-web-1", {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
    )
    world.kill(1)
    world.gone(1)
    return world


def on_delete() -> World:
    return updating_by_hand(2)


def below_the_partition() -> World:
    return updating(2, partition=2)


@pytest.mark.parametrize(
    "stalled",
    [
        unready_in_range,
        terminating_for_ever,
        released_pod_holds_the_name,
        deleting_set,
        no_set,
        double_unready_scale_down,
        ended_and_held,
        double_ended_scale_down,
        claim_of_an_earlier_pod,
        terminating_claim,
        walk_waits,
        on_delete,
        below_the_partition,
    ],
)
def test_a_legal_stall_is_unknown_however_long(stalled: Callable[[], World]) -> None:
    assert message_after(stalled(), 100_000.0) == ""


@pytest.mark.parametrize(("seconds", "verdict"), [(1000.0, "unknown"), (1100.0, "violated")])
def test_after_the_end_of_a_claim_the_next_retry_may_be_as_far_off_as_the_set_is_old(
    seconds: float, verdict: str
) -> None:
    world = terminating_claim()
    world.live(1000)
    world.remove("persistentvolumeclaims", f"{CLAIM}-web-1")

    assert judged_after(world, seconds).verdict == verdict


def test_a_stall_says_which_phase_was_not_reached() -> None:
    assert judged_after(unready_in_range(), 10).why == "phase lesson was not reached: the time is over"


@pytest.mark.parametrize(("seconds", "verdict"), [(130.0, "unknown"), (190.0, "violated")])
def test_a_set_may_stand_still_as_long_as_its_retries_may_wait(seconds: float, verdict: str) -> None:
    """It is some 100 s old at its last change, so the next retry may be 100 s off; and a minute is for us."""
    world = settled(1)
    world.live(100)
    world.spec(replicas=2)

    assert judged_after(world, seconds).verdict == verdict


def test_every_phase_that_settles_counts() -> None:
    world = settled(2)
    for _ in range(3):
        phase(world)
        reached(world)

    assert judged(ended(world), "progress.convergence") == Judgement("held", False, 3)


def test_one_phase_that_does_not_settle_spoils_the_others() -> None:
    world = settled(2)
    phase(world)
    reached(world)
    world.unready(0)
    phase(world)
    not_reached(world, "web-0 is not Ready")

    found = judged(ended(world), "progress.convergence")

    assert found == Judgement("unknown", False, 1, (), "phase lesson was not reached: web-0 is not Ready")


def test_a_controller_that_is_not_seen_to_run_owes_nothing() -> None:
    world = grown()
    world.show()
    phase(world)
    world.live(10)
    world.wait(3600)
    not_reached(world, "the time is over")

    found = judged(ended(world), "progress.convergence")

    assert found.verdict == "unknown"
    assert "the controller was not seen to run all the time" in found.why


def test_an_event_of_a_failure_says_why_nothing_happens() -> None:
    world = grown()
    world.show()
    phase(world)
    about = {"kind": "StatefulSet", "name": "web"}
    world.add("events", {"metadata": {"name": "e"}, "involvedObject": about, "reason": "FailedCreate", "count": 1})
    world.live(3600)
    not_reached(world, "the time is over")

    found = judged(ended(world), "progress.convergence")

    assert found.verdict == "unknown"
    assert "Events of the set say that the controller failed to act" in found.why


def test_what_is_owed_when_a_phase_ends_by_the_clock_is_owed_too() -> None:
    world = missing_below_an_unready_pod()
    world.show()
    phase(world)
    world.live(3600.0)
    reached(world)

    found = judged(ended(world), "progress.convergence")
    assert found.verdict == "violated"
    assert found.findings[0].message.startswith("ordinal 1 is missing, although nothing stalls the set")


def test_what_is_owed_is_charged_in_the_middle_of_a_phase() -> None:
    world = grown()
    world.show()
    phase(world)
    world.live(3600.0)
    world.show()

    found = judged(ended(world), "progress.convergence")

    assert [each.message.split(", although")[0] for each in found.findings] == ["ordinal 1 is missing"]
