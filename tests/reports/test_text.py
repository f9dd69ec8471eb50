"""The text says the verdict first, then every guarantee, then the evidence."""

from pathlib import Path

import msgspec

from chaos.reports.text import WIDTH, text
from chaos.verdict import Finding, Judgement, Report

FINDING = Finding("pod web-1 was created although web-0 was not Ready", (12, 40), ("pods/web-1",), "kubernetes#1")

REPORT = Report(
    verdict="violated",
    seed=7,
    target={"profile": "stress", "namespace": "ns", "server": "1.37.2"},
    guarantees={
        "dns.answers": Judgement("unknown", False, 0, (), "exercised 0 of 1 times; add probe-dns " + "word " * 40),
        "identity.pod": Judgement("held", True, 30),
        "ordering.gate": Judgement("violated", True, 9, (FINDING,)),
        "update.walk": Judgement("unknown", True, 1, (), "exercised 1 of 5 times"),
    },
    operations={"ok": 60, "fail": 2, "unknown": 1},
    notes=("a silent action was allowed (3)",),
)


def shown(report: Report) -> list[str]:
    return text(report, Path("runs/x")).splitlines()


def test_the_whole_report() -> None:
    lines = shown(
        msgspec.structs.replace(REPORT, guarantees={**REPORT.guarantees, "dns.answers": Judgement("held", False, 2)})
    )

    assert lines == [
        "VIOLATED: ordering.gate",
        "",
        "guarantee      verdict   required  exercised",
        "ordering.gate  violated  yes               9",
        "update.walk    unknown   yes               1",
        "    exercised 1 of 5 times",
        "identity.pod   held      yes              30",
        "dns.answers    held      no                2",
        "",
        "ordering.gate is violated:",
        "  - pod web-1 was created although web-0 was not Ready",
        "    history entries 12, 40; pods/web-1",
        "    known bug: kubernetes#1",
        "",
        "operations  60 ok, 2 fail, 1 unknown",
        "target      profile stress, namespace ns, server 1.37.2",
        "seed        7",
        "note        a silent action was allowed (3)",
        "files       runs/x: run.json, history.jsonl, report.json",
    ]


def test_why_something_is_unknown_is_wrapped_below_it() -> None:
    lines = shown(REPORT)

    assert max(map(len, lines)) <= WIDTH
    assert "add probe-dns" in "".join(lines)


def test_what_held_says_so_in_the_first_line() -> None:
    held = msgspec.structs.replace(REPORT, verdict="held", guarantees={"identity.pod": Judgement("held", True, 30)})

    assert shown(held)[0] == "HELD: every required guarantee, 1 of 1"


def test_what_was_not_decided_is_counted_in_the_first_line() -> None:
    guarantees = {name: each for name, each in REPORT.guarantees.items() if each.verdict != "violated"}

    unsure = msgspec.structs.replace(REPORT, verdict="unknown", guarantees=guarantees)
    assert shown(unsure)[0] == "UNKNOWN: 1 of 2 required guarantees were not decided"


def test_a_profile_that_requires_nothing_proves_nothing() -> None:
    empty = msgspec.structs.replace(REPORT, verdict="unknown", guarantees={})

    assert shown(empty)[0] == "UNKNOWN: the profile requires no guarantee, so nothing was decided"
