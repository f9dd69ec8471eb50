"""Makes a simple command of a script into a function that runs it: its words, and the variables that it alone has."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chaos.embedded.shell import expansion, syntax
from chaos.embedded.shell.outcome import Outcome, Run

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell


def simple(tree: syntax.Simple) -> Run:
    """What runs a command with its assignments, or assignments alone."""
    if not tree.assignments:
        return _call(tree.words) if tree.words else lambda shell: 0
    names = [name for name, _ in tree.assignments]
    values = [expansion.text(word) for _, word in tree.assignments]
    # The status of the last command substitution, if there was one.
    has_command = any(part[0] == "command" for _, word in tree.assignments for part in word)
    call = _call(tree.words) if tree.words else None
    nows = [value.now for value in values if value.now is not None]

    def assigned(shell: "Shell", found: Sequence[str]) -> Outcome:
        if call is not None:
            return _with(shell, dict(zip(names, found, strict=True)), call)
        shell.variables.update(zip(names, found, strict=True))
        return shell.status if has_command else 0

    def run(shell: "Shell") -> Outcome:
        return assigned(shell, [now(shell) for now in nows])

    async def later(shell: "Shell") -> int:
        outcome = assigned(shell, [await value.later(shell) for value in values])
        return outcome if isinstance(outcome, int) else await outcome

    return run if len(nows) == len(values) else later


def _with(shell: "Shell", values: Mapping[str, str], call: Run) -> Outcome:
    """Run a command with variables that it alone has."""
    kept = {name: shell.variables.get(name) for name in values}
    shell.variables.update(values)
    try:
        outcome = call(shell)
    except BaseException:
        shell.restore(kept)
        raise
    if not isinstance(outcome, int):
        return _with_later(shell, outcome, kept)
    shell.restore(kept)
    return outcome


async def _with_later(shell: "Shell", pending: Coroutine[Any, Any, int], kept: Mapping[str, str | None]) -> int:
    try:
        return await pending
    finally:
        shell.restore(kept)


def _call(words: Sequence[syntax.Word]) -> Run:
    fields = expansion.fields(words)
    fields_now = fields.now

    def run(shell: "Shell") -> Outcome:
        assert fields_now is not None
        found = fields_now(shell)
        return shell.call(found) if found else 0

    async def later(shell: "Shell") -> int:
        found = await fields.later(shell)
        outcome = shell.call(found) if found else 0
        return outcome if isinstance(outcome, int) else await outcome

    return run if fields_now is not None else later
