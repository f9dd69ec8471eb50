"""A sample of the planted defects, found by the shipped profiles; `make detection` hunts all."""

import pytest

from chaos.profile.shipped import names as shipped
from tests.embedded.mutants.detection import Kept, is_expected, row, table
from tests.embedded.mutants.hunting import Hunt, hunt, is_named
from tests.embedded.mutants.planting import PACKAGE, Edit, edits

SAMPLE = ("M01", "M15", "M16", "M20", "M46", "M58", "M61")

DEFECT = Edit("M01", "too early", "a.py", "x", "y", ("S9",), ("stress",))
FOUND = Hunt("stress", 7, ("ordering.create-gate",), True, 10, 20.0, 1)
LATE = Hunt("stress", 8, ("status.counters",), False, 30, 61.0, 2)
MISSED = Hunt("stress", 9, (), False, 50, 300.0, 4)


@pytest.mark.parametrize("edit", [each for each in edits() if each.name in SAMPLE], ids=lambda each: each.name)
def test_a_planted_defect_is_found_by_its_guarantee(edit: Edit) -> None:
    assert hunt(edit, 1).named


def test_every_defect_can_be_planted_and_has_a_name_of_its_own() -> None:
    names = [each.name for each in edits()]
    assert len(names) == len(set(names)) >= 60
    assert [
        (each.name, change.file)
        for each in edits()
        for change in each.changes
        if (PACKAGE / "embedded" / change.file).read_text().count(change.find) != 1
    ] == []


def test_every_defect_is_hunted_by_shipped_profiles() -> None:
    assert [each.name for each in edits() if not each.profiles or set(each.profiles) - set(shipped())] == []


def test_a_guarantee_about_another_promise_is_told_in_brackets() -> None:
    assert (is_named(DEFECT, FOUND.found), is_named(DEFECT, LATE.found)) == (True, False)
    assert row(DEFECT, [LATE, FOUND]) == (
        "| M01 | too early | S9 | ordering.create-gate; (status.counters) | stress 8, stress 7 | 2/2 | 20 | 40 s |"
    )


def test_what_nothing_found_is_told_with_the_reason() -> None:
    assert row(DEFECT, [MISSED]) == "| M01 | too early | S9 | not found: unexplained | stress | 0/1 | | |"
    assert "1 of 2 were found in every hunt" in " ".join(
        table([Kept("t", DEFECT, (FOUND,)), Kept("t", DEFECT, (MISSED,))], "t", 1).split()
    )


def test_hunts_of_an_earlier_tree_have_a_star() -> None:
    text = table([Kept("old", DEFECT, (FOUND,)), Kept("t", DEFECT, (FOUND,)), Kept("", DEFECT, ())], "t", 1)

    assert [line.partition(" too")[0] for line in text.splitlines()[-3:]] == ["| *M01 |", "| M01 |", "| M01 |"]
    assert "Those with a star were hunted in an earlier tree." in text
    assert text.splitlines()[-1] == "| M01 | too early | S9 | not hunted | stress | | | |"


def test_a_defect_must_be_found_in_every_hunt_and_named_in_one() -> None:
    assert is_expected(DEFECT, [FOUND, LATE])
    assert not is_expected(DEFECT, [FOUND, MISSED])
    assert not is_expected(DEFECT, [LATE])
