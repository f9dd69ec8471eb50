"""Writes docs/violations.md: ten violations as a run prints them, of defects planted in the embedded cluster.

    python -m tools.write_violations

Each defect is planted in a copy of the package, and a shipped profile is run on it with one seed after another until the
guarantee is violated.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chaos.checkers.catalogue import GUARANTEES
from tests.embedded.mutants.planting import Edit, edits, plant

PAGE = Path(__file__).parents[1] / "docs" / "violations.md"
SEEDS = range(1, 9)


class Shown(NamedTuple):
    """A defect by its name, the guarantee that it breaks, and the profile in which it shows."""

    defect: str
    guarantee: str
    profile: str


SHOWN = (
    Shown("M01", "ordering.create-gate", "stress"),
    Shown("M08", "ordering.scale-down-order", "scale"),
    Shown("M12", "update.walk-gate", "stress"),
    Shown("M15", "partition.update-floor", "canary"),
    Shown("M16", "partition.create-revision", "stress"),
    Shown("M18", "status.completion", "stress"),
    Shown("M20", "ondelete.no-update-deletes", "ondelete"),
    Shown("M29", "status.counters", "stress"),
    Shown("M58", "identity.data", "stress"),
    Shown("M64", "dns.answers", "stress"),
)

HEAD = """# Ten violations

What a run says of a controller that is wrong: each of these defects was planted in a copy of the embedded cluster, and the
message is the first that the run printed. A message names the objects with their resourceVersions, what was expected, and why
no state that the controller may have seen explains what it did. `entries` are the lines of `history.jsonl` that prove it.
`python -m tools.write_violations` wrote this page.
"""


def main() -> None:
    """Find all ten and write the page."""
    by_name = {edit.name: edit for edit in edits()}
    PAGE.write_text("\n".join([HEAD, *(section(shown, by_name[shown.defect]) for shown in SHOWN)]))


def section(shown: Shown, edit: Edit) -> str:
    """The part of the page about one defect."""
    seed, found = first(shown, edit)
    evidence = ", ".join(str(entry) for entry in found["entries"])
    return "\n".join(
        [
            f"## {shown.guarantee}",
            "",
            f"{GUARANTEES[shown.guarantee].promise} Planted: {edit.defect} (`chaos-sts run {shown.profile} --seed {seed}`).",
            "",
            f"> {found['message']}",
            "",
            f"objects: {', '.join(found['objects'])}; entries: {evidence}",
            "",
        ]
    )


def first(shown: Shown, edit: Edit) -> tuple[int, Any]:
    """The seed and the finding of the first run in which the guarantee is violated.

    Raises:
        RuntimeError: no run found it.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        plant(edit, root)
        for seed in SEEDS:
            folder = root / f"run-{seed}"
            arguments = ["run", shown.profile, "--seed", str(seed), "--out", str(folder), "--quiet", "--fail-fast"]
            # From the copy: the folder it runs in comes first on Python's path.
            subprocess.run([sys.executable, "-m", "chaos", *arguments], cwd=root, capture_output=True, check=False)
            report = msgspec.json.decode((folder / "report.json").read_bytes())
            findings = report["guarantees"][shown.guarantee]["findings"]
            if findings:
                return seed, findings[0]
    raise RuntimeError(f"{shown.profile} did not find {shown.defect} by {shown.guarantee} with seeds up to {SEEDS[-1]}")


if __name__ == "__main__":
    main()
