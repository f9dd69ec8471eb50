"""Errors and verdicts as exit codes."""

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from chaos.verdict import Report

if TYPE_CHECKING:
    # What it imports is too much for the commands that only judge and show.
    from chaos.runner.session import Result

HELD, VIOLATED, USAGE, INCONCLUSIVE, INTERNAL = 0, 1, 2, 3, 4


def code(report: Report) -> int:
    """0 held, 1 violated, 3 unknown."""
    return {"held": HELD, "violated": VIOLATED, "unknown": INCONCLUSIVE}[report.verdict]


def code_of_run(result: "Result") -> int:
    """The exit code of a run: a proven violation before a signal, that before whatever else went wrong."""
    if result.report.verdict == "violated":
        return VIOLATED
    if result.signal:
        return 128 + result.signal
    if not result.began:
        return USAGE
    return code(result.report)


def fail(*lines: str, code: int = USAGE) -> NoReturn:
    """Say why on standard error, a line each, and exit."""
    for line in lines:
        click.echo(line if line.startswith("chaos-sts:") else f"chaos-sts: {line}", err=True)
    sys.exit(code)
