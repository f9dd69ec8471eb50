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
from collections.abc import Sequence
from pathlib import Path

import chaos
from chaos.time import wall
from tests.real.blocks import Block, in_blocks, is_alone
from tests.real.conftest import controller
from tests.real.detection.hunting import HUNT_S, SWAP_S, VERSION, Hunt, Mutant, forget, hunt, kept, mutants

HERE = Path(__file__).parent

HEAD = """# Defects found in the real StatefulSet controller

Each defect is planted in the StatefulSet controller of Kubernetes {version} and hunted by shipped profiles with random seeds on
the real cluster of `../cluster`; a run ends at its first violation, a hunt after {limit:.0f} s of runs. Operations and seconds are
those of all runs of the hunt. `breaks` are the promises by their numbers in the specification; a guarantee that is about another
promise alone is in brackets.

`make detection-real` wrote this on {date}: chaos-sts {chaos}, Python {python}. {found} of {hunted} that were hunted
were found{left}{equivalent}.

| | defect | how it is planted | breaks | found by | profile and seed | operations | seconds |
|---|---|---|---|---|---|---|---|
"""


def row(mutant: Mutant, ended: Hunt | None) -> str:
    """A line of the table."""
    start = f"| {mutant.name} | {mutant.defect} | {mutant.planted} | {', '.join(mutant.spec)} |"
    if mutant.equivalent:
        return f"{start} equivalent: {mutant.equivalent} | | | |"
    if ended is None:
        return f"{start} not hunted | | | |"
    last = f"{ended.profile} {ended.seed} | {ended.operations} | {ended.seconds:.0f} |"
    if not ended.found:
        return f"{start} not found | {last}"
    found = ", ".join(ended.found)
    return f"{start} {found if ended.named else f'({found})'} | {last}"


def table(done: Sequence[tuple[Mutant, Hunt | None]]) -> str:
    """TABLE.md."""
    real = [ended for mutant, ended in done if not mutant.equivalent]
    alike = len(done) - len(real)
    head = HEAD.format(
        version=VERSION,
        limit=HUNT_S,
        date=wall().date(),
        chaos=chaos.__version__,
        python=platform.python_version(),
        found=sum(ended is not None and bool(ended.found) for ended in real),
        hunted=sum(ended is not None for ended in real),
        left=f"; {real.count(None)} are still to be hunted" if None in real else "",
        equivalent=f"; {alike} more cannot be seen by anybody" if alike else "",
    )
    return head + "".join(row(mutant, ended) + "\n" for mutant, ended in done)


def block(wanted: Sequence[Mutant]) -> None:
    """Hunt what has not been hunted, as long as a whole hunt fits."""
    time, draws = Block(), random.SystemRandom()
    for mutant in wanted:
        if kept(mutant) is None:
            if not time.has(HUNT_S + SWAP_S):
                return
            sys.stdout.write(row(mutant, hunt(mutant, draws)) + "\n")
            sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Hunt these mutants, or all; 1 if one was not found."""
    parser = argparse.ArgumentParser(prog="detection", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    every = mutants()
    wanted = [each for each in every if not each.equivalent and (not chosen.names or each.name in chosen.names)]
    if is_alone():
        block(wanted)
        return 0
    for mutant in wanted:
        ended = kept(mutant)
        if chosen.again and ended is not None and not ended.named:
            forget(mutant)
        if kept(mutant) is None:
            controller(VERSION, mutant.name)
    names = [each.name for each in wanted]
    in_blocks("tests.real.detection", names, lambda: sum(kept(each) is None for each in wanted))
    (HERE / "TABLE.md").write_text(table([(each, kept(each)) for each in every]))
    return int(any(not ended.found for ended in map(kept, wanted) if ended is not None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
