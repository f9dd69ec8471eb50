"""The value of an arithmetic expression whose parameters are expanded; names in it are variables. Pure."""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\d+|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[-+*/%()<>!]")
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))


class BadArithmetic(Exception):
    """An expression makes no sense."""


def value(source: str, variables: Mapping[str, str]) -> int:
    """What an expression amounts to.

    Raises:
        BadArithmetic: it is none, or divides by zero.
    """
    found, rest = _level(variables, _TOKEN.findall(source), 0)
    if rest:
        raise BadArithmetic("arithmetic syntax error")
    return found


def _level(variables: Mapping[str, str], tokens: list[str], level: int) -> tuple[int, list[str]]:
    if level == len(_LEVELS):
        return _atom(variables, tokens)
    found, tokens = _level(variables, tokens, level + 1)
    while tokens and tokens[0] in _LEVELS[level]:
        operator = tokens[0]
        right, tokens = _level(variables, tokens[1:], level + 1)
        found = _apply(operator, found, right)
    return found, tokens


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
                raise BadArithmetic("divide by zero")
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


def _atom(variables: Mapping[str, str], tokens: list[str]) -> tuple[int, list[str]]:
    if not tokens:
        raise BadArithmetic("arithmetic syntax error")
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        found, rest = _level(variables, rest, 0)
        if not rest or rest[0] != ")":
            raise BadArithmetic("arithmetic syntax error")
        return found, rest[1:]
    if first in "-+!":
        found, rest = _atom(variables, rest)
        return {"-": -found, "+": found, "!": int(not found)}[first], rest
    if first.isdigit():
        return int(first), rest
    set_to = variables.get(first, "0") or "0"
    return (int(set_to) if set_to.lstrip("-").isdigit() else 0), rest
