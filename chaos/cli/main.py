"""`chaos-sts`: the commands, each loaded only when it is called, so that help costs no more than click.

Exit codes: 0 every required guarantee held and none was violated; 1 violated; 2 usage, profile or preflight; 3 inconclusive;
4 internal error (traceback in DIR/crash.txt); 130 and 143 interrupted after cleanup.
"""

import importlib
from typing import Any

import click

from chaos import __version__

COMMANDS = {
    "run": "Run a profile on a cluster and say what held.",
    "check": "Judge a recorded run again, from its files alone.",
    "report": "Show the report of a recorded run.",
    "undo": "Remove what a run that died left behind.",
    "preflight": "Say what a cluster allows, without changing it.",
    "profiles": "List, show and validate profiles.",
    "guarantees": "Show what is judged, and how.",
}
"""Short help by command. Static: click would import every command to show its group's help."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"chaos.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chaos-sts")
def chaos_sts() -> None:
    """Stress a StatefulSet and prove, guarantee by guarantee, what held."""


def main(args: list[str] | None = None) -> Any:
    """Run the command line; exits the process with the code that the command gives."""
    return chaos_sts.main(args=args, prog_name="chaos-sts")
