"""Runs shipped profiles against every released StatefulSet controller, and writes the table of detections and false alarms.

    python -m tests.real.releases [VERSION...] [--hours 0.25]

Takes the cluster in blocks of at most 5 minutes, runs several profiles at once in each, and goes on until every release has been
run for so many hours; what was run is kept in .detection/releases. A violated guarantee that `chaos.checkers.known_bugs` lists
for a release is a detection, any other a false alarm: its run is kept beside the record. Writes TABLE.md beside this file; exits
1 if there was a false alarm.
"""

import argparse
import platform
import random
import sys
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import chaos
from chaos.time import wall
from tests.real.blocks import Block, in_blocks, is_alone
from tests.real.conftest import controller
from tests.real.releases.running import AT_ONCE, FAULTY, NEWEST, PROFILES, RUN_S, Run, hours, run_together, runs_of

HERE = Path(__file__).parent
SWAP_S = 110.0
"""What swapping, starting and the cleanup of the last run take beside a run."""

HEAD = """# Released StatefulSet controllers on the real cluster

The newest patch release of each minor release, and some with known bugs, each in place of the built-in controller of a real
Kubernetes 1.37.2, under {profiles} with random seeds, {at_once} runs at a time. A detection is a violated guarantee that
`chaos/checkers/known_bugs.py` lists for the release; any other violated guarantee is a false alarm. Suspects are writes that only
states older than 10 s explain, without a cause for that in the history.

`python -m tests.real.releases` wrote this on {date}: chaos-sts {chaos}, Python {python}. {hours:.2f} hours of runs together.

| release | runs | hours | operations | detections | false alarms | suspects |
|---|---|---|---|---|---|---|
"""


def row(version: str, runs: Sequence[Run]) -> str:
    """A line of the table."""
    known: dict[str, int] = {}
    alarms: dict[str, int] = {}
    for run in runs:
        for name, reference in run.known.items():
            text = f"{name} ({reference.partition(':')[0]})"
            known[text] = known.get(text, 0) + 1
        for name in run.alarms:
            alarms[name] = alarms.get(name, 0) + 1
    counts = f"{len(runs)} | {hours(runs):.2f} | {sum(run.operations for run in runs)}"
    return f"| {version} | {counts} | {_told(known)} | {_told(alarms)} | {sum(run.suspects for run in runs)} |"


def _told(found: dict[str, int]) -> str:
    return "; ".join(f"{name} in {count}" for name, count in sorted(found.items())) or "none"


def table(done: Sequence[tuple[str, Sequence[Run]]]) -> str:
    """TABLE.md."""
    head = HEAD.format(
        profiles=", ".join(PROFILES),
        at_once=AT_ONCE,
        date=wall().date(),
        chaos=chaos.__version__,
        python=platform.python_version(),
        hours=sum(hours(runs) for _, runs in done),
    )
    return head + "".join(row(version, runs) + "\n" for version, runs in done if runs)


def block(versions: Sequence[str], wanted_h: float) -> None:
    """Run what is least run, as long as runs fit."""
    time, draws = Block(), random.SystemRandom()
    while time.has(RUN_S + SWAP_S):
        version = min(versions, key=lambda each: hours(runs_of(each)))
        done = runs_of(version)
        if hours(done) >= wanted_h:
            return
        profiles = list(islice(cycle(PROFILES), len(done) % len(PROFILES), len(done) % len(PROFILES) + AT_ONCE))
        run_together(version, profiles, draws)
        sys.stdout.write(row(version, runs_of(version)) + "\n")
        sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run these releases, or all; 1 if there was a false alarm."""
    parser = argparse.ArgumentParser(prog="releases", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("versions", nargs="*")
    parser.add_argument("--hours", type=float, default=0.25)
    chosen = parser.parse_args(arguments)
    versions = chosen.versions or [*NEWEST, *FAULTY]
    if is_alone():
        block(versions, chosen.hours)
        return 0
    for version in versions:
        controller(version)

    def left() -> int:
        """Seconds, in whole ones."""
        return sum(max(round((chosen.hours - hours(runs_of(each))) * 3600), 0) for each in versions)

    in_blocks("tests.real.releases", [*versions, "--hours", str(chosen.hours)], left)
    (HERE / "TABLE.md").write_text(table([(each, runs_of(each)) for each in (*NEWEST, *FAULTY)]))
    return int(any(run.alarms for version in versions for run in runs_of(version)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
