"""Swaps a planted controller in and runs shipped profiles with random seeds until a run is violated or the time is over."""

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from chaos.checkers.catalogue import GUARANTEES
from tests.real.conftest import controller, edits_of, swapped
from tests.real.recorded import record

VERSION = "1.37.2"
HUNT_S = 180.0
"""Of running profiles, for one defect."""

SWAP_S = 20.0
"""What swapping a controller in and out and the last cleanup take beside the hunt."""

LEAST_S = 20.0
"""A run that could last no longer than this is not begun."""

MUTANTS = Path(__file__).parent.parent / "mutants"
KEPT = Path(".detection") / "real"


class Mutant(msgspec.Struct, frozen=True):
    """A planted defect.

    `planted` says how, `spec` which promises it breaks, `profiles` what hunts it; `equivalent` proves that nobody can see it.
    """

    name: str
    defect: str
    planted: str
    spec: tuple[str, ...]
    profiles: tuple[str, ...]
    equivalent: str = ""


class Hunt(msgspec.Struct, frozen=True):
    """How a hunt ended: violated guarantees with a message, over all its runs the operations and the seconds of their histories."""

    digest: str
    profile: str
    seed: int
    found: tuple[str, ...]
    named: bool
    message: str
    operations: int
    seconds: float
    runs: int


def mutants() -> list[Mutant]:
    """All that are planted in the real controller."""
    return msgspec.json.decode((MUTANTS / "mutants.json").read_bytes(), type=list[Mutant])


def kept(mutant: Mutant) -> Hunt | None:
    """How the last hunt of this mutant, as it is planted now, ended."""
    file = KEPT / f"{mutant.name}.json"
    if not file.exists():
        return None
    hunt = msgspec.json.decode(file.read_bytes(), type=Hunt)
    return hunt if hunt.digest == edits_of(mutant.name) else None


def forget(mutant: Mutant) -> None:
    """Have it hunted again."""
    (KEPT / f"{mutant.name}.json").unlink(missing_ok=True)


def hunt(mutant: Mutant, draws: random.Random) -> Hunt:
    """Hunt one mutant and keep how that ended."""
    program = controller(VERSION, mutant.name)
    runs, operations, seconds = 0, 0, 0.0
    violated: dict[str, dict[str, Any]] = {}
    profile, seed = "", 0
    with swapped(program), tempfile.TemporaryDirectory() as place:
        while not violated and HUNT_S - seconds >= LEAST_S:
            profile, seed = mutant.profiles[runs % len(mutant.profiles)], draws.randrange(10**6)
            done = record(profile, seed, Path(place) / str(runs), "--fail-fast", within_s=HUNT_S - seconds)
            if not done.report:
                raise RuntimeError(f"{mutant.name}: {profile} with seed {seed} left no report: {done.text[-2000:]}")
            violated = done.violated
            runs, operations, seconds = runs + 1, operations + done.operations, seconds + done.seconds
    named = any(set(GUARANTEES[name].rules) & set(mutant.spec) for name in violated)
    message = next((each["findings"][0]["message"] for each in violated.values() if each["findings"]), "")
    ended = Hunt(edits_of(mutant.name), profile, seed, tuple(violated), named, message, operations, seconds, runs)
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{mutant.name}.json").write_text(json.dumps(msgspec.to_builtins(ended), indent=1))
    return ended
