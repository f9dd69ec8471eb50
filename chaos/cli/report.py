"""`chaos-sts report DIR`."""

import sys
from pathlib import Path

import click
import msgspec

from chaos.cli import ending
from chaos.reports import document
from chaos.reports.text import text


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
def command(folder: Path) -> None:
    """Show the report of a run, as it was written when the run ended."""
    try:
        report = document.read(folder)
    except (OSError, msgspec.MsgspecError) as error:
        ending.fail(f"{folder} holds no report ({error}); `chaos-sts check {folder}` judges its history")
    click.echo(text(report, folder))
    sys.exit(ending.code(report))
