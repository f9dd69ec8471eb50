"""Runs of shipped profiles against released controllers, and the record of what each gave."""

import random
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from tests.real.conftest import controller, swapped
from tests.real.recorded import Recorded, record

PROFILES = ("nightly", "canary", "parallel", "stress")

NEWEST = (
    "1.26.15",
    "1.27.16",
    "1.28.15",
    "1.29.15",
    "1.30.14",
    "1.31.14",
    "1.32.13",
    "1.33.13",
    "1.34.9",
    "1.35.6",
    "1.36.3",
    "1.37.2",
)
"""The last patch release of each minor release."""

FAULTY = ("1.27.7", "1.28.3")
"""Others, known for a bug of their own."""

AT_ONCE = 4
"""Runs at the same time, each in a namespace of its own."""

RUN_S = 170.0
"""A run that takes longer is interrupted: what it has seen by then is judged."""

KEPT = Path(".detection") / "releases"


class Run(msgspec.Struct, frozen=True):
    """What a run gave: violated guarantees known to be broken in that release, alarms that are not, and its length.

    `known` maps a guarantee to the bug's reference, `alarms` to its first message. `suspects` counts writes that only old
    states explain, without a cause for that.
    """

    profile: str
    seed: int
    seconds: float
    verdict: str
    known: dict[str, str]
    alarms: dict[str, str]
    suspects: int
    operations: int


def runs_of(version: str) -> list[Run]:
    """What is recorded of a release, oldest first."""
    file = KEPT / f"{version}.jsonl"
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=Run) for line in lines]


def hours(runs: Sequence[Run]) -> float:
    """How long they were together."""
    return sum(each.seconds for each in runs) / 3600


def run_together(version: str, profiles: Sequence[str], draws: random.Random) -> list[Run]:
    """Swap a release in, run these profiles at the same time, and record what each gave."""
    asked = [(profile, draws.randrange(10**6)) for profile in profiles]
    with swapped(controller(version)), ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda each: _run(version, *each), asked))
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{version}.jsonl").open("ab") as file:
        for run in done:
            file.write(msgspec.json.encode(run) + b"\n")
    return done


def _run(version: str, profile: str, seed: int) -> Run:
    folder = KEPT / version / f"{profile}-{seed}"
    done = record(profile, seed, folder, "--set", f"target.controller.version={version}", within_s=RUN_S)
    if not done.report:
        raise RuntimeError(f"{version}: {profile} with seed {seed} left no report: {done.text[-2000:]}")
    run = judged(profile, seed, done)
    if not run.alarms and not run.suspects:
        # Only what has to be looked at is kept.
        shutil.rmtree(folder)
    return run


def judged(profile: str, seed: int, done: Recorded) -> Run:
    """What a recorded run gave."""
    known: dict[str, str] = {}
    alarms: dict[str, str] = {}
    for name, each in done.violated.items():
        for finding in each["findings"]:
            place, text = (known, finding["known_bug"]) if finding.get("known_bug") else (alarms, finding["message"])
            place.setdefault(name, text)
    suspects = sum(_suspects(each) for each in done.report["guarantees"].values())
    return Run(profile, seed, done.seconds, done.report["verdict"], known, alarms, suspects, done.operations)


def _suspects(judgement: dict[str, Any]) -> int:
    return str(judgement.get("why", "")).count("suspect: ")
