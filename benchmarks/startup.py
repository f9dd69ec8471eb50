"""What a command costs before it does anything: `python -m benchmarks.startup`."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from timeit import default_timer

PROGRAM = str(Path(sys.executable).parent / "chaos-sts")
COMMANDS: tuple[tuple[str, Sequence[str]], ...] = (
    ("bare interpreter", (sys.executable, "-c", "pass")),
    ("--help", (PROGRAM, "--help")),
    ("profiles list", (PROGRAM, "profiles", "list")),
    ("guarantees", (PROGRAM, "guarantees")),
    ("run --dry-run", (PROGRAM, "run", "tutorial", "--dry-run")),
)
REPEATS = 9


def main() -> None:
    """Print the median of each command, and its ratio to a bare interpreter."""
    bare = 0.0
    for name, command in COMMANDS:
        cpu_s, wall_s = _median(command)
        bare = bare or cpu_s
        print(f"{name:<18} cpu {cpu_s:5.2f} s  wall {wall_s:5.2f} s  {cpu_s / bare:5.1f} x")


def _median(command: Sequence[str]) -> tuple[float, float]:
    runs = sorted(_once(command) for _ in range(REPEATS))
    return runs[REPEATS // 2]


def _once(command: Sequence[str]) -> tuple[float, float]:
    before, began = getrusage(RUSAGE_CHILDREN), default_timer()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, default_timer() - began


if __name__ == "__main__":
    main()
