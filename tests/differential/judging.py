"""Performs the schedules of many seeds on a real cluster and on the embedded one, and writes TABLE.md about what differs.

    python -m tests.differential.judging [--kubeconfig FILE] [--seeds 1-300] [--at-once 7] [--folder .differential] [--first]

What a real cluster gave is kept in the folder, a file for each seed, and is asked for again only if the seed draws another
schedule by now. Exits 1 if anything differs, 3 if the real cluster did not perform all. Schedules there are under way several
at once, each in a namespace of its own.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio
import msgspec

from chaos import time
from chaos.cluster.port import Cluster, ClusterError
from tests.differential import places, table
from tests.differential.comparing import Difference, differences
from tests.differential.drawing import draw
from tests.differential.performing import Record
from tests.differential.schedule import Schedule
from tests.real.conftest import kubeconfig

HERE = Path(__file__).parent
TRIES = 2
"""A machine that is too busy can break a watch."""

DIFFERENT = 1
INCOMPLETE = 3


def main(arguments: Sequence[str]) -> int:
    """The whole; the exit code."""
    parser = argparse.ArgumentParser(prog="judging", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kubeconfig", type=Path, help="of the real cluster (default: that of tests/real/cluster)")
    parser.add_argument("--seeds", type=_seeds, default=range(1, 301), help="first-last")
    parser.add_argument("--at-once", type=int, default=7, help="schedules under way on the real cluster")
    parser.add_argument("--folder", type=Path, default=Path(".differential"), help="what the real cluster gave")
    parser.add_argument("--first", action="store_true", help="end at the first schedule that differs; write no table")
    chosen = parser.parse_args(arguments)
    schedules = [draw(seed) for seed in chosen.seeds]
    lacking = [each for each in schedules if kept(chosen.folder, each) is None]
    if lacking:
        anyio.run(partial(ask, chosen.kubeconfig or kubeconfig(), lacking, chosen.at_once, chosen.folder))
    there = [record for record in (kept(chosen.folder, each) for each in schedules) if record is not None]
    here, found = compare(there, is_first_enough=chosen.first)
    lacking_still = len(schedules) - len(there)
    if not chosen.first:
        text = table.text(f"{time.wall():%Y-%m-%d}", here, there, found, lacking_still)
        (HERE / "TABLE.md").write_text(text)
    _say(table.summary(here, found))
    if found:
        return DIFFERENT
    return INCOMPLETE if lacking_still else 0


def compare(there: Sequence[Record], *, is_first_enough: bool) -> tuple[list[Record], list[Difference]]:
    """What the same schedules gave on the embedded cluster, and what differs."""
    here: list[Record] = []
    found: list[Difference] = []
    for record in there:
        here.append(places.on_embedded(record.schedule))
        differing = differences(here[-1], record)
        for each in differing:
            _say(str(each))
        if differing:
            _say(f"  seed {record.schedule.seed} is {record.schedule}")
        found += differing
        if found and is_first_enough:
            break
    return here, found


async def ask(config: Path, schedules: Sequence[Schedule], at_once: int, folder: Path) -> None:
    """Perform the schedules on a real cluster and keep what came of each; one that fails again and again is left out."""
    limit = anyio.Semaphore(at_once)
    async with places.real(config) as cluster, anyio.create_task_group() as group:
        for schedule in schedules:
            await limit.acquire()
            group.start_soon(_ask, cluster, schedule, folder, limit)


def kept(folder: Path, schedule: Schedule) -> Record | None:
    """What the real cluster once gave for a schedule."""
    file = _file(folder, schedule)
    if not file.exists():
        return None
    record = msgspec.json.decode(file.read_bytes(), type=Record)
    return record if record.schedule == schedule else None


def keep(folder: Path, record: Record) -> None:
    """Put down what a cluster gave."""
    folder.mkdir(parents=True, exist_ok=True)
    _file(folder, record.schedule).write_bytes(msgspec.json.encode(record))


async def _ask(cluster: Cluster, schedule: Schedule, folder: Path, limit: anyio.Semaphore) -> None:
    try:
        for number in range(1, TRIES + 1):
            record = await _tried(cluster, schedule, number)
            if record is not None:
                keep(folder, record)
                _say(f"seed {schedule.seed}: performed in {record.seconds:.0f} s: {schedule}")
                break
    finally:
        limit.release()


async def _tried(cluster: Cluster, schedule: Schedule, number: int) -> Record | None:
    try:
        return await places.on_real(cluster, schedule, number)
    except* (ClusterError, TimeoutError) as group:
        _say(f"seed {schedule.seed}: try {number}: {group.exceptions[0]!r}")
    return None


def _file(folder: Path, schedule: Schedule) -> Path:
    return folder / f"{schedule.seed}.json"


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
