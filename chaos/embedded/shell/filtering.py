"""Pipelines of filters behind `printf` or `echo`: what they print depends on nothing but the words of that.

A script that reformats each answer says the same again and again, and each time several commands would be run for it.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chaos.embedded.shell import expansion, syntax
from chaos.embedded.shell.commands import COMMANDS
from chaos.embedded.shell.outcome import Outcome, Run
from chaos.embedded.shell.streams import Buffered, Collected

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

REMEMBERED = 512

_SOURCES = ("printf", "echo")
_FILTERS = {
    "cut": re.compile(r"-d\S -f\d+"),
    "head": re.compile(r"-[cn] \d+"),
    "tail": re.compile(r"-[cn] \d+"),
    "tr": re.compile(r".+ .+", re.DOTALL),
}
"""Filters, with arguments that name no file. They succeed."""


def remembered(tree: syntax.Pipeline, usual: Run) -> Run:
    """What looks the output of a pipeline up, if it is of this kind; else, or where a function has such a name, `usual`."""
    source, *filters = tree.commands
    words = [_literals(each) for each in filters]
    if not all(each and each[0] in _FILTERS and _FILTERS[each[0]].fullmatch(" ".join(each[1:])) for each in words):
        return usual
    if not isinstance(source, syntax.Simple) or source.assignments or source.redirects or len(source.words) < 2:
        return usual
    fields = expansion.fields(source.words).now
    if fields is None or expansion.literal(source.words[0]) not in _SOURCES:
        return usual
    return _looked_up(fields, words, usual)


def _literals(tree: syntax.Command) -> list[str]:
    """The words of a command that is nothing but words; none of any other."""
    if not isinstance(tree, syntax.Simple) or tree.assignments or tree.redirects:
        return []
    words = [expansion.literal(word) for word in tree.words]
    known = [word for word in words if word is not None]
    return known if len(known) == len(words) else []


def _looked_up(fields: "Callable[[Shell], list[str]]", filters: Sequence[list[str]], usual: Run) -> Run:
    names = [*_SOURCES, *(words[0] for words in filters)]
    outputs: dict[tuple[str, ...], bytes] = {}

    def run(shell: "Shell") -> Outcome:
        if any(name in shell.functions for name in names):
            return usual(shell)
        words = tuple(fields(shell))
        found = outputs.get(words)
        if found is None:
            if len(outputs) == REMEMBERED:
                outputs.clear()
            found = outputs[words] = _output(shell, [list(words), *filters])
        shell.output(1)(found)
        return 0

    return run


def _output(shell: "Shell", stages: Sequence[list[str]]) -> bytes:
    data = b""
    for words in stages:
        out = Collected()
        COMMANDS[words[0]](shell.subshell(Buffered(data), out.write), words)
        data = out.data
    return data
