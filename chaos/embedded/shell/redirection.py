"""Redirections: what is opened, closed and copied before a command runs, and put back afterwards."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from chaos.embedded.shell import expansion
from chaos.embedded.shell.outcome import Outcome, Run
from chaos.embedded.shell.streams import ENCODING, ERRORS, Buffered, Input, Output, nowhere, to_file
from chaos.embedded.shell.syntax import Redirect

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

_Open = Callable[["Shell", str], bool]
"""Does one redirection to its target; whether it could be."""


def redirected(run: Run, redirects: tuple[Redirect, ...], *, stays: bool = False) -> Run:
    """A command with its redirections, from left to right; with `stays` they outlast it, as those of `exec` do."""
    if not redirects:
        return run
    openings = [(_opening(each.op, each.number), expansion.text(each.target)) for each in redirects]
    nows = [(opening, target.now) for opening, target in openings if target.now is not None]

    def begun(shell: "Shell") -> Outcome:
        kept = shell.descriptors
        try:
            for opening, target in nows:
                if not opening(shell, target(shell)):
                    shell.descriptors = kept
                    return 1
            outcome = run(shell)
        except BaseException:
            shell.descriptors = kept
            raise
        if not isinstance(outcome, int):
            return _finished(shell, outcome, kept if not stays else None)
        if not stays:
            shell.descriptors = kept
        return outcome

    async def later(shell: "Shell") -> int:
        kept = shell.descriptors
        try:
            for opening, target in openings:
                if not opening(shell, await target.later(shell)):
                    return 1
            outcome = run(shell)
            return outcome if isinstance(outcome, int) else await outcome
        finally:
            if not stays:
                shell.descriptors = kept

    return begun if len(nows) == len(openings) else later


async def _finished(shell: "Shell", outcome: Coroutine[Any, Any, int], kept: "dict[int, Input | Output] | None") -> int:
    try:
        return await outcome
    finally:
        if kept is not None:
            shell.descriptors = kept


def _opening(operator: str, number: int) -> _Open:
    def copied(shell: "Shell", target: str) -> bool:
        if target == "-":
            shell.descriptors = {each: what for each, what in shell.descriptors.items() if each != number}
        elif target.isdigit() and int(target) in shell.descriptors:
            shell.descriptors = {**shell.descriptors, number: shell.descriptors[int(target)]}
        return True

    def opened(shell: "Shell", target: str) -> bool:
        try:
            shell.descriptors = {**shell.descriptors, number: _open(shell, operator, target)}
        except (FileNotFoundError, IsADirectoryError) as error:
            shell.complain(f"{shell.name}: can't open {target}: {error.strerror or 'no such file'}")
            return False
        return True

    return copied if operator in (">&", "<&") else opened


def _open(shell: "Shell", operator: str, target: str) -> Input | Output:
    if operator == "<<":
        return Buffered(target.encode(ENCODING, ERRORS))
    if target == "/dev/null":
        return Buffered() if operator == "<" else nowhere
    if operator == "<":
        return Buffered(shell.environment.files.read(target))
    return to_file(shell.environment.files, target, append=operator == ">>")
