"""The command line: arguments, composition, exit codes."""

from chaos.cli.main import main

__all__ = ["main"]
