"""Label selectors as they stand in URLs: `app=nginx,tier notin (a, b),!canary`. Pure.

Source: k8s.io/apimachinery 0.37.2 pkg/labels/selector.go, whose grammar and refusals these are.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chaos.embedded.api.errors import bad_request
from chaos.embedded.interface import Json

Labels = Mapping[str, str]

_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|[=!(),<>])|(?P<word>[^\s=!(),<>]+))")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_OF_NAMES = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME.pattern}')"
)
_OF_KEYS = f"a valid label key {_OF_NAMES} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_VALUE.pattern}')"
)
_OPERATORS = ("in", "notin", "=", "==", "!=", ">", "<")


class _Requirement(NamedTuple):
    """`operator` is one of those of the grammar, `exists` or `!`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Labels) -> bool:
        """Whether labels fit."""
        value = labels.get(self.key)
        match self.operator:
            case "exists":
                return value is not None
            case "!":
                return value is None
            case "notin" | "!=":
                return value not in self.values
            case ">" | "<":
                return value is not None and _compares(value, self.operator, self.values[0])
        return value in self.values


class _Unparsed(Exception):
    """A requirement cannot be understood."""


def label_selector(text: str) -> Callable[[Json], bool] | None:
    """The predicate of a selector on objects; None if it selects everything.

    Raises:
        ApiError: 400, it cannot be parsed.
    """
    tokens = _Tokens(text)
    found: list[_Requirement] = []
    while not tokens.is_over:
        if tokens.next in _SYMBOLS and tokens.next != "!":
            raise bad_request(f"found '{tokens.next}', expected: !, identifier, or 'end of string'")
        try:
            found.append(_requirement(tokens))
        except _Unparsed as error:
            raise bad_request(f"unable to parse requirement: {error}") from error
        _separated(tokens)
    if not found:
        return None
    return lambda item: all(each.holds(item["metadata"].get("labels") or {}) for each in found)


_SYMBOLS = ("==", "!=", "=", "!", "(", ")", ",", "<", ">")


class _Tokens:
    """The words and symbols of a selector; `next` is empty at the end."""

    def __init__(self, text: str) -> None:
        self._found = [match["symbol"] or match["word"] for match in _TOKEN.finditer(text)]
        self._at = 0

    @property
    def next(self) -> str:
        """The one that comes next."""
        return self._found[self._at] if self._at < len(self._found) else ""

    @property
    def is_over(self) -> bool:
        """Whether none does."""
        return self._at >= len(self._found)

    @property
    def is_word(self) -> bool:
        """Whether the next one is a word."""
        return not self.is_over and self.next not in _SYMBOLS

    def take(self) -> str:
        """The next one, and go on."""
        found = self.next
        self._at += 1
        return found


def _separated(tokens: _Tokens) -> None:
    """What follows a requirement: the end, or a comma and another."""
    if tokens.is_over:
        return
    if (found := tokens.take()) != ",":
        raise bad_request(f"found '{found}', expected: ',' or 'end of string'")
    if not tokens.is_word and tokens.next != "!":
        raise bad_request(f"found '{tokens.next}', expected: identifier after ','")


def _requirement(tokens: _Tokens) -> _Requirement:
    is_absent = tokens.next == "!"
    if is_absent:
        tokens.take()
    if not tokens.is_word:
        raise _Unparsed(f"found '{tokens.next}', expected: identifier")
    key = tokens.take()
    _check_key(key)
    if is_absent:
        return _Requirement(key, "!")
    if tokens.is_over or tokens.next == ",":
        return _Requirement(key, "exists")
    operator = tokens.take()
    if operator not in _OPERATORS:
        raise _Unparsed(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
    values = _values(tokens) if operator in ("in", "notin") else (_value(tokens),)
    for position, value in enumerate(values):
        if operator in (">", "<") and not _is_integer(value):
            told = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise _Unparsed(f'values[{position}]: Invalid value: "{value}": {told}')
        if len(value) > 63:
            raise _Unparsed(f'values[{position}][{key}]: Invalid value: "{value}": must be no more than 63 bytes')
        if not _VALUE.fullmatch(value):
            raise _Unparsed(f'values[{position}][{key}]: Invalid value: "{value}": {VALUE_RULE}')
    return _Requirement(key, operator, values)


def _value(tokens: _Tokens) -> str:
    if tokens.is_over or tokens.next == ",":
        return ""
    if not tokens.is_word:
        raise _Unparsed(f"found '{tokens.next}', expected: identifier")
    return tokens.take()


def _values(tokens: _Tokens) -> tuple[str, ...]:
    """The values in parentheses; between two commas there is an empty one."""
    if (found := tokens.take()) != "(":
        raise _Unparsed(f"found '{found}' expected: '('")
    values: list[str] = []
    while True:
        values.append(tokens.take() if tokens.is_word else "")
        found = tokens.take()
        if found == ")":
            return tuple(values)
        if found != ",":
            raise _Unparsed(f"found '{found}', expected: ',' or ')'")


def _check_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        raise _Unparsed(f'<nil>: Invalid value: "{key}": {_OF_KEYS}')
    if slash and not prefix:
        raise _Unparsed(f'<nil>: Invalid value: "{key}": prefix part must be non-empty')
    if not _NAME.fullmatch(name):
        raise _Unparsed(f'<nil>: Invalid value: "{key}": name part {_OF_NAMES}')
    if len(name) > 63:
        raise _Unparsed(f'<nil>: Invalid value: "{key}": name part must be no more than 63 bytes')


def _is_integer(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9]{1,18}", text))


def _compares(value: str, operator: str, limit: str) -> bool:
    if not _is_integer(value):
        return False
    return int(value) > int(limit) if operator == ">" else int(value) < int(limit)
