"""Whole runs on the embedded cluster, judged: right ones hold, and the same seed gives the same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from chaos.cli import main


def run(profile: str, seed: int, folder: Path, *arguments: str) -> int:
    """The exit code of a run."""
    try:
        return main(["run", profile, "--seed", str(seed), "--out", str(folder), "--quiet", *arguments])
    except SystemExit as done:
        return int(done.code or 0)


@pytest.mark.parametrize(("profile", "seed"), [("tutorial", 1), ("canary", 2), ("stress", 3), ("stress", 4)])
def test_a_right_controller_keeps_every_promise(profile: str, seed: int, tmp_path: Path) -> None:
    assert run(profile, seed, tmp_path / "run") == 0

    report = msgspec.json.decode((tmp_path / "run" / "report.json").read_bytes())
    required = {name: each for name, each in report["guarantees"].items() if each["required"]}
    assert {each["verdict"] for each in required.values()} == {"held"}
    assert report["operations"]["unknown"] == 0


@pytest.mark.parametrize(("asked", "version"), [("1.34", "1.34.9"), ("1.36", "1.36.3")])
def test_a_right_controller_of_an_older_release_is_judged_by_the_promises_of_that_release(
    asked: str, version: str, tmp_path: Path
) -> None:
    assert run("stress", 3, tmp_path / "run", "--kubernetes", asked) == 0

    info = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert (info["server"], info["controller"]["version"]) == (version, version)


def test_a_profile_that_names_its_controller_gets_it(tmp_path: Path) -> None:
    assert run("canary", 1, tmp_path / "run", "--set", "target.controller.version=1.36.1", "--for", "5s") in (0, 3)

    assert msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())["server"] == "1.36.1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kubernetes", "1.28"),
        ("--kubernetes", "1.36", "--set", "target.controller.version=1.37.2"),
        ("--kubernetes", "1.36", "--context", "somewhere"),
        ("--set", "target.controller.version=1.28.3"),
    ],
)
def test_a_release_that_cannot_be_played_ends_a_run_before_it_begins(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert run("canary", 1, tmp_path / "run", *arguments) == 2

    assert not (tmp_path / "run").exists()


def test_the_files_alone_give_the_same_verdict(tmp_path: Path) -> None:
    run("canary", 5, tmp_path / "run")
    report = tmp_path / "run" / "report.json"
    before = report.read_bytes()
    report.unlink()

    with pytest.raises(SystemExit) as done:
        sys.exit(main(["check", str(tmp_path / "run")]))

    assert done.value.code in (0, None)
    assert report.read_bytes() == before


def test_the_same_seed_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    digests = []
    for salt in ("1", "2", "3"):
        folder = tmp_path / salt
        command = [sys.executable, "-m", "chaos", "run", "stress", "--seed", "7", "--for", "5s", "--out", str(folder)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": salt}, check=False, capture_output=True)
        files = ("history.jsonl", "report.json")
        digests.append([hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files])

    assert digests[0] == digests[1] == digests[2]


def test_another_seed_gives_another_history(tmp_path: Path) -> None:
    run("canary", 1, tmp_path / "one")
    run("canary", 2, tmp_path / "two")

    assert (tmp_path / "one" / "history.jsonl").read_bytes() != (tmp_path / "two" / "history.jsonl").read_bytes()
