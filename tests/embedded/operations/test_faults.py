"""Faults of the embedded control plane, asked for by profiles: they happen, they end, and nothing that holds is called violated."""

from pathlib import Path

import pytest

from chaos.embedded.faults import NAMES
from tests.embedded.operations.running import perform


@pytest.mark.parametrize("fault", NAMES)
def test_a_fault_is_inflicted_and_healed(fault: str, tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        f"""\
  - name: harm
    for: 6s
    tasks:
      - {{inflict: {{fault: {fault}, seconds: 3, share: 0.3, delay: 100ms}}, every: 5s}}
      - {{delete-pods: {{pick: random}}, every: 3s}}
    until: settled
""",
    )

    restarts = [entry for entry in ran.entries if entry.type == "controller-restarted"]
    assert ran.trouble == ""
    assert "ok" in ran.outcomes("inflict")
    assert bool(restarts) == (fault in ("restart-controller", "failover-controller"))
    assert ran.violated() == []


def test_a_fault_that_the_target_does_not_offer_is_skipped_and_the_report_says_so(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: harm, do: [{inflict: {fault: restart-etcd, seconds: 3}}], until: settled}\n")

    assert ran.outcomes("inflict") == ["skipped"]
    assert [note for note in ran.report.notes if note.startswith("restart-etcd was not inflicted: the target offers")]
