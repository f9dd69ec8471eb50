"""Every operation on a real cluster: its requests are understood, its faults happen and are healed, and nothing is accused."""

from pathlib import Path
from typing import get_args

import pytest

from chaos.history import reader
from chaos.history.entries import Entry
from chaos.operations import AnyOperation
from tests.real.conftest import CLUSTER, HERE, run

pytestmark = [pytest.mark.real, pytest.mark.timeout(420)]

REFUSED = {"conflicting-writers", "set-strategy", "evict-pods"}
"""Operations of which one request must be refused: a conflict, a gate that is off, a budget."""


def test_every_operation_does_on_a_real_cluster_what_its_name_says(tmp_path: Path) -> None:
    done = run(
        str(HERE / "operations.yaml"),
        tmp_path / "run",
        "--seed",
        "1",
        "--fault-command",
        f"{CLUSTER} {{verb}} {{component}}",
    )

    found = list(reader.read(tmp_path / "run" / reader.FILE))
    outcomes = outcomes_of(found)
    assert done.violated() == {}
    assert "and everything in it was removed" in done.text
    assert "node node-1 is as it was" in done.text
    assert sorted(outcomes) == sorted(kinds())
    assert {kind for kind, each in outcomes.items() if "ok" not in each} == set()
    assert {kind for kind, each in outcomes.items() if "fail" in each} == REFUSED
    assert [entry.data["operation"]["fault"] for entry in skipped(found)] == ["cut-watches"]


def kinds() -> list[str]:
    """The names of the operations that send requests."""
    names = [each.__struct_config__.tag for each in get_args(AnyOperation)]
    return [str(name) for name in names if name not in ("probe-dns", "probe-http")]


def outcomes_of(entries: list[Entry]) -> dict[str, set[str]]:
    """What became of the requests of each kind of operation."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry.stream == "operations" and entry.type == "end":
            kind = entries[entry.data["start"]].data["operation"]["kind"]
            found.setdefault(kind, set()).add(entry.data["outcome"])
    return found


def skipped(entries: list[Entry]) -> list[Entry]:
    """The operations that were not performed, for other reasons than that they had no target."""
    return [entry for entry in entries if entry.type == "skipped" and entry.data["operation"]["kind"] == "inflict"]
