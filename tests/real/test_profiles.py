"""The shipped profiles on a right controller: everything they require is exercised and held."""

from pathlib import Path

import pytest

from tests.real.conftest import CLUSTER, chaos_sts, run

pytestmark = [pytest.mark.real, pytest.mark.timeout(420)]


def test_tutorial_holds_within_two_minutes_of_its_own_clock(tmp_path: Path) -> None:
    done = run("tutorial", tmp_path / "run", "--seed", "1")

    assert done.violated() == {}
    assert done.code == 0, done.text


@pytest.mark.parametrize("seed", [1])
def test_stress_holds_and_exercises_what_it_requires(tmp_path: Path, seed: int) -> None:
    done = run("stress", tmp_path / "run", "--seed", str(seed))

    assert done.violated() == {}
    assert done.code == 0, done.text
    assert done.report["operations"]["ok"] >= 60


def test_canary_holds(tmp_path: Path) -> None:
    done = run("canary", tmp_path / "run", "--seed", "1")

    assert done.violated() == {}
    assert done.code == 0, done.text


def test_evictions_hold_though_the_node_is_cordoned_and_drained(tmp_path: Path) -> None:
    done = run("evictions", tmp_path / "run", "--seed", "1")

    assert done.violated() == {}
    assert done.code == 0, done.text


def test_faults_of_the_control_plane_are_inflicted_and_excuse_nothing(tmp_path: Path) -> None:
    done = run("control-plane", tmp_path / "run", "--seed", "1", "--fault-command", f"{CLUSTER} {{verb}} {{component}}")

    assert done.violated() == {}
    assert done.code == 0, done.text
    assert "pause-controller was not inflicted" not in done.text


def test_check_gives_the_same_verdict_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run("canary", folder, "--seed", "2")
    live = (folder / "report.json").read_bytes()
    (folder / "report.json").unlink()

    again = chaos_sts("check", folder)

    assert again.returncode == done.code
    assert (folder / "report.json").read_bytes() == live
