"""Runs the session on both clusters and writes what came of every command: `python -m tests.real.kubectl.table [CHAPTER...]`.

SESSION.md beside this file is written when all chapters are run. Prints what differs; exits 1 if anything does without a known reason.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from tests.real.kubectl.chapters import CHAPTERS
from tests.real.kubectl.comparing import Compared, compared
from tests.real.kubectl.targets import targets, version

FILE = Path(__file__).parent / "SESSION.md"


def main(names: Sequence[str]) -> int:
    """Run, print, write; the exit code."""
    began = monotonic()
    with tempfile.TemporaryDirectory() as folder, targets(Path(folder)) as both:
        kubectl = version(both[0].kubectl)
        found = compared(both, tuple(each for each in CHAPTERS if not names or each.name in names))
    for each in found:
        if each.told:
            known = "" if each.unexcused else " (known)"
            sys.stdout.write("\n".join([f"--- {each.name}{known}: {each.step.argv}", *each.told, ""]))
    same = sum(not each.told for each in found)
    sys.stdout.write(f"{same} of {len(found)} the same, {monotonic() - began:.0f} s, kubectl {kubectl}\n")
    if not names:
        FILE.write_text(document(found, kubectl))
    return int(any(each.unexcused for each in found))


def document(found: Sequence[Compared], kubectl: str) -> str:
    """What came of the session, as Markdown."""
    same = sum(not each.told for each in found)
    head = f"""# One session of kubectl on a real Kubernetes and on the embedded one

Written by `python -m tests.real.kubectl.table`, with kubectl {kubectl}. Of {len(found)} commands {same} end with the same exit code
and print the same, but for drawn names, ages, uids, addresses, times, versions of objects and facts of nodes.

| chapter | command | result |
|---|---|---|
"""
    return head + "".join(_row(each) for each in found)


def _row(each: Compared) -> str:
    result = "same"
    if each.told:
        result = "differs: " + ("; ".join(known.why for known in each.known) or "not known why")
    argv = each.step.argv.replace("|", "\\|")
    return f"| {each.name.partition('/')[0]} | `{argv}` | {result} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
