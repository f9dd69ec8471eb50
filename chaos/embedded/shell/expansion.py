"""How words become fields: parameters, command substitutions, arithmetic, splitting at blanks. File names are not expanded.

A word is looked at once; what comes of that gives its value each time it is run.
"""

import fnmatch
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from chaos.embedded.shell import arithmetic
from chaos.embedded.shell.lexer import quoted_parts
from chaos.embedded.shell.syntax import Word

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

_PARAMETER = re.compile(r"(?P<length>#)?(?P<name>\w+|[?#@*$!-])(?P<op>:?[-=+?]|##?|%%?)?(?P<word>.*)", re.DOTALL)
_SPECIAL = re.compile(r"([*?\[])")

T = TypeVar("T")
S = TypeVar("S")


class ExpansionFault(Exception):
    """A parameter that must be set is not, or an expression makes no sense."""


class Expansion(Generic[T]):
    """What a word gives: `now` does at once, unless a command is run for it; `later` does in any case."""

    __slots__ = ("later", "now")

    def __init__(self, now: Callable[["Shell"], T] | None, later: Callable[["Shell"], Awaitable[T]]) -> None:
        self.now = now
        self.later = later


def text(word: Word) -> Expansion[str]:
    """A word as one string, as in assignments and redirections."""
    return _joined([_part(kind, source) for kind, source, _ in word])


def pattern(word: Word) -> Expansion[str]:
    """A word as a pattern of `fnmatch`: what is quoted in it stands for itself."""
    parts = [
        _mapped(_part(kind, source), lambda value: _SPECIAL.sub(r"[\1]", value)) if quoted else _part(kind, source)
        for kind, source, quoted in word
    ]
    return _joined(parts)


def literal(word: Word) -> str | None:
    """The one field that a word always is; None if it depends on anything."""
    return "".join([part[1] for part in word]) if word and all(kind == "text" for kind, _, _ in word) else None


def fields(words: Sequence[Word]) -> Expansion[list[str]]:
    """The fields of several words."""
    literals = [literal(word) for word in words]
    known = [each for each in literals if each is not None]
    if len(known) == len(words):
        return _at_once(lambda shell: [*known])
    if all(_is_one(word) for word in words):
        return _all([text(word) for word in words])
    makers = [_fields(word) for word in words]
    nows = [maker.now for maker in makers if maker.now is not None]
    if len(nows) == len(makers):
        return _at_once(lambda shell: [field for now in nows for field in now(shell)])

    async def later(shell: "Shell") -> list[str]:
        return [field for maker in makers for field in await _value(maker, shell)]

    return Expansion(None, later)


def _is_one(word: Word) -> bool:
    """Whether it is one field in any case: everything in it is quoted."""
    return bool(word) and all(kind == "text" or (quoted and source != "@") for kind, source, quoted in word)


def _fields(word: Word) -> Expansion[list[str]]:
    if _is_one(word):
        return _mapped(text(word), lambda value: [value])
    if len(word) == 1 and not word[0][2]:
        return _mapped(text(word), str.split)
    values = _all([_part(kind, source) for kind, source, _ in word])
    whole = [quoted or kind == "text" for kind, source, quoted in word]
    are_arguments = [kind == "param" and source == "@" and quoted for kind, source, quoted in word]

    def split(shell: "Shell", found: Sequence[str]) -> list[str]:
        pieces = zip(found, whole, strict=True)
        return _split(
            (shell.arguments, True) if is_list else ([value], is_whole)
            for (value, is_whole), is_list in zip(pieces, are_arguments, strict=True)
        )

    now = values.now
    if now is not None:
        return _at_once(lambda shell: split(shell, now(shell)))

    async def later(shell: "Shell") -> list[str]:
        return split(shell, await values.later(shell))

    return Expansion(None, later)


def _split(pieces: Iterable[tuple[Sequence[str], bool]]) -> list[str]:
    """Fields from what a word is made of: values that stay whole, `$@`, which are several, and those that blanks divide."""
    done: list[str] = []
    open_field: str | None = None
    for values, is_whole in pieces:
        if is_whole:
            for index, value in enumerate(values):
                if index:
                    done.append(open_field or "")
                    open_field = None
                open_field = (open_field or "") + value
            continue
        value = values[0]
        parts = value.split()
        if value[:1].isspace() and open_field is not None:
            done.append(open_field)
            open_field = None
        for index, part in enumerate(parts):
            if index and open_field is not None:
                done.append(open_field)
                open_field = None
            open_field = (open_field or "") + part
        if parts and value[-1:].isspace() and open_field is not None:
            done.append(open_field)
            open_field = None
    return done if open_field is None else [*done, open_field]


def _part(kind: str, source: str) -> Expansion[str]:
    if kind == "text":
        return _at_once(lambda shell: source)
    if kind == "command":
        return _substitution(source)
    return _calculation(source) if kind == "math" else _parameter(source)


