"""A small POSIX shell with the commands of busybox, for containers that run scripts."""

from chaos.embedded.shell.environment import Environment, Fetched, NoSuchProgram, Resolved
from chaos.embedded.shell.process import Process

__all__ = ["Environment", "Fetched", "NoSuchProgram", "Process", "Resolved"]
