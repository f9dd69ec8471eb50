"""`report.json` has the shape that is promised, and the same bytes for the same report."""

from pathlib import Path

import msgspec
import pytest

from chaos.reports import document
from chaos.verdict import Finding, Judgement, Report

REPORT = Report(
    verdict="violated",
    seed=7,
    target={"profile": "p", "statefulset": "web"},
    guarantees={
        "a.held": Judgement("held", True, 3),
        "b.broken": Judgement("violated", True, 2, (Finding("m", (4, 9), ("pods/web-0",)),)),
        "c.unsure": Judgement("unknown", False, 0, (), "too few"),
    },
    operations={"ok": 5, "fail": 1, "unknown": 0},
)


def test_the_shape_is_the_documented_one() -> None:
    assert msgspec.json.decode(document.encode(REPORT)) == {
        "verdict": "violated",
        "seed": 7,
        "target": {"profile": "p", "statefulset": "web"},
        "guarantees": {
            "a.held": {"verdict": "held", "required": True, "exercised": 3, "findings": [], "why": ""},
            "b.broken": {
                "verdict": "violated",
                "required": True,
                "exercised": 2,
                "findings": [{"message": "m", "entries": [4, 9], "objects": ["pods/web-0"], "known_bug": ""}],
                "why": "",
            },
            "c.unsure": {"verdict": "unknown", "required": False, "exercised": 0, "findings": [], "why": "too few"},
        },
        "operations": {"ok": 5, "fail": 1, "unknown": 0},
        "notes": [],
    }


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    document.write(tmp_path, REPORT)

    assert document.read(tmp_path) == REPORT
    assert document.encode(document.read(tmp_path)) == (tmp_path / document.FILE).read_bytes()


def test_a_report_is_replaced_whole_and_no_draft_stays(tmp_path: Path) -> None:
    document.write(tmp_path, REPORT)
    document.write(tmp_path, msgspec.structs.replace(REPORT, seed=8))

    assert document.read(tmp_path).seed == 8
    assert [file.name for file in tmp_path.iterdir()] == [document.FILE]


def test_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / document.FILE).write_text('{"verdict": "maybe"}')

    with pytest.raises(msgspec.MsgspecError):
        document.read(tmp_path)
