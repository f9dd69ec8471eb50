"""From a script's text to tokens: operators, and words with what was quoted in them kept apart.

A word is a list of parts: ("text", s, quoted), ("param", source, quoted), ("command", source, quoted),
("math", source, quoted).
"""

from typing import NamedTuple

Part = tuple[str, str, bool]

OPERATORS = (";;", "&&", "||", "<<-", "<<", ">>", ">&", "<&", ">", "<", "|", "&", ";", "(", ")", "\n")


class SyntaxFault(Exception):
    """The script cannot be parsed."""


class Token(NamedTuple):
    """`kind` is word or op; an op's `text` is the operator, a word's its text if it is plain; `number` is a redirection's."""

    kind: str
    text: str
    parts: tuple[Part, ...] = ()
    number: int | None = None

    @property
    def plain(self) -> str:
        """The word, if nothing in it is quoted or expanded; else a word that is no keyword."""
        if len(self.parts) == 1 and self.parts[0][0] == "text" and not self.parts[0][2]:
            return self.parts[0][1]
        return ""


class Lexer:
    """Reads a script once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._heredocs: list[tuple[str, bool, list[Part]]] = []

    def tokens(self) -> list[Token]:
        """All tokens.

        Raises:
            SyntaxFault: a quote or a bracket is not closed.
        """
        found: list[Token] = []
        while self._skip_blanks():
            token = self._next()
            found.append(token)
            if token.kind == "op" and token.text in ("<<", "<<-"):
                self._skip_blanks()
                end = self._word()
                self._heredocs.append(("".join(part[1] for part in end), any(part[2] for part in end), []))
                # Its body follows the line: the token is filled at the end.
                found.append(Token("heredoc", str(len(self._heredocs) - 1)))
        return [self._filled(token) for token in found]

    def _filled(self, token: Token) -> Token:
        if token.kind != "heredoc":
            return token
        return Token("word", "", tuple(self._heredocs[int(token.text)][2]))

    def _skip_blanks(self) -> bool:
        """Move to the next token; whether there is one."""
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t":
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._at += 2
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return True
        return False

    def _next(self) -> Token:
        text, at = self._text, self._at
        digits = at
        while digits < len(text) and text[digits].isdigit():
            digits += 1
        if digits > at and digits < len(text) and text[digits] in "<>":
            self._at = digits
            operator = self._operator()
            assert operator is not None
            return Token("op", operator, number=int(text[at:digits]))
        operator = self._operator()
        if operator is not None:
            if operator == "\n":
                self._read_heredocs()
            return Token("op", operator)
        parts = self._word()
        return Token("word", "", tuple(parts))

    def _operator(self) -> str | None:
        for operator in OPERATORS:
            if self._text.startswith(operator, self._at):
                self._at += len(operator)
                return operator
        return None

    def _read_heredocs(self) -> None:
        for end, is_quoted, body in self._heredocs:
            if body:
                continue
            lines = []
            while self._at < len(self._text):
                stop = self._text.find("\n", self._at)
                stop = len(self._text) if stop < 0 else stop
                line, self._at = self._text[self._at : stop], stop + 1
                if line.strip("\t") == end:
                    break
                lines.append(line + "\n")
            text = "".join(lines)
            body += [("text", text, True)] if is_quoted else quoted_parts(text)
            if not body:
                body.append(("text", "", True))

    def _word(self) -> list[Part]:
        parts: list[Part] = []
        text = self._text
        while self._at < len(text) and text[self._at] not in " \t\n;&|<>()":
            character = text[self._at]
            if character == "'":
                end = text.find("'", self._at + 1)
                if end < 0:
                    raise SyntaxFault("unterminated quoted string")
                parts.append(("text", text[self._at + 1 : end], True))
                self._at = end + 1
            elif character == '"':
                inner, self._at = _double(text, self._at + 1)
                parts += inner
            elif character == "\\":
                if text[self._at + 1 : self._at + 2] != "\n":
                    parts.append(("text", text[self._at + 1 : self._at + 2], True))
                self._at += 2
            elif character in "$`":
                part, self._at = _expansion(text, self._at, False)
                parts.append(part)
            else:
                start = self._at
                while self._at < len(text) and text[self._at] not in " \t\n;&|<>()'\"\\$`":
                    self._at += 1
                parts.append(("text", text[start : self._at], False))
        return parts


def quoted_parts(text: str) -> list[Part]:
    """The parts of a text as they are between double quotes."""
    return _double(text + '"', 0, raw_quotes=True)[0]


def _double(text: str, at: int, *, raw_quotes: bool = False) -> tuple[list[Part], int]:
    """The parts up to the closing double quote, and where it ends; an empty string is a part too."""
    parts: list[Part] = []
    literal = ""
    last = len(text) - 1
    while at < len(text):
        character = text[at]
        if character == '"' and not (raw_quotes and at != last):
            if literal or not parts:
                parts.append(("text", literal, True))
            return parts, at + 1
        if character == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
            literal += "" if text[at + 1] == "\n" else text[at + 1]
            at += 2
        elif character in "$`":
            if literal:
                parts.append(("text", literal, True))
                literal = ""
            part, at = _expansion(text, at, True)
            parts.append(part)
        else:
            literal += character
            at += 1
    raise SyntaxFault("unterminated quoted string")


def _expansion(text: str, at: int, quoted: bool) -> tuple[Part, int]:
    """The expansion that begins at a dollar or a backquote, and where it ends."""
    if text[at] == "`":
        end = text.find("`", at + 1)
        if end < 0:
            raise SyntaxFault("unterminated backquote")
        return ("command", text[at + 1 : end], quoted), end + 1
    if text.startswith("$((", at):
        end = text.find("))", at)
        if end > 0 and text.count("(", at + 3, end) == text.count(")", at + 3, end):
            return ("math", text[at + 3 : end], quoted), end + 2
    if text.startswith("$(", at):
        end = _closing(text, at + 2, "(", ")")
        return ("command", text[at + 2 : end], quoted), end + 1
    if text.startswith("${", at):
        end = _closing(text, at + 2, "{", "}")
        return ("param", text[at + 2 : end], quoted), end + 1
    end = at + 1
    if text[end : end + 1] in ("?", "#", "@", "*", "$", "!", "-") or text[end : end + 1].isdigit():
        return ("param", text[end], quoted), end + 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    if end == at + 1:
        return ("text", "$", quoted), end
    return ("param", text[at + 1 : end], quoted), end


def _closing(text: str, at: int, opens: str, closes: str) -> int:
    """Where the bracket that was opened before `at` is closed, quotes skipped."""
    depth = 1
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif character == "'" and opens == "(":
            at = text.find("'", at + 1)
            if at < 0:
                break
        elif character == '"':
            _, at = _double(text, at + 1)
            continue
        elif character == opens:
            depth += 1
        elif character == closes:
            depth -= 1
            if not depth:
                return at
        at += 1
    raise SyntaxFault(f"missing {closes}")
