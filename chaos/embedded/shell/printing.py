"""What echo and printf make of their arguments. Pure."""

import re
from collections.abc import Sequence

from chaos.embedded.shell.streams import ENCODING, ERRORS

_ESCAPE = re.compile(r"\\(?:([0-7]{1,4})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", "e": "\x1b"}
_DIRECTIVE = re.compile(r"%(?:%|([-0+ #]*)(\d*)(?:\.(\d+))?([sdiuxXocb]))")


def unescape(text: str) -> str:
    """A text with its backslash sequences replaced."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 8) & 0xFF)
    if match[2]:
        return chr(int(match[2], 16))
    return _LETTERS.get(match[3], match[0])


def echo(words: Sequence[str]) -> str:
    """What `echo` prints; -n without the newline, -e with backslash sequences."""
    flags = ""
    while words and words[0].startswith("-") and re.fullmatch(r"-[neE]+", words[0]):
        flags += words[0][1:]
        words = words[1:]
    text = " ".join(words)
    return (unescape(text) if "e" in flags else text) + ("" if "n" in flags else "\n")


def printf(form: str, arguments: Sequence[str]) -> bytes:
    """What `printf` prints: the format is used again until the arguments are used up."""
    left = list(arguments)
    pieces = []
    while True:
        used = len(left)
        pieces.append(_once(form, left))
        if not left or len(left) == used:
            return "".join(pieces).encode(ENCODING, ERRORS)


def _once(form: str, left: list[str]) -> str:
    """The format once; takes its arguments off `left`."""
    done, at = "", 0
    for match in _DIRECTIVE.finditer(form):
        done += unescape(form[at : match.start()])
        at = match.end()
        if match[0] == "%%":
            done += "%"
            continue
        value = left.pop(0) if left else ""
        done += _directive(match, value)
    return done + unescape(form[at:])


def _directive(match: re.Match[str], value: str) -> str:
    flags, width, precision, kind = match[1], match[2], match[3], match[4]
    if kind in "di":
        number = int(value) if value.lstrip("+-").isdigit() else 0
        return f"%{flags}{width}d" % number
    if kind in "uxXo":
        return f"%{flags}{width}{'d' if kind == 'u' else kind}" % (int(value) if value.isdigit() else 0)
    text = unescape(value) if kind == "b" else value[:1] if kind == "c" else value
    text = text[: int(precision)] if precision else text
    if not width:
        return text
    return text.ljust(int(width)) if "-" in flags else text.rjust(int(width))
