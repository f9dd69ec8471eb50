"""Hunts every defect planted in the real StatefulSet controller, and writes the table of what found it.

    python -m tests.real.detection [NAME...] [--again]

Takes the cluster in blocks of at most 5 minutes and keeps how each hunt ended in .detection/real, so that it can be interrupted
and resumed. --again hunts those anew that were not found by a guarantee they break. Writes TABLE.md beside this file once all
have been hunted.
"""

import argparse
import platform
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import chaos
from chaos.time import wall
from tests.real.blocks import Block, in_blocks, is_alone
from tests.real.conftest import controller
from tests.real.detection.hunting import (
    HUNT_S,
    RANDOM_S,
    VERSION,
    Hunt,
    Mutant,
    Under,
    forget,
    hunt,
    kept,
    mutants,
    wanted,
)
from tests.real.scoped import vacant

HERE = Path(__file__).parent

AT_ONCE = 3
"""Hunts at the same time, each with a controller of its own for its namespace."""

CLEANUP_S = 50.0
"""What the last cleanup and the return of the built-in controller take beside a hunt."""

HEAD = """# Defects found in the real StatefulSet controller

Each defect is planted in the StatefulSet controller of Kubernetes {version} and hunted by shipped profiles with random seeds on
the real cluster of `../cluster`: first by `nightly`, with {random} s of chaos at random after its corners, and if that does not
find it by a guarantee it breaks, by a profile that is about what it breaks. A run ends at its first violation, a hunt after
{limit:.0f} s of runs; {at_once} hunts go on at once, each with a controller of its own for its namespace. Operations and seconds are
those of all runs of a hunt. `breaks` are the promises by their numbers in the specification; a guarantee that is about another
promise alone is in brackets.

`make detection-real` wrote this on {date}: chaos-sts {chaos}, Python {python}. {found} of {hunted} that were hunted
were found, {nightly} of them within {limit:.0f} s of nightly{left}{equivalent}.

| | defect | how it is planted | breaks | under nightly | under its own profile |
|---|---|---|---|---|---|
"""


def row(mutant: Mutant, nightly: Hunt | None, own: Hunt | None) -> str:
    """A line of the table."""
    start = f"| {mutant.name} | {mutant.defect} | {mutant.planted} | {', '.join(mutant.spec)} |"
    if mutant.equivalent:
        return f"{start} equivalent: {mutant.equivalent} | |"
    return f"{start} {_told(nightly) if nightly else 'not hunted'} |{f' {_told(own)}' if own else ''} |"


def _told(ended: Hunt) -> str:
    names = ", ".join(ended.found)
    found = (names if ended.named else f"({names})") if names else "not found"
    return f"{found}: {ended.profile} {ended.seed}, {ended.operations} operations, {ended.seconds:.0f} s"


def table(done: Sequence[tuple[Mutant, Hunt | None, Hunt | None]]) -> str:
    """TABLE.md."""
    real = [(nightly, own) for mutant, nightly, own in done if not mutant.equivalent]
    hunted = [both for both in real if any(both)]
    alike, left = len(done) - len(real), len(real) - len(hunted)
    head = HEAD.format(
        version=VERSION,
        random=RANDOM_S,
        limit=HUNT_S,
        at_once=AT_ONCE,
        date=wall().date(),
        chaos=chaos.__version__,
        python=platform.python_version(),
        found=sum(any(each and each.found for each in both) for both in hunted),
        hunted=len(hunted),
        nightly=sum(bool(nightly and nightly.found) for nightly, _ in hunted),
        left=f"; {left} are still to be hunted" if left else "",
        equivalent=f"; {alike} more cannot be seen by anybody" if alike else "",
    )
    return head + "".join(row(*each) + "\n" for each in done)


def block(chosen: Sequence[Mutant]) -> None:
    """Hunt what has not been hunted, several at once, as long as a whole hunt fits."""
    time, draws, lock = Block(), random.SystemRandom(), Lock()
    left = iter(
        sorted(((each, under) for each in chosen if (under := wanted(each))), key=lambda both: both[1] == "own")
    )

    def work() -> None:
        for mutant, under in _fitting(left, time, lock):
            ended = hunt(mutant, under, draws)
            sys.stdout.write(f"{mutant.name} under {under}: {_told(ended)}\n")
            sys.stdout.flush()

    with vacant(), ThreadPoolExecutor(AT_ONCE) as pool:
        for each in [pool.submit(work) for _ in range(AT_ONCE)]:
            each.result()


def _fitting(left: Iterator[tuple[Mutant, Under]], time: Block, lock: Lock) -> Iterator[tuple[Mutant, Under]]:
    while time.has(HUNT_S + CLEANUP_S):
        with lock:
            each = next(left, None)
        if each is None:
            return
        yield each


def main(arguments: Sequence[str]) -> int:
    """Hunt these mutants, or all; 1 if one was not found."""
    parser = argparse.ArgumentParser(prog="detection", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args(arguments)
    every = mutants()
    chosen = [each for each in every if not each.equivalent and (not asked.names or each.name in asked.names)]
    if is_alone():
        block(chosen)
        return 0
    for mutant in chosen:
        if asked.again and not _is_named(mutant):
            forget(mutant, "nightly")
            forget(mutant, "own")
        if wanted(mutant):
            controller(VERSION, mutant.name)
    names = [each.name for each in chosen]
    in_blocks(
        "tests.real.detection", names, lambda: sum((2, 1)[wanted(each) == "own"] for each in chosen if wanted(each))
    )
    (HERE / "TABLE.md").write_text(table([(each, kept(each, "nightly"), kept(each, "own")) for each in every]))
    return int(not all(_is_found(each) for each in chosen))


def _is_found(mutant: Mutant) -> bool:
    return any(ended is not None and bool(ended.found) for ended in (kept(mutant, "nightly"), kept(mutant, "own")))


def _is_named(mutant: Mutant) -> bool:
    return any(ended is not None and ended.named for ended in (kept(mutant, "nightly"), kept(mutant, "own")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
