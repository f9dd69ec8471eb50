"""What becomes of a verdict when a watch loses one event: `python -m benchmarks.lost_events [RUNS] [EVENTS]`, 12 and 60.

Each of RUNS runs of `stress` is recorded on the embedded cluster, with and without perturbations that a right controller
survives. Of each record EVENTS copies are made that lack one random event of a watch, without a hole in it, and are judged.
"""

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from chaos.checkers.judge import fold
from chaos.cli import main as chaos_sts
from chaos.history import reader, run
from chaos.history.entries import Entry
from chaos.verdict import Report
from tests.checkers.tamper import not_shown

STREAMS = ("pods", "statefulsets", "controllerrevisions", "persistentvolumeclaims", "endpointslices", "services")
RESULTS = ("unknown", "held", "violated")
PROFILE = "stress"


def main(runs: int, events: int) -> None:
    """Print a Markdown table: per stream and type of event, how many losses became what."""
    results: Counter[tuple[str, str]] = Counter()
    silent: Counter[str] = Counter()
    for seed in range(1, runs + 1):
        with tempfile.TemporaryDirectory() as place:
            info, entries = _recorded(seed, Path(place) / "run")
        whole = fold(info, entries)
        chance = random.Random(seed)
        last = next(entry.i for entry in entries if entry.type == "judging-ended")
        may_be_lost = [
            entry.i
            for entry in entries[:last]
            if entry.stream in STREAMS and entry.type in ("added", "modified", "deleted")
        ]
        for at in chance.sample(may_be_lost, min(events, len(may_be_lost))):
            kind = f"{entries[at].stream} {entries[at].type}"
            result = _result(whole, fold(info, not_shown(entries, at)))
            results[kind, result] += 1
            results["all", result] += 1
            if result != "unknown":
                silent[f"{kind}: {_changed(entries[at])}: {result}"] += 1
    print(f"| lost event | times | {' | '.join(RESULTS)} |\n|---|---|---|---|---|")
    for kind in sorted({kind for kind, _ in results}):
        counts = [results[kind, result] for result in RESULTS]
        shares = " | ".join(f"{count} ({100 * count / sum(counts):.0f} %)" for count in counts)
        print(f"| {kind} | {sum(counts)} | {shares} |")
    print("\nNot noticed:\n")
    for what, times in sorted(silent.items(), key=lambda each: -each[1]):
        print(f"- {times} x {what}")


def _recorded(seed: int, folder: Path) -> tuple[run.RunInfo, list[Entry]]:
    try:
        chaos_sts(["run", PROFILE, "--seed", str(seed), "--out", str(folder), "--quiet"])
    except SystemExit:
        pass
    return run.read(folder), list(reader.read(folder / reader.FILE))


def _result(whole: Report, tampered: Report) -> str:
    """violated: something is that was not; unknown: nothing else changed than that guarantees became unknown; held: nothing."""
    before = {name: each.verdict for name, each in whole.guarantees.items()}
    after = {name: each.verdict for name, each in tampered.guarantees.items()}
    if any(after[name] == "violated" != before[name] for name in after):
        return "violated"
    return "held" if before == after else "unknown"


def _changed(entry: Entry) -> str:
    """What the lost event would have told, in a few words: the parts of the object that changed."""
    patch = entry.data.get("patch")
    if patch is None:
        return "a new object"
    parts = [key for key in patch if key != "metadata"]
    return ", ".join([*(key for key in patch["metadata"] if key != "resourceVersion"), *parts]) or "its removal"


if __name__ == "__main__":
    runs, events = [*map(int, sys.argv[1:]), *(12, 60)[len(sys.argv) - 1 :]]
    main(runs, events)
