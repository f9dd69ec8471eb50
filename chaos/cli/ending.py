"""Errors and verdicts as exit codes."""

import sys
from typing import NoReturn

import click

from chaos.verdict import Report

HELD, VIOLATED, USAGE, INCONCLUSIVE, INTERNAL = 0, 1, 2, 3, 4


def code(report: Report) -> int:
    """0 held, 1 violated, 3 unknown."""
    return {"held": HELD, "violated": VIOLATED, "unknown": INCONCLUSIVE}[report.verdict]


def fail(*lines: str, code: int = USAGE) -> NoReturn:
    """Say why on standard error, a line each, and exit."""
    for line in lines:
        click.echo(line if line.startswith("chaos-sts:") else f"chaos-sts: {line}", err=True)
    sys.exit(code)
