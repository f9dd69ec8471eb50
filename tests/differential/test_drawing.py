"""Schedules: the same seed draws the same, every kind of operation occurs, and nothing racy is drawn together."""

import msgspec
import pytest

from tests.differential.drawing import MEDDLED, MOST, STEPS, draw, joint
from tests.differential.schedule import (
    AnyOperation,
    DeletePods,
    LoseClaim,
    Meddle,
    Orphan,
    Recreate,
    Scale,
    Schedule,
    SetMinReady,
    SetRetention,
    SetStart,
    SetStrategy,
    SetTemplate,
    Setup,
    Strategy,
    Template,
    Until,
    stretches,
)

ROLLING = Strategy("RollingUpdate", 0)
SET = Setup("OrderedReady", 3, ROLLING)
DELETING = Setup("OrderedReady", 3, ROLLING, has_claims=True, when_scaled="Delete")
BARE = Setup("OrderedReady", 3, Strategy("RollingUpdate"))
ON_DELETE = Setup("OrderedReady", 3, Strategy("OnDelete"))
NEW, NEWER = SetTemplate(Template(1)), SetTemplate(Template(2))


def test_the_same_seed_draws_the_same_schedule_and_another_one_another() -> None:
    assert draw(7) == draw(7)
    assert len({str(draw(seed)) for seed in range(100)}) == 100


def test_a_schedule_is_the_same_after_a_round_trip_through_json() -> None:
    schedules = [draw(seed) for seed in range(50)]

    assert msgspec.json.decode(msgspec.json.encode(schedules), type=list[Schedule]) == schedules


def test_every_kind_of_operation_is_drawn() -> None:
    asked = {Scale, SetTemplate, SetStrategy, SetStart, SetRetention, DeletePods, Orphan, Recreate}

    assert kinds(range(1, MEDDLED)) == asked
    assert kinds(range(MEDDLED, 301)) == asked | {Meddle, LoseClaim, SetMinReady}


def kinds(seeds: range) -> set[type[AnyOperation]]:
    return {type(step.operation) for seed in seeds for step in draw(seed).steps}


def test_every_operation_changes_something_that_is_there() -> None:
    for seed in range(1, 301):
        schedule = draw(seed)
        for before, step in zip(schedule.setups(), schedule.steps, strict=False):
            assert 0 <= before.replicas <= MOST
            match step.operation:
                case DeletePods(ordinals=ordinals):
                    assert ordinals
                    assert set(ordinals) <= set(before.ordinals), schedule
                case Orphan(lost=lost):
                    assert set(lost) <= set(before.ordinals), schedule
                case Meddle(ordinal=ordinal) | LoseClaim(ordinal=ordinal):
                    assert ordinal in before.ordinals, schedule
                case Recreate():
                    pass
                case _:
                    assert step.operation.after(before) != before, schedule


def test_at_most_two_operations_are_under_way_and_the_last_waits_for_the_end() -> None:
    for seed in range(1, 301):
        schedule = draw(seed)
        found = stretches(schedule)
        assert [len(stretch.steps) for stretch in found[:1]] == [0]
        assert {len(stretch.steps) for stretch in found[1:]} <= {1, 2}
        assert [step for stretch in found for step in stretch.steps] == list(schedule.steps)
        assert STEPS[0] <= len(schedule.steps) <= STEPS[1]


@pytest.mark.parametrize(
    ("first", "second", "before", "until"),
    [
        (NEW, NEWER, SET, "observed"),
        (NEW, NEWER, BARE, "settled"),
        (NEW, Scale(2, "spec"), SET, "observed"),
        (Scale(4, "spec"), Scale(2, "spec"), SET, "settled"),
        (Scale(2, "spec"), Scale(1, "spec"), SET, "at once"),
        (Scale(2, "spec"), Scale(1, "spec"), DELETING, "settled"),
        (Scale(4, "spec"), NEW, ON_DELETE, "settled"),
        (Scale(2, "spec"), NEW, ON_DELETE, "at once"),
        (Scale(4, "spec"), DeletePods((3,)), SET, "settled"),
        (DeletePods((1,), 0), Scale(4, "spec"), SET, "settled"),
        (Recreate("Background"), NEW, SET, "settled"),
        (SetStrategy(Strategy("OnDelete")), NEW, SET, "settled"),
    ],
)
def test_what_may_follow_at_once_leaves_no_doubt_about_the_end(
    first: AnyOperation, second: AnyOperation, before: Setup, until: Until
) -> None:
    assert joint(first, second, before) == until


def test_a_stretch_begins_with_what_the_set_was_asked_to_be_then() -> None:
    for schedule in map(draw, range(50)):
        setups = schedule.setups()
        done = 0
        for stretch in stretches(schedule):
            assert stretch.before == setups[done]
            done += len(stretch.steps)
