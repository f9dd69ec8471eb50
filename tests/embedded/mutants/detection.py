"""Plants each defect of edits.json in a copy of the package and runs the shipped profiles with random seeds until one finds it.

    python -m tests.embedded.mutants.detection [NAME...]

Writes DETECTION.md beside this file when all are asked for; exits 1 if the outcome is not the expected one.
"""

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

HERE = Path(__file__).parent
PACKAGE = HERE.parents[2] / "chaos"
PROFILES = HERE.parents[2] / "profiles"
TRIES = 5
"""Seeds for each profile of a defect before it counts as missed."""

VIOLATED = 1


class Edit(msgspec.Struct, frozen=True):
    """One defect: `find` occurs once in `file` (below chaos/embedded) and becomes `replace`.

    `spec` are the S-numbers of the promises that it breaks; `profiles` those that must find it; `missed` is why none does yet.
    """

    name: str
    defect: str
    file: str
    find: str
    replace: str
    spec: tuple[str, ...]
    profiles: tuple[str, ...]
    missed: str = ""


class Found(NamedTuple):
    """How a defect was found: by which guarantees, with which seed, after how much simulated time and how many operations."""

    profile: str
    seed: int
    guarantees: tuple[str, ...]
    seconds: float
    operations: int
    tries: int


def edits() -> list[Edit]:
    """All defects."""
    return msgspec.json.decode((HERE / "edits.json").read_bytes(), type=list[Edit])


def plant(edit: Edit, root: Path) -> None:
    """Copy the package and its profiles to `root`, with the defect in it."""
    shutil.copytree(PACKAGE, root / "chaos", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROFILES, root / "profiles")
    file = root / "chaos" / "embedded" / edit.file
    text = file.read_text()
    if text.count(edit.find) != 1:
        raise ValueError(f"{edit.name}: its words are {text.count(edit.find)} times in {edit.file}, not once")
    file.write_text(text.replace(edit.find, edit.replace))


def hunt(edit: Edit, draws: random.Random, tries: int = TRIES) -> Found | None:
    """Run the defect's profiles with fresh seeds until one exits 1."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        plant(edit, root)
        for number in range(1, tries + 1):
            for profile in edit.profiles:
                seed = draws.randrange(2**32)
                folder = root / f"{profile}-{seed}"
                if _run(root, profile, seed, folder) == VIOLATED:
                    return _found(folder, profile, seed, number)
    return None


def _run(root: Path, profile: str, seed: int, folder: Path) -> int:
    arguments = ["run", profile, "--seed", str(seed), "--out", str(folder), "--fail-fast", "--quiet"]
    # From the copy: the folder it runs in comes first on Python's path.
    return subprocess.run(
        [sys.executable, "-m", "chaos", *arguments], cwd=root, capture_output=True, check=False
    ).returncode


def _found(folder: Path, profile: str, seed: int, tries: int) -> Found:
    report = msgspec.json.decode((folder / "report.json").read_bytes())
    violated = tuple(name for name, each in report["guarantees"].items() if each["verdict"] == "violated")
    last = (folder / "history.jsonl").read_bytes().splitlines()[-1]
    operations = sum(report["operations"].values())
    return Found(profile, seed, violated, msgspec.json.decode(last)["t"], operations, tries)


def row(edit: Edit, found: Found | None) -> str:
    """A line of the table."""
    start = f"| {edit.name} | {edit.defect} | {', '.join(edit.spec)} |"
    if found is None:
        return f"{start} not found: {edit.missed or 'unexplained'} | | | |"
    by = ", ".join(found.guarantees)
    return f"{start} {by} | {found.profile} {found.seed} | {found.operations} | {found.seconds:.0f} s |"


HEAD = """# Defects found on the embedded cluster

Each defect is planted in a copy of `chaos/embedded` and hunted by the shipped profiles with random seeds; the run ends at the
first violation. `make detection` writes this table.

| | defect | breaks | found by | profile and seed | operations | simulated |
|---|---|---|---|---|---|---|
"""


def main(names: Sequence[str]) -> int:
    """Hunt these defects, or all; 1 if one is missed without a reason, or found in spite of one."""
    draws = random.Random("detection")
    rows, surprises = [], 0
    for edit in edits():
        if names and edit.name not in names:
            continue
        found = hunt(edit, draws)
        surprises += (found is None) != bool(edit.missed)
        rows.append(row(edit, found))
        sys.stdout.write(rows[-1] + "\n")
        sys.stdout.flush()
    if not names:
        (HERE / "DETECTION.md").write_text(HEAD + "\n".join(rows) + "\n")
    return int(surprises > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
