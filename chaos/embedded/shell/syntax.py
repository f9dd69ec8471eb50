"""The tree of a script."""

from __future__ import annotations

from typing import NamedTuple

from chaos.embedded.shell.lexer import Part

Word = tuple[Part, ...]


class Redirect(NamedTuple):
    """`op` is one of < > >> >& <& <<; `number` the descriptor that it is about."""

    op: str
    number: int
    target: Word


class Simple(NamedTuple):
    """Assignments, words, redirections."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


class Pipeline(NamedTuple):
    """Commands whose output is the next one's input; one alone if it is negated."""

    commands: tuple[Command, ...]
    negated: bool


class AndOr(NamedTuple):
    """Two or more joined by && and ||; each operator belongs to what is after it."""

    first: Command | Pipeline
    rest: tuple[tuple[str, Command | Pipeline], ...]


class Sequence(NamedTuple):
    """What runs one after another, each with whether it runs in the background."""

    items: tuple[tuple[Step, bool], ...]


class Group(NamedTuple):
    """`{ … }`, or `( … )` if it is a subshell."""

    body: Sequence
    is_subshell: bool
    redirects: tuple[Redirect, ...]


class If(NamedTuple):
    """Conditions with their bodies, then the else."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None
    redirects: tuple[Redirect, ...]


class Loop(NamedTuple):
    """while, or until."""

    condition: Sequence
    body: Sequence
    until: bool
    redirects: tuple[Redirect, ...]


class For(NamedTuple):
    """for NAME in WORDS; without words, the arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence
    redirects: tuple[Redirect, ...]


class Case(NamedTuple):
    """A word, and patterns with their bodies."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Sequence], ...]
    redirects: tuple[Redirect, ...]


class Function(NamedTuple):
    """NAME() body."""

    name: str
    body: Command


Command = Simple | Group | If | Loop | For | Case | Function

Step = Command | Pipeline | AndOr
"""A command that stands alone is no pipeline, and a pipeline that stands alone no list: most do, and each level costs."""
