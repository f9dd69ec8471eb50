"""Simulates many hours of right controllers to which everything legal happens, and counts what looked wrong.

    python -m tests.embedded.hours [--hours 200] [--at-once 2] [RELEASE...]

Runs shipped profiles with perturbations (`tests.embedded.perturbed`), with one seed after another, at the rules of each
release in turn. What was run is kept in .detection/hours and not run again while the package stays the same, so it can be
interrupted and resumed. Writes HOURS.md beside this file; exits 1 if anything was violated.
"""

import argparse
import logging
import platform
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

import msgspec
import structlog

import chaos
from chaos.embedded.release import NEWEST, Release
from chaos.time import wall
from tests.embedded.mutants.detection import tree
from tests.embedded.perturbed import perturbed

HERE = Path(__file__).parent
KEPT = Path(".detection") / "hours"
PROFILES = ("nightly", "stress", "parallel", "storage", "orphan")
LONGEST = "10m"
"""How long the random phase of a profile lasts: a short run is mostly start and end."""

RELEASES = ("1.34", "1.36", "1.37")

HEAD = """# Right controllers under perturbation, simulated

The embedded StatefulSet controller at the rules of each release, under {profiles}
with random phases of {longest} and random seeds, while caches stand still,
watches break, requests are slow, refused or unanswered, and controllers, kubelets and machines pause, die and come back
(`tests/embedded/perturbed.py`). Whatever is violated here is a false alarm. Suspects are writes that only states older than 10 s
explain, without a cause for that in the history.

`python -m tests.embedded.hours` wrote this on {date}: chaos-sts {chaos} (tree {tree}), Python {python}. {hours:.1f} simulated hours
together, {suspects:.2f} suspects per 10 hours.

| release | seeds | runs | simulated hours | held | unknown | violated | suspects |
|---|---|---|---|---|---|---|---|
"""


class Simulated(msgspec.Struct, frozen=True):
    """What one seed gave."""

    profile: str
    seed: int
    verdict: str
    seconds: float
    violated: dict[str, str]
    suspects: int


def simulate(profile: str, seed: int, release: str) -> Simulated:
    """One perturbed run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as place:
        result, seconds = perturbed(profile, seed, Path(place) / "run", Release(NEWEST[release]), LONGEST)
    report = result.report
    violated = {
        name: each.findings[0].message for name, each in report.guarantees.items() if each.verdict == "violated"
    }
    suspects = sum(each.why.count("suspect: ") for each in report.guarantees.values())
    return Simulated(profile, seed, report.verdict, seconds, violated, suspects)


def kept(release: str, state: str) -> list[Simulated]:
    """What is known of a release in this tree."""
    file = KEPT / state / f"{release}.jsonl"
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=Simulated) for line in lines]


def hours(runs: Sequence[Simulated]) -> float:
    """How long they were together."""
    return sum(each.seconds for each in runs) / 3600


def row(release: str, runs: Sequence[Simulated]) -> str:
    """A line of the table."""
    counts = [sum(each.verdict == verdict for each in runs) for verdict in ("held", "unknown", "violated")]
    seeds = f"{min(each.seed for each in runs)}-{max(each.seed for each in runs)}"
    verdicts = " | ".join(map(str, counts))
    suspects = sum(each.suspects for each in runs)
    return f"| {NEWEST[release]} | {seeds} | {len(runs)} | {hours(runs):.1f} | {verdicts} | {suspects} |"


def table(done: Sequence[tuple[str, Sequence[Simulated]]], state: str) -> str:
    """HOURS.md."""
    every = [each for _, runs in done for each in runs]
    head = HEAD.format(
        profiles=", ".join(PROFILES),
        longest=LONGEST,
        date=wall().date(),
        chaos=chaos.__version__,
        tree=state,
        python=platform.python_version(),
        hours=hours(every),
        suspects=sum(each.suspects for each in every) / max(hours(every) / 10, 0.1),
    )
    return head + "".join(row(release, runs) + "\n" for release, runs in done if runs)


def run(releases: Sequence[str], wanted_h: float, at_once: int, state: str) -> None:
    """Simulate, in several processes, until the releases have that many hours together."""
    folder = KEPT / state
    folder.mkdir(parents=True, exist_ok=True)
    done = {release: kept(release, state) for release in releases}
    last = {release: max((each.seed for each in runs), default=0) for release, runs in done.items()}
    busy: dict[Future[Simulated], str] = {}
    with ProcessPoolExecutor(at_once, max_tasks_per_child=50) as pool:
        while busy or sum(map(hours, done.values())) < wanted_h:
            while len(busy) < at_once and sum(map(hours, done.values())) < wanted_h:
                release = min(releases, key=lambda each: hours(done[each]) + 0.03 * list(busy.values()).count(each))
                last[release] += 1
                profile = PROFILES[last[release] % len(PROFILES)]
                busy[pool.submit(simulate, profile, last[release], release)] = release
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                release, found = busy.pop(future), future.result()
                done[release].append(found)
                with (folder / f"{release}.jsonl").open("ab") as file:
                    file.write(msgspec.json.encode(found) + b"\n")
                for name, message in found.violated.items():
                    sys.stdout.write(f"{release} {found.profile} seed {found.seed}: {name}: {message}\n")
                    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Simulate these releases, or all; 1 if anything was violated."""
    parser = argparse.ArgumentParser(prog="hours", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("releases", nargs="*")
    parser.add_argument("--hours", type=float, default=200.0)
    parser.add_argument("--at-once", type=int, default=2)
    chosen = parser.parse_args(arguments)
    state = tree()
    run(chosen.releases or RELEASES, chosen.hours, chosen.at_once, state)
    done = [(release, kept(release, state)) for release in RELEASES]
    (HERE / "HOURS.md").write_text(table(done, state))
    return int(any(each.violated for _, runs in done for each in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
