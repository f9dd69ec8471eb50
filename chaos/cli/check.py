"""`chaos-sts check DIR`."""

import sys
from pathlib import Path

import click
import msgspec

from chaos.checkers.judge import judge
from chaos.cli import ending
from chaos.history.reader import NotAHistory
from chaos.reports import document
from chaos.reports.text import text


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
def command(folder: Path) -> None:
    """Judge a recorded run again, offline; the same verdict, byte for byte. Writes report.json if there is none."""
    try:
        report = judge(folder)
    except (OSError, NotAHistory, msgspec.MsgspecError) as error:
        ending.fail(f"{folder} holds no recorded run: {error}")
    if not (folder / document.FILE).exists():
        document.write(folder, report)
    click.echo(text(report, folder))
    sys.exit(ending.code(report))
