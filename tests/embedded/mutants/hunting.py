"""Runs the shipped profiles on a planted copy with random seeds, until one of them says violated."""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from chaos.checkers.catalogue import GUARANTEES
from tests.embedded.mutants.planting import Edit, plant

TRIES = 4
"""Seeds for each profile of a defect before it counts as missed."""

VIOLATED = 1


class Hunt(msgspec.Struct, frozen=True):
    """How a hunt ended.

    `found` are the guarantees that were violated when the run ended at its first violation, none if nothing found it; `named`
    says whether one of them is about a promise that the defect breaks. `operations` and simulated `seconds` are those of all
    runs of the hunt, the fruitless ones included.
    """

    profile: str
    seed: int
    found: tuple[str, ...]
    named: bool
    operations: int
    seconds: float
    runs: int


class Run(msgspec.Struct, frozen=True):
    """One run: the guarantees it found violated, its operations, its simulated seconds."""

    found: tuple[str, ...]
    operations: int
    seconds: float


def hunt(edit: Edit, number: int, tries: int = TRIES) -> Hunt:
    """Run the defect's profiles, one after another, with fresh seeds."""
    draws = random.Random(f"{edit.name}/{number}")
    operations, seconds, runs, last = 0, 0.0, 0, ("", 0)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        plant(edit, root)
        for _ in range(tries):
            for profile in edit.profiles:
                last = profile, draws.randrange(10**6)
                run = _run(root, *last, "--fail-fast")
                operations, seconds, runs = operations + run.operations, seconds + run.seconds, runs + 1
                if run.found:
                    return Hunt(*last, run.found, is_named(edit, run.found), operations, seconds, runs)
    return Hunt(*last, (), False, operations, seconds, runs)


def is_named(edit: Edit, found: tuple[str, ...]) -> bool:
    """Whether one of these guarantees is about a promise that the defect breaks."""
    return any(set(GUARANTEES[name].rules) & set(edit.spec) for name in found)


def _run(root: Path, profile: str, seed: int, *more: str) -> Run:
    folder = root / f"{profile}-{seed}"
    arguments = ["run", profile, "--seed", str(seed), "--out", str(folder), "--quiet", *more]
    # From the copy: the folder it runs in comes first on Python's path.
    done = subprocess.run(
        [sys.executable, "-m", "chaos", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if not (folder / "report.json").exists():
        crash = folder / "crash.txt"
        why = crash.read_text() if crash.exists() else done.stderr
        raise RuntimeError(f"{profile} with seed {seed} wrote no report: {why[-2000:]}")
    report = msgspec.json.decode((folder / "report.json").read_bytes())
    found = tuple(name for name, each in report["guarantees"].items() if each["verdict"] == "violated")
    if (done.returncode == VIOLATED) != bool(found):
        raise RuntimeError(f"{profile} with seed {seed} ended with {done.returncode} and found {found}")
    return Run(found, sum(report["operations"].values()), _length_s(folder / "history.jsonl"))


def _length_s(history: Path) -> float:
    """The time of the last entry."""
    with history.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 2**20, 0))
        lines = file.read().splitlines()
    seconds: float = msgspec.json.decode(lines[-1])["t"]
    return seconds
