"""Plants each defect of the embedded cluster in a copy and compares it with what a real cluster gave, until something differs.

    python -m tests.differential.detection [--folder .differential] [--seeds 1-200] [NAME...]

The folder must hold what the real cluster gave for all these seeds (`make differential`). Writes DETECTION.md beside this file
if all defects are asked for.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.differential.judging import DIFFERENT
from tests.embedded.mutants.planting import Edit, edits, plant

HERE = Path(__file__).parent
TESTS = HERE.parent
_FRAME = re.compile(r'File "([^"]+)", line')
_FOUND = re.compile(r"seed (\d+), stretch \d+: ([^:]+): ")

HEAD = """# Defects found by comparing with a real cluster

Each defect is planted in a copy of `chaos/embedded`, and the schedules of seeds 1 to {last} are performed there until one ends
in another state than on the real cluster. `python -m tests.differential.detection` writes this table.

| | defect | first seed | what differs there first |
|---|---|---|---|
"""


class Found(NamedTuple):
    """The first seed that shows a defect, and where it does."""

    seed: str
    where: str


def hunt(edit: Edit, folder: Path, seeds: str) -> Found | None:
    """Compare a planted copy with what is kept in a folder.

    Raises:
        RuntimeError: the copy could not be compared at all.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        plant(edit, root)
        for part in ("differential", "real"):
            shutil.copytree(
                TESTS / part, root / "tests" / part, ignore=shutil.ignore_patterns("__pycache__", "cluster")
            )
        command = [sys.executable, "-m", "tests.differential.judging", "--folder", str(folder.absolute()), "--first"]
        done = subprocess.run([*command, "--seeds", seeds], cwd=root, capture_output=True, text=True, check=False)
        is_crash = _ends_in(done.stderr, root / "chaos" / "embedded")
    if done.returncode == 0:
        return None
    match = _FOUND.search(done.stdout)
    if done.returncode != DIFFERENT or (match is None and not is_crash):
        raise RuntimeError(f"{edit.name}: {done.stdout}{done.stderr}")
    return Found(match[1], match[2]) if match else Found("", "the cluster crashes")


def _ends_in(trace: str, folder: Path) -> bool:
    """Whether a traceback ends in a file of the folder."""
    files = _FRAME.findall(trace)
    return bool(files) and folder in Path(files[-1]).parents


def main(arguments: Sequence[str]) -> int:
    """Hunt these defects, or all."""
    parser = argparse.ArgumentParser(prog="detection", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--folder", type=Path, default=Path(".differential"))
    parser.add_argument("--seeds", default="1-200", help="first-last")
    chosen = parser.parse_args(arguments)
    rows = []
    for edit in edits():
        if chosen.names and edit.name not in chosen.names:
            continue
        found = hunt(edit, chosen.folder, chosen.seeds)
        end = f"{found.seed} | {found.where}" if found else "not found |"
        rows.append(f"| {edit.name} | {edit.defect} | {end} |")
        sys.stdout.write(rows[-1] + "\n")
        sys.stdout.flush()
    if not chosen.names:
        text = HEAD.format(last=chosen.seeds.rpartition("-")[2]) + "\n".join(rows) + "\n"
        (HERE / "DETECTION.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
