"""How fast a history is judged: `python -m benchmarks.judging [DIR]`; without DIR, one of a lagging, correct controller."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from chaos.checkers.controller.rules import rules
from chaos.checkers.judge import fold
from chaos.history import reader, run
from chaos.history.entries import Entry
from chaos.history.order import CHANGES
from tests.checkers.lagging import play
from tests.checkers.world import info

REPEATS = 5


def main(folder: str | None) -> None:
    """Judge the same entries several times and print the fastest."""
    if folder is None:
        world = play(1, rules("1.37.2", {}), steps=8000)
        world.end()
        facts, entries = info(), world.entries
    else:
        facts = run.read(Path(folder))
        entries = list(reader.read(Path(folder) / reader.FILE))
    seconds = min(_judge(facts, entries) for _ in range(REPEATS))
    events = sum(entry.type in CHANGES for entry in entries)
    print(f"entries        {len(entries):>8}  {len(entries) / seconds:>10.0f} /s of CPU")
    print(f"object events  {events:>8}  {events / seconds:>10.0f} /s of CPU")
    print(f"peak memory    {getrusage(RUSAGE_SELF).ru_maxrss / 1024:>8.0f} MB")


def _judge(facts: run.RunInfo, entries: Sequence[Entry]) -> float:
    gc.collect()
    began = _cpu_s()
    fold(facts, entries)
    return _cpu_s() - began


def _cpu_s() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
