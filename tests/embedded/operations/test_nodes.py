"""Each operation on nodes does on the embedded cluster what its name says, and leaves nodes as they were."""

from pathlib import Path

from chaos.cluster import undo
from tests.embedded.operations.running import Ran, perform


def nodes(ran: Ran) -> list[str]:
    """The names of the nodes."""
    listed = [entry.data["whole"] for entry in ran.entries if entry.stream == "nodes" and entry.type == "listed"]
    return [state["metadata"]["name"] for state in listed]


def test_a_drained_node_loses_its_pods_and_gets_none_until_it_is_uncordoned(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: drain, do: [drain], for: 3s, until: nothing}
  - {name: uncordon, do: [uncordon], until: settled}
  - {name: again, do: [uncordon], until: settled}
""",
    )

    drained = [
        state for name in nodes(ran) for state in ran.states("nodes", name) if state["spec"].get("unschedulable")
    ]
    assert ran.trouble == ""
    assert ran.outcomes("drain")[0] == "ok"
    assert len(ran.outcomes("drain")) > 1
    assert ran.outcomes("uncordon") == ["ok", "skipped"]
    assert drained
    assert ran.created("web-0") + ran.created("web-1") > 2
    assert ran.violated() == []


def test_what_is_cordoned_at_the_end_is_uncordoned(tmp_path: Path) -> None:
    ran = perform(tmp_path, "  - {name: cordon, do: [cordon, {taint: NoSchedule}], until: settled}\n")

    deed = undo.last(tmp_path)
    assert deed is not None
    assert set(deed.nodes) <= set(nodes(ran))
    assert ran.said[-1].startswith(f"node {', '.join(deed.nodes)} is as it was; ")


def test_a_taint_drives_pods_away_until_it_is_gone(tmp_path: Path) -> None:
    ran = perform(
        tmp_path,
        """\
  - {name: taint, do: [taint, {taint: NoExecute}, {taint: NoSchedule}], for: 10s, until: nothing}
  - {name: untaint, do: [untaint], until: settled}
""",
    )

    count = len(nodes(ran))
    assert ran.trouble == ""
    assert ran.outcomes("taint") == [*["ok"] * count, *["skipped"] * (3 - count)]
    assert ran.outcomes("untaint") == ["ok"] * count
    assert ran.created("web-0") + ran.created("web-1") > 2
    assert ran.violated() == []