def _substitution(source: str) -> Expansion[str]:
    async def later(shell: "Shell") -> str:
        found = shell.output_of(source)
        return found if isinstance(found, str) else await found

    return Expansion(None, later)


def _calculation(source: str) -> Expansion[str]:
    expression = text(tuple(quoted_parts(source)))

    def calculated(shell: "Shell", expanded: str) -> str:
        try:
            return str(arithmetic.value(expanded, shell.variables))
        except arithmetic.BadArithmetic as error:
            raise ExpansionFault(str(error)) from error

    return _used(expression, calculated)


def _parameter(source: str) -> Expansion[str]:
    if source.isidentifier():
        return _at_once(lambda shell: _or_empty(shell, source, shell.variables.get(source)))
    if source.isdigit() and source != "0":
        return _argument(int(source))
    match = _PARAMETER.fullmatch(source)
    if match is None:
        return _at_once(_bad)
    name, operator = match["name"], match["op"] or ""
    if match["length"] and not operator:
        return _at_once(lambda shell: str(len(shell.parameter(name) or "")))
    if not operator:
        return _at_once(lambda shell: _or_empty(shell, name, shell.parameter(name)))
    word = tuple(quoted_parts(match["word"]))
    if operator[-1] in "#%":
        glob = pattern(tuple((kind, inner, False) for kind, inner, _ in word))
        return _used(glob, lambda shell, found: _trimmed(shell.parameter(name) or "", operator, found))
    return _alternative(name, operator, text(word))


def _argument(number: int) -> Expansion[str]:
    def now(shell: "Shell") -> str:
        given = shell.arguments
        return given[number - 1] if number <= len(given) else _or_empty(shell, str(number), None)

    return _at_once(now)


def _alternative(name: str, operator: str, word: Expansion[str]) -> Expansion[str]:
    """${name-word} and its like: the word is expanded only where it counts."""

    def uses_word(value: str | None) -> bool:
        is_set = value is not None and (bool(value) or not operator.startswith(":"))
        return is_set if operator.endswith("+") else not is_set

    def used(shell: "Shell", value: str | None, instead: str) -> str:
        if operator.endswith("="):
            shell.variables[name] = instead
        if operator.endswith("?"):
            raise ExpansionFault(f"{name}: {instead or 'parameter not set'}")
        return instead

    def unused(value: str | None) -> str:
        return "" if operator.endswith("+") else value or ""

    word_now = word.now
    if word_now is not None:

        def now(shell: "Shell") -> str:
            value = shell.parameter(name)
            return used(shell, value, word_now(shell)) if uses_word(value) else unused(value)

        return _at_once(now)

    async def later(shell: "Shell") -> str:
        value = shell.parameter(name)
        return used(shell, value, await word.later(shell)) if uses_word(value) else unused(value)

    return Expansion(None, later)


def _or_empty(shell: "Shell", name: str, value: str | None) -> str:
    if value is None and shell.options["u"]:
        raise ExpansionFault(f"{name}: parameter not set")
    return value or ""


def _bad(shell: "Shell") -> str:
    raise ExpansionFault("bad substitution")


def _trimmed(value: str, operator: str, glob: str) -> str:
    """The value without the shortest or longest prefix or suffix that matches."""
    cuts = range(len(value) + 1)
    if operator.startswith("#"):
        order = cuts if operator == "#" else reversed(cuts)
        return next((value[cut:] for cut in order if fnmatch.fnmatchcase(value[:cut], glob)), value)
    order = reversed(cuts) if operator == "%" else cuts
    return next((value[:cut] for cut in order if fnmatch.fnmatchcase(value[cut:], glob)), value)


def _at_once(now: Callable[["Shell"], T]) -> Expansion[T]:
    async def later(shell: "Shell") -> T:
        return now(shell)

    return Expansion(now, later)


async def _value(expansion: Expansion[T], shell: "Shell") -> T:
    return expansion.now(shell) if expansion.now is not None else await expansion.later(shell)


def _all(parts: Sequence[Expansion[T]]) -> Expansion[list[T]]:
    nows = [part.now for part in parts if part.now is not None]
    if len(nows) == len(parts):
        return _at_once(lambda shell: [now(shell) for now in nows])

    async def later(shell: "Shell") -> list[T]:
        return [await _value(part, shell) for part in parts]

    return Expansion(None, later)


def _joined(parts: Sequence[Expansion[str]]) -> Expansion[str]:
    return parts[0] if len(parts) == 1 else _mapped(_all(parts), "".join)


def _mapped(part: Expansion[S], use: Callable[[S], T]) -> Expansion[T]:
    return _used(part, lambda shell, found: use(found))


def _used(part: Expansion[S], use: Callable[["Shell", S], T]) -> Expansion[T]:
    now = part.now
    if now is not None:
        return _at_once(lambda shell: use(shell, now(shell)))

    async def later(shell: "Shell") -> T:
        return use(shell, await part.later(shell))

    return Expansion(None, later)
