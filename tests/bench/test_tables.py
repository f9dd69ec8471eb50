"""What the tables of the bench say of hunts and runs, without a cluster."""

import json

from chaos.profile.shipped import names as shipped
from tests.embedded import hours
from tests.embedded.hours import Simulated
from tests.real.detection import __main__ as detection
from tests.real.detection.hunting import MUTANTS, Hunt, Mutant, mutants
from tests.real.recorded import Recorded
from tests.real.releases import __main__ as releases
from tests.real.releases.running import Run, judged

MUTANT = Mutant("M01", "too early", "a gate is open", ("S9",), ("stress",))
FOUND = Hunt("0a", "stress", 7, ("ordering.create-gate",), True, "web-1 came early", 12, 33.4, 1)


def test_every_real_mutant_is_described_planted_and_hunted_by_shipped_profiles() -> None:
    described = [each.name for each in mutants()]
    planted = sorted(file.stem for file in MUTANTS.glob("M*.json"))
    assert described == planted
    assert [each.name for each in mutants() if not each.profiles or set(each.profiles) - set(shipped())] == []
    assert all({"file", "find", "replace"} <= set(edit) for name in planted for edit in _edits(name))


def _edits(name: str) -> list[dict[str, str]]:
    edits: list[dict[str, str]] = json.loads((MUTANTS / f"{name}.json").read_text())
    return edits


def test_a_defect_is_a_line_that_says_who_found_what_after_how_long() -> None:
    start = "| M01 | too early | a gate is open | S9 |"
    other = Hunt("0a", "nightly", 7, ("status.counters",), False, "", 12, 33.4, 1)
    nothing = Hunt("0a", "nightly", 8, (), False, "", 90, 180.0, 2)
    found = "ordering.create-gate: stress 7, 12 operations, 33 s"

    assert detection.row(MUTANT, FOUND, None) == f"{start} {found} | |"
    assert detection.row(MUTANT, other, FOUND) == (
        f"{start} (status.counters): nightly 7, 12 operations, 33 s | {found} |"
    )
    assert detection.row(MUTANT, nothing, None) == f"{start} not found: nightly 8, 90 operations, 180 s | |"
    assert detection.row(MUTANT, None, None) == f"{start} not hunted | |"


def test_what_nightly_finds_and_equivalent_mutants_are_counted_apart() -> None:
    nothing = Hunt("0a", "nightly", 8, (), False, "", 90, 180.0, 2)
    alike = Mutant("M02", "nothing", "nowhere", ("S9",), ("stress",), equivalent="nobody can tell")

    text = " ".join(
        detection.table(
            [
                (MUTANT, FOUND, None),
                (MUTANT, nothing, FOUND),
                (MUTANT, nothing, nothing),
                (MUTANT, None, None),
                (alike, None, None),
            ]
        ).split()
    )

    assert (
        "2 of 3 that were hunted were found, 1 of them within 180 s of nightly; 1 are still to be hunted; "
        "1 more cannot be seen by anybody"
    ) in text
    assert "| M02 | nothing | nowhere | S9 | equivalent: nobody can tell | |" in text


def test_a_violation_that_is_known_of_a_release_is_a_detection_and_any_other_an_alarm() -> None:
    report = {
        "verdict": "violated",
        "operations": {"ok": 9, "fail": 1, "unknown": 0},
        "guarantees": {
            "status.completion": {
                "verdict": "violated",
                "findings": [{"message": "too early", "known_bug": "kubernetes#119685: an update"}],
            },
            "dns.answers": {"verdict": "violated", "findings": [{"message": "a stranger's address", "known_bug": ""}]},
            "update.walk-order": {"verdict": "unknown", "findings": [], "why": "suspect: a; suspect: b; else"},
        },
    }

    run = judged("stress", 5, Recorded(1, report, 60.0, ""))

    assert run == Run(
        "stress",
        5,
        60.0,
        "violated",
        {"status.completion": "kubernetes#119685: an update"},
        {"dns.answers": "a stranger's address"},
        2,
        10,
    )
    assert releases.row("1.28.3", [run]) == (
        "| 1.28.3 | 1 | 0.02 | 10 | status.completion (kubernetes#119685) in 1 | dns.answers in 1 | 2 |"
    )


def test_simulated_hours_are_summed_by_release() -> None:
    runs = [
        Simulated("stress", 1, "held", 3600.0, {}, 0),
        Simulated("stress", 2, "unknown", 1800.0, {}, 1),
    ]

    assert hours.row("1.36", runs) == "| 1.36.3 | 1-2 | 2 | 1.5 | 1 | 1 | 0 | 1 |"
    assert "1.5 simulated hours together, 6.67 suspects per 10 hours" in " ".join(
        hours.table([("1.36", runs), ("1.37", [])], "t").split()
    )
