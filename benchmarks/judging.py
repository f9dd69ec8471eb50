"""How fast a recorded run is judged, and in how much memory: `python -m benchmarks.judging [DIR | ENTRIES]`.

DIR is a recorded run; ENTRIES is the length of a night that is made up of a recorded one (200,000 if nothing is given). Objects
and probes are measured apart: what probes cost is the difference that they make. Every thousand entries are timed several times,
and the least times count, so that a busy machine hardly shows. With 1,000,000 ENTRIES or more only the memory is measured.
"""

import gc
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time

import msgspec

from benchmarks.night import night, recorded
from chaos.checkers.judge import fold
from chaos.history import reader, run, seal
from chaos.history.entries import SCHEMA, Entry, Header
from chaos.history.order import CHANGES
from tests.checkers.tamper import renumbered

REPEATS = 5
TOGETHER = 1000
PROBED = ("dns", "http")
WHOLE_NIGHT = 1_000_000


def main(what: str) -> None:
    """Measure, and print a table."""
    if what.isdigit() and int(what) >= WHOLE_NIGHT:
        facts, round = recorded()
        counted = _Counted(night(round, int(what)))
        began, report = _cpu_s(), fold(facts, counted)
        wrong = [name for name, each in report.guarantees.items() if each.verdict == "violated"]
        print(
            f"entries {counted.number}, CPU with making them up {_cpu_s() - began:.0f} s, violated {wrong or 'nothing'}"
        )
    else:
        if what.isdigit():
            facts, round = recorded()
            entries = list(night(round, int(what)))
        else:
            facts, entries = run.read(Path(what)), list(reader.read(Path(what) / reader.FILE))
        _rates(facts, entries)
    print(f"peak memory    {_peak_mb():>8.0f} MB")


class _Counted:
    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.number = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            self.number += 1
            if self.number % WHOLE_NIGHT == 0:
                print(f"{self.number:>9} entries {_peak_mb():>6.0f} MB", flush=True)
            yield entry


def _rates(facts: run.RunInfo, entries: list[Entry]) -> None:
    objects = renumbered(entry for entry in entries if entry.stream not in PROBED)
    events = sum(entry.type in CHANGES for entry in objects)
    probes = len(entries) - len(objects)
    print(
        f"{len(entries)} entries, {events} of them object events, {probes} of probes; of CPU, without and with reading"
    )
    with tempfile.TemporaryDirectory() as place:
        files = _written(Path(place) / "all", entries), _written(Path(place) / "objects", objects)
        judging = _fastest(facts, entries), _fastest(facts, objects)
        whole = _fastest(facts, files[0]), _fastest(facts, files[1])
    for name, number, times in (
        ("object events", events, (judging[1], whole[1])),
        ("probe entries", probes, (judging[0] - judging[1], whole[0] - whole[1])),
        ("all entries", len(entries), (judging[0], whole[0])),
    ):
        print(f"{name:<14} {' '.join(f'{number / seconds:>10.0f} /s' for seconds in times)}")


def _written(file: Path, entries: list[Entry]) -> Path:
    checksum = seal.UNSEALED
    with file.open("wb") as out:
        for each in (Header(SCHEMA, "night", ""), *entries):
            line = msgspec.json.encode(each)
            line = line + b"\n" if isinstance(each, Header) else seal.sealed(line, checksum)
            checksum = seal.after(line, checksum)
            out.write(line)
    return file


def _fastest(facts: run.RunInfo, history: list[Entry] | Path) -> float:
    times = [_judge(facts, history) for _ in range(REPEATS)]
    least: list[float] = [min(each) for each in zip(*times, strict=True)]
    return sum(least)


def _judge(facts: run.RunInfo, history: list[Entry] | Path) -> list[float]:
    """CPU seconds of every `TOGETHER` entries, and of the rest."""
    gc.collect()
    # What was recorded in this process is not the judge's to look through.
    gc.freeze()
    clock = [process_time()]
    fold(facts, _timed(reader.read(history) if isinstance(history, Path) else history, clock))
    clock.append(process_time())
    return [after - before for before, after in pairwise(clock)]


def _timed(entries: Iterable[Entry], clock: list[float]) -> Iterator[Entry]:
    for number, entry in enumerate(entries, start=1):
        yield entry
        if number % TOGETHER == 0:
            clock.append(process_time())


def _peak_mb() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def _cpu_s() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "200000")
