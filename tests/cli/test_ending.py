"""Exit codes: only a proven violation is 1, only a whole run that held is 0."""

import signal
from typing import Any

import pytest

from chaos.cli.ending import code, code_of_run
from chaos.runner.session import Result
from chaos.verdict import Report, Verdict


def report(verdict: Verdict) -> Report:
    return Report(verdict, 1, {}, {}, {})


@pytest.mark.parametrize(("verdict", "expected"), [("held", 0), ("violated", 1), ("unknown", 3)])
def test_the_code_of_a_verdict(verdict: Verdict, expected: int) -> None:
    assert code(report(verdict)) == code_of_run(Result(report(verdict))) == expected


@pytest.mark.parametrize(
    ("verdict", "ended", "expected"),
    [
        ("held", {"signal": signal.SIGINT}, 130),
        ("unknown", {"signal": signal.SIGTERM}, 143),
        ("violated", {"signal": signal.SIGINT}, 1),
        ("violated", {"trouble": "phase stress was not reached"}, 1),
        ("unknown", {"trouble": "phase stress was not reached"}, 3),
        ("unknown", {"trouble": "no probe", "began": False}, 2),
        ("held", {"leftover": "namespace x stays"}, 0),
    ],
)
def test_how_a_run_ended_comes_after_a_violation_only(verdict: Verdict, ended: dict[str, Any], expected: int) -> None:
    assert code_of_run(Result(report(verdict), **ended)) == expected
