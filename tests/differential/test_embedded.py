"""Schedules on the embedded cluster: the same each time, the same end whoever is faster there, and kept for later."""

from pathlib import Path

import pytest

from tests.differential import judging, table
from tests.differential.comparing import Difference, differences
from tests.differential.drawing import draw
from tests.differential.places import on_embedded
from tests.differential.schedule import Schedule

HASTY = [schedule for schedule in map(draw, range(1, 201)) if any(step.until != "settled" for step in schedule.steps)]


def test_the_same_seed_gives_the_same_record() -> None:
    assert on_embedded(draw(3)) == on_embedded(draw(3))


@pytest.mark.parametrize("schedule", HASTY[:12], ids=lambda each: str(each.seed))
def test_operations_that_do_not_wait_for_each_other_end_the_same_whoever_is_faster(schedule: Schedule) -> None:
    first, *others = (on_embedded(schedule, luck) for luck in range(3))

    assert [ending.missing for ending in first.endings if ending.missing] == []
    assert [differences(other, first) for other in others] == [[], []]


def test_what_a_cluster_gave_is_kept_until_the_seed_draws_something_else(tmp_path: Path) -> None:
    record = on_embedded(draw(1))
    judging.keep(tmp_path, record)

    assert judging.kept(tmp_path, record.schedule) == record
    assert judging.kept(tmp_path, draw(2)) is None
    assert judging.kept(tmp_path, Schedule(1, record.schedule.setup, record.schedule.steps[:1])) is None


def test_the_table_counts_every_operation_once_and_names_what_differs() -> None:
    here = [on_embedded(draw(seed)) for seed in (1, 2, 3)]
    text = table.text("2026-01-01", here, here, [Difference(3, 0, "pods/web-0", "ours", "theirs")], lacking=1)
    rows = [
        line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and line.count("|") == 6
    ]

    assert sum(int(row[1]) for row in rows[1:]) == len(here) + sum(len(record.schedule.steps) for record in here)
    assert [row[4] for row in rows if row[0] == table.CREATED] == ["1"]
    assert "seed 3, stretch 0, `pods/web-0`: ours; real: theirs" in text
    assert "3 seeds (1 to 3)" in text
    assert "1 more seeds could not be performed." in text
    assert "Nothing differs." in table.text("2026-01-01", here, here, [], lacking=0)
