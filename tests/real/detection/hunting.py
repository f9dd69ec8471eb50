"""Runs shipped profiles with random seeds against a planted controller until a run is violated or the time is over."""

import json
import random
import tempfile
from pathlib import Path
from typing import Any, Literal

import msgspec

from chaos.checkers.catalogue import GUARANTEES
from tests.real.conftest import controller, edits_of
from tests.real.recorded import record
from tests.real.scoped import reconciling

VERSION = "1.37.2"
HUNT_S = 180.0
"""Of running profiles, for one hunt of one defect."""

LEAST_S = 20.0
"""A run that could last no longer than this is not begun."""

RANDOM_S = 20
"""How long nightly's random part takes, so that a run fits a hunt: as it is shipped it takes 60 s."""

MUTANTS = Path(__file__).parent.parent / "mutants"
KEPT = Path(".detection") / "real"

Under = Literal["nightly", "own"]
"""Which profiles hunt: nightly, or those of what the defect is about."""


class Mutant(msgspec.Struct, frozen=True):
    """A planted defect.

    `planted` says how, `spec` which promises it breaks, `profiles` what else hunts it; `equivalent` proves that nobody can see it.
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


def kept(mutant: Mutant, under: Under) -> Hunt | None:
    """How the last hunt of this mutant, as it is planted now, ended."""
    file = _file(mutant, under)
    if not file.exists():
        return None
    hunt = msgspec.json.decode(file.read_bytes(), type=Hunt)
    return hunt if hunt.digest == edits_of(mutant.name) else None


def forget(mutant: Mutant, under: Under) -> None:
    """Have it hunted again."""
    _file(mutant, under).unlink(missing_ok=True)


def wanted(mutant: Mutant) -> Under | None:
    """Which hunt comes next: nightly's, then that of its own profiles if nightly found nothing by a guarantee it breaks."""
    nightly = kept(mutant, "nightly")
    if nightly is None:
        return "nightly"
    return "own" if not nightly.named and kept(mutant, "own") is None else None


def hunt(mutant: Mutant, under: Under, draws: random.Random) -> Hunt:
    """Hunt one mutant and keep how that ended. Nobody else is to reconcile StatefulSets meanwhile."""
    program = controller(VERSION, mutant.name)
    profiles = ("nightly",) if under == "nightly" else mutant.profiles
    runs, operations, seconds = 0, 0, 0.0
    violated: dict[str, dict[str, Any]] = {}
    profile, seed = "", 0
    with tempfile.TemporaryDirectory() as place:
        while not violated and HUNT_S - seconds >= LEAST_S:
            profile, seed = profiles[runs % len(profiles)], draws.randrange(10**6)
            folder = Path(place) / str(runs)
            more = ("--for", f"{RANDOM_S}s") if profile == "nightly" else ()
            with reconciling(program, folder):
                done = record(profile, seed, folder, "--fail-fast", *more, within_s=HUNT_S - seconds)
            if not done.report:
                raise RuntimeError(f"{mutant.name}: {profile} with seed {seed} left no report: {done.text[-2000:]}")
            violated = done.violated
            runs, operations, seconds = runs + 1, operations + done.operations, seconds + done.seconds
    named = any(set(GUARANTEES[name].rules) & set(mutant.spec) for name in violated)
    message = next((each["findings"][0]["message"] for each in violated.values() if each["findings"]), "")
    ended = Hunt(edits_of(mutant.name), profile, seed, tuple(violated), named, message, operations, seconds, runs)
    KEPT.mkdir(parents=True, exist_ok=True)
    _file(mutant, under).write_text(json.dumps(msgspec.to_builtins(ended), indent=1))
    return ended


def _file(mutant: Mutant, under: Under) -> Path:
    return KEPT / f"{mutant.name}-{under}.json"
