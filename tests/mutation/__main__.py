"""Hunts every mutant of `chaos/checkers` and writes the table of survivors: `python -m tests.mutation [MODULE…]`.

What was noticed once is not hunted again while its function is as it was, nor what was not noticed while the tests are. Two
processes share the work.
"""

import argparse
import functools
import hashlib
import os
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.mutation.hunting import ROOT, Case, Coverage, Hunting, Measuring, cases
from tests.mutation.table import table

PACKAGE = ROOT / "chaos" / "checkers"
TESTS = ("tests/checkers", "--ignore=tests/checkers/test_tampered.py")
"""The unit tests: not those that record runs."""

PLACE = ROOT / ".mutation"
TABLE = Path(__file__).with_name("SURVIVORS.md")
PROCESSES = 2
NEVER = ("not hunted", "")
QUIET = ("-q", "--no-header", "--show-capture=no", "--tb=no", "-p", "no:cacheprovider")


def main() -> int:
    """Measure, hunt in two processes, write the table; 1 if too many survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="only these files of chaos/checkers; all if none is named")
    parser.add_argument("--again", action="store_true", help="measure anew which tests run which line")
    asked = parser.parse_args()
    PLACE.mkdir(exist_ok=True)
    os.chdir(ROOT)
    files = [ROOT / name for name in asked.modules] or sorted(PACKAGE.rglob("*.py"))
    measured = _measured(again=asked.again)
    results = _results()
    todo = [case for case in cases(files) if _is_due(case, results)]
    sys.stderr.write(f"{len(todo)} mutants to hunt\n")
    children = [os.fork() or _hunt(todo[share::PROCESSES], measured, share) for share in range(PROCESSES)]
    for child in children:
        os.waitpid(child, 0)
    results = _results()
    found = [(case, results.get(_id(case), NEVER)[0]) for case in cases(sorted(PACKAGE.rglob("*.py")))]
    TABLE.write_text(table(found))
    counts = Counter(result for _, result in found)
    sys.stderr.write(f"{dict(counts)}: {TABLE}\n")
    return int(10 * counts["killed"] < 9 * (counts.total() - counts["not hunted"]))


def _measured(*, again: bool) -> Coverage:
    file = PLACE / "coverage.json"
    if again or not file.exists():
        measuring = Measuring(PACKAGE)
        child = os.fork()
        if not child:
            # The tests must not have been imported where they are hunted with, nor traced.
            code = pytest.main([*QUIET, *TESTS], plugins=[measuring])
            if not code:
                file.write_bytes(msgspec.json.encode(measuring.result))
            os._exit(int(code))
        if os.waitpid(child, 0)[1]:
            sys.exit("the tests fail as they are")
    return msgspec.json.decode(file.read_bytes(), type=Coverage)


def _hunt(todo: list[Case], measured: Coverage, share: int) -> int:
    with (PLACE / f"results-{share}.jsonl").open("ab", buffering=0) as out:

        def say(case: Case, result: str) -> None:
            line = {"id": _id(case), "tests": _tests(), "key": case.key, "result": result}
            out.write(msgspec.json.encode(line) + b"\n")

        pytest.main([*QUIET, *TESTS], plugins=[Hunting(todo, measured, say)])
    os._exit(0)


def _results() -> dict[str, tuple[str, str]]:
    """What became of each mutant, and with which tests."""
    found = {}
    for file in sorted(PLACE.glob("results-*.jsonl")):
        for line in file.read_bytes().splitlines():
            each = msgspec.json.decode(line)
            found[each["id"]] = each["result"], each["tests"]
    return found


def _is_due(case: Case, results: dict[str, tuple[str, str]]) -> bool:
    """Whether a mutant was not noticed yet, and did not meet these tests."""
    result, tests = results.get(_id(case), NEVER)
    return result != "killed" and tests != _tests()


def _id(case: Case) -> str:
    """A mutant of this very function."""
    return hashlib.sha256(f"{case.key} {case.mutant.whole}".encode()).hexdigest()[:24]


@functools.cache
def _tests() -> str:
    texts = (file.read_bytes() for file in sorted((ROOT / TESTS[0]).rglob("*.py")))
    return hashlib.sha256(b"".join(texts)).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
