"""Words become fields: parameters, command substitutions, arithmetic, splitting at blanks. File names are not expanded."""

import fnmatch
import re
from typing import TYPE_CHECKING

from chaos.embedded.shell.lexer import quoted_parts
from chaos.embedded.shell.syntax import Word

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

_PARAMETER = re.compile(r"(?P<length>#)?(?P<name>\w+|[?#@*$!-])(?P<op>:?[-=+?]|##?|%%?)?(?P<word>.*)", re.DOTALL)


class ExpansionFault(Exception):
    """A parameter that must be set is not, or an expression makes no sense."""


async def fields(shell: "Shell", words: tuple[Word, ...]) -> list[str]:
    """The fields of several words."""
    found: list[str] = []
    for word in words:
        if len(word) == 1 and word[0][0] == "text":
            found.append(word[0][1])
        else:
            found += await _fields(shell, word)
    return found


async def text(shell: "Shell", word: Word) -> str:
    """A word as one string, as in assignments and redirections."""
    found = ""
    for kind, source, _ in word:
        found += source if kind == "text" else await _value(shell, kind, source)
    return found


async def pattern(shell: "Shell", word: Word) -> str:
    """A word as a pattern of `fnmatch`: what is quoted in it stands for itself."""
    found = ""
    for kind, source, quoted in word:
        value = source if kind == "text" else await _value(shell, kind, source)
        found += re.sub(r"([*?\[])", r"[\1]", value) if quoted else value
    return found


async def _fields(shell: "Shell", word: Word) -> list[str]:
    done: list[str] = []
    open_field: str | None = None
    for kind, source, quoted in word:
        if kind == "param" and source == "@" and quoted:
            for index, argument in enumerate(shell.arguments):
                if index:
                    done.append(open_field or "")
                    open_field = None
                open_field = (open_field or "") + argument
            continue
        value = source if kind == "text" else await _value(shell, kind, source)
        if quoted or kind == "text":
            open_field = (open_field or "") + value
            continue
        pieces = value.split()
        if value[:1].isspace() and open_field is not None:
            done.append(open_field)
            open_field = None
        for index, piece in enumerate(pieces):
            if index and open_field is not None:
                done.append(open_field)
                open_field = None
            open_field = (open_field or "") + piece
        if pieces and value[-1:].isspace() and open_field is not None:
            done.append(open_field)
            open_field = None
    return done if open_field is None else [*done, open_field]


async def _value(shell: "Shell", kind: str, source: str) -> str:
    if kind == "command":
        return await shell.output_of(source)
    if kind == "math":
        return str(await _arithmetic(shell, source))
    value = shell.parameter(source)
    return value if value is not None else await _parameter(shell, source)


async def _parameter(shell: "Shell", source: str) -> str:
    """A parameter that is not simply set: ${x:-word}, ${#x}, ${x%pattern}, or one that is unset."""
    match = _PARAMETER.fullmatch(source)
    if match is None:
        raise ExpansionFault("bad substitution")
    value = shell.parameter(match["name"])
    if match["length"] and not match["op"]:
        return str(len(value or ""))
    operator = match["op"] or ""
    word = tuple(quoted_parts(match["word"])) if operator else ()
    if operator[-1:] in ("#", "%"):
        return _trimmed(value or "", operator, await pattern(shell, _unquoted(word)))
    is_set = value is not None and (bool(value) or not operator.startswith(":"))
    match operator[-1:]:
        case "-":
            return (value or "") if is_set else await text(shell, word)
        case "+":
            return await text(shell, word) if is_set else ""
        case "=":
            if not is_set:
                shell.variables[match["name"]] = value = await text(shell, word)
            return value or ""
        case "?":
            if not is_set:
                raise ExpansionFault(f"{match['name']}: {await text(shell, word) or 'parameter not set'}")
            return value or ""
    if value is None and shell.options["u"]:
        raise ExpansionFault(f"{match['name']}: parameter not set")
    return value or ""


def _unquoted(word: Word) -> Word:
    return tuple((kind, source, False) for kind, source, _ in word)


def _trimmed(value: str, operator: str, glob: str) -> str:
    """The value without the shortest or longest prefix or suffix that matches."""
    cuts = range(len(value) + 1)
    if operator.startswith("#"):
        order = cuts if operator == "#" else reversed(cuts)
        return next((value[cut:] for cut in order if fnmatch.fnmatchcase(value[:cut], glob)), value)
    order = reversed(cuts) if operator == "%" else cuts
    return next((value[:cut] for cut in order if fnmatch.fnmatchcase(value[cut:], glob)), value)


_LEVELS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))


async def _arithmetic(shell: "Shell", source: str) -> int:
    expanded = await text(shell, tuple(quoted_parts(source)))
    tokens = re.findall(r"\d+|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[-+*/%()<>!]", expanded)
    value, rest = _level(shell, tokens, 0)
    if rest:
        raise ExpansionFault("arithmetic syntax error")
    return value


def _level(shell: "Shell", tokens: list[str], level: int) -> tuple[int, list[str]]:
    if level == len(_LEVELS):
        return _atom(shell, tokens)
    value, tokens = _level(shell, tokens, level + 1)
    while tokens and tokens[0] in _LEVELS[level]:
        operator = tokens[0]
        right, tokens = _level(shell, tokens[1:], level + 1)
        value = _apply(operator, value, right)
    return value, tokens


def _apply(operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" | "%":
            if right == 0:
                raise ExpansionFault("divide by zero")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return quotient if operator == "/" else left - quotient * right
        case "&&":
            return int(bool(left and right))
        case "||":
            return int(bool(left or right))
    return int(
        {"==": left == right, "!=": left != right, "<": left < right, ">": left > right}.get(
            operator, left <= right if operator == "<=" else left >= right
        )
    )


def _atom(shell: "Shell", tokens: list[str]) -> tuple[int, list[str]]:
    if not tokens:
        raise ExpansionFault("arithmetic syntax error")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        value, rest = _level(shell, rest, 0)
        if not rest or rest[0] != ")":
            raise ExpansionFault("arithmetic syntax error")
        return value, rest[1:]
    if first in "-+!":
        value, rest = _atom(shell, rest)
        return {"-": -value, "+": value, "!": int(not value)}[first], rest
    if first.isdigit():
        return int(first), rest
    set_to = shell.variables.get(first, "0") or "0"
    return (int(set_to) if set_to.lstrip("-").isdigit() else 0), rest
