"""`chaos-sts`: the commands, each loaded only when it is called, so that help costs no more than click.

Exit codes: 0 every required guarantee held and none was violated; 1 violated; 2 usage, profile or preflight; 3 inconclusive;
4 internal error (traceback in DIR/crash.txt); 130 and 143 interrupted after cleanup.
"""

import gc
import importlib
import sys
import traceback
from collections.abc import Sequence

import click

from chaos import __version__
from chaos.cli.ending import INTERNAL, USAGE

COMMANDS = {
    "run": "Run a profile, on the embedded cluster or one that is named.",
    "check": "Judge a recorded run again, from its files alone.",
    "report": "Show the report of a recorded run.",
    "undo": "Remove what a run that died left behind.",
    "serve": "Run the embedded cluster for kubectl and others, in real time.",
    "preflight": "Say what a cluster allows, without changing it.",
    "profiles": "List, show and validate profiles.",
    "guarantees": "Show what is judged, and how.",
}
"""Short help by command. Static: click would import every command to show its group's help."""


RARELY = (100_000, 20, 100)
"""When garbage is collected: modules stay, records stay until they are forgotten, and little of what goes is in cycles. At
Python's own thresholds the collector takes a quarter of the start."""


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


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    click's own handling is off: it ends an interrupt and some errors with 1, which here says that a guarantee was violated.

    Raises:
        SystemExit: the command ended with a code of its own.
    """
    gc.set_threshold(*RARELY)
    try:
        code = chaos_sts.main(args=args, prog_name="chaos-sts", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever reads the output has seen enough; without this the interpreter complains again when it flushes.
        sys.stdout = None
        return 0
    except Exception:
        click.echo(f"chaos-sts: internal error\n{traceback.format_exc()}", err=True)
        return INTERNAL
    return code if isinstance(code, int) else 0
