"""Hunts each defect of edits.json several times, and writes the table of what found it after how long.

    python -m tests.embedded.mutants.detection [NAME...] [--hunts 3] [--at-once 2] [--table]

What was hunted is kept in .detection/embedded and not hunted again while package, profiles and defect stay the same, so an
interrupted hunt is resumed. Writes DETECTION.md beside this file once all have been hunted; exits 1 if the outcome is not the
expected one. --table hunts nothing and writes the table from what is kept, with a star where that is of another tree.
"""

import argparse
import hashlib
import platform
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

import chaos
from chaos.embedded.release import Release
from chaos.time import wall
from tests.embedded.mutants.hunting import TRIES, Hunt, hunt
from tests.embedded.mutants.planting import PACKAGE, PROFILES, Edit, edits

HERE = Path(__file__).parent
KEPT = Path(".detection") / "embedded"
HUNTS = 3

HEAD = """# Defects found on the embedded cluster

Each defect is planted in a copy of `chaos/embedded` and hunted by shipped profiles with random seeds: none is written for a
defect. A hunt runs the defect's profiles, one after another, until a run says violated, {tries} times at most; a run ends at
its first violation. Operations and simulated seconds are those of all runs of a hunt, the fruitless ones included, and the
median over {hunts} hunts. `breaks` are the promises by their numbers in the specification; a guarantee that is about another
promise alone is in brackets.

`make detection` wrote this on {date}: chaos-sts {chaos} (tree {tree}), Kubernetes {kubernetes} as it is embedded, Python
{python}. {found} of {all} were found in every hunt. Seeds are drawn from the defect's name and the number of the hunt, and the
last one of each hunt is in the table.{stars}

| | defect | breaks | found by | profiles and seeds | hunts | operations | simulated |
|---|---|---|---|---|---|---|---|
"""


STARS = """
Those with a star were hunted in an earlier tree."""


def tree() -> str:
    """What package and profiles are, as a hash."""
    digest = hashlib.sha256()
    for file in sorted((*PACKAGE.rglob("*.py"), *PROFILES.glob("*.yaml"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


class Kept(msgspec.Struct, frozen=True):
    """The hunts of one defect in one tree."""

    tree: str
    edit: Edit
    hunts: tuple[Hunt, ...]


def last(edit: Edit) -> Kept:
    """What is kept of a defect, of whatever tree."""
    file = KEPT / f"{edit.name}.json"
    return msgspec.json.decode(file.read_bytes(), type=Kept) if file.exists() else Kept("", edit, ())


def hunted(edit: Edit, state: str, wanted: int) -> Kept:
    """The hunts of a defect, made now as far as they are not kept."""
    file, kept = KEPT / f"{edit.name}.json", last(edit)
    hunts = kept.hunts if (kept.tree, kept.edit) == (state, edit) else ()
    for number in range(len(hunts) + 1, wanted + 1):
        hunts = (*hunts, hunt(edit, number))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(Kept(state, edit, hunts)))
    return Kept(state, edit, hunts[:wanted])


def row(edit: Edit, hunts: Sequence[Hunt]) -> str:
    """A line of the table."""
    start = f"| {edit.name} | {edit.defect} | {', '.join(edit.spec)} |"
    caught = [each for each in hunts if each.found]
    if not hunts:
        return f"{start} not hunted | {', '.join(edit.profiles)} | | | |"
    if not caught:
        return f"{start} not found: {edit.missed or 'unexplained'} | {', '.join(edit.profiles)} | 0/{len(hunts)} | | |"
    by = dict.fromkeys(
        ", ".join(each.found) if each.named else f"({', '.join(each.found)})"
        for each in sorted(caught, key=lambda each: not each.named)
    )
    seeds = ", ".join(f"{each.profile} {each.seed}" for each in caught)
    operations = statistics.median(each.operations for each in caught)
    seconds = statistics.median(each.seconds for each in caught)
    return f"{start} {'; '.join(by)} | {seeds} | {len(caught)}/{len(hunts)} | {operations:.0f} | {seconds:.0f} s |"


def is_expected(edit: Edit, hunts: Sequence[Hunt]) -> bool:
    """Whether every hunt found a defect by a guarantee that it breaks, or none one that is said to be missed."""
    if edit.missed:
        return not any(each.found for each in hunts)
    return all(each.found for each in hunts) and any(each.named for each in hunts)


def table(done: Sequence[Kept], state: str, hunts: int) -> str:
    """DETECTION.md."""
    head = HEAD.format(
        tries=TRIES,
        hunts=hunts,
        date=wall().date(),
        chaos=chaos.__version__,
        tree=state,
        kubernetes=Release().version,
        python=platform.python_version(),
        found=sum(bool(kept.hunts) and all(each.found for each in kept.hunts) for kept in done),
        all=len(done),
        stars=STARS if any(kept.hunts and kept.tree != state for kept in done) else "",
    )
    return head + "".join(_starred(row(kept.edit, kept.hunts), kept, state) + "\n" for kept in done)


def _starred(line: str, kept: Kept, state: str) -> str:
    return line.replace("| ", "| *", 1) if kept.hunts and kept.tree != state else line


def main(arguments: Sequence[str]) -> int:
    """Hunt these defects, or all; 1 if one is missed without a reason, or found in spite of one."""
    parser = argparse.ArgumentParser(prog="detection", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--hunts", type=int, default=HUNTS)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.table:
        (HERE / "DETECTION.md").write_text(table([last(each) for each in edits()], tree(), chosen.hunts))
        return 0
    state, done, surprises = tree(), [], 0
    wanted = [each for each in edits() if not chosen.names or each.name in chosen.names]
    with ThreadPoolExecutor(chosen.at_once) as pool:
        for kept in pool.map(lambda edit: hunted(edit, state, chosen.hunts), wanted):
            done.append(kept)
            surprises += not is_expected(kept.edit, kept.hunts)
            sys.stdout.write(row(kept.edit, kept.hunts) + "\n")
            sys.stdout.flush()
    if not chosen.names:
        (HERE / "DETECTION.md").write_text(table(done, state, chosen.hunts))
    return int(surprises > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
