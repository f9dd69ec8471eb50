"""Controllers that are wrong: a real bug of an old release, and planted defects, each found by the guarantee it breaks."""

from pathlib import Path

import pytest

from tests.real.conftest import controller, run, swapped

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("mutant", "profile", "guarantees"),
    [
        ("M01", "stress", {"ordering.create-gate"}),
        ("M09", "stress", {"ordering.scale-down-order"}),
        ("M15", "canary", {"partition.update-floor"}),
        ("M16", "stress", {"partition.create-revision"}),
        ("M20", "tutorial", {"ondelete.no-update-deletes", "update.justified-deletes"}),
    ],
)
def test_a_planted_defect_is_found_by_its_guarantee(
    tmp_path: Path, mutant: str, profile: str, guarantees: set[str]
) -> None:
    with swapped(controller("1.37.2", mutant)):
        done = run(profile, tmp_path / "run", "--seed", "1", "--fail-fast")

    assert done.code == 1, done.text
    assert guarantees & set(done.violated()), done.text


def test_the_completion_bug_of_1_28_3_is_found(tmp_path: Path) -> None:
    """kubernetes#119685: currentRevision jumps to the update revision for a moment; kubectl shows nothing afterwards."""
    with swapped(controller("1.28.3")):
        done = run("canary", tmp_path / "run", "--seed", "1", "--set", "target.controller.version=1.28.3")

    assert done.code == 1, done.text
    found = done.violated()
    assert set(found) & {"status.completion", "partition.current-revision", "partition.create-revision"}
    assert any(
        "resourceVersion" in each["message"] and "expected" in each["message"] for f in found.values() for each in f
    )
