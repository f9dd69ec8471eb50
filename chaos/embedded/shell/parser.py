"""From tokens to the tree of a script, by recursive descent over the grammar of POSIX (XCU 2.10)."""

import functools
import re

from chaos.embedded.shell.lexer import Lexer, SyntaxFault, Token
from chaos.embedded.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Step,
    Word,
)

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
_REDIRECTS = ("<", ">", ">>", ">&", "<&", "<<", "<<-")
_END = Token("end", "")


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Sequence:
    """The tree of a script; the same text is parsed once.

    Raises:
        SyntaxFault: it is no script.
    """
    parser = _Parser(Lexer(text).tokens())
    tree = parser.sequence()
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise SyntaxFault(f'unexpected "{self._peek.text or self._peek.plain}"')

    @property
    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._peek
        self._at += 1
        return token

    def _is_op(self, *texts: str) -> bool:
        return self._peek.kind == "op" and self._peek.text in texts

    def _is_word(self, *texts: str) -> bool:
        return self._peek.kind == "word" and self._peek.plain in texts

    def _expect_op(self, text: str) -> None:
        if not self._is_op(text):
            raise SyntaxFault(f'unexpected "{self._peek.text or self._peek.plain}" (expecting "{text}")')
        self._take()

    def _expect_word(self, text: str) -> None:
        if not self._is_word(text):
            raise SyntaxFault(f'unexpected "{self._peek.text or self._peek.plain}" (expecting "{text}")')
        self._take()

    def _skip_breaks(self) -> None:
        while self._is_op("\n"):
            self._take()

    def sequence(self, *ends: str) -> Sequence:
        """Commands up to the end, a closing bracket, `;;`, or one of these keywords."""
        items: list[tuple[Step, bool]] = []
        self._skip_breaks()
        while self._peek.kind != "end" and not self._is_op(")", ";;") and not self._is_word(*ends):
            command = self._and_or()
            is_background = self._is_op("&")
            items.append((command, is_background))
            if not self._is_op("&", ";", "\n"):
                break
            self._take()
            self._skip_breaks()
        return Sequence(tuple(items))

    def _and_or(self) -> Step:
        first, rest = self._pipeline(), []
        while self._is_op("&&", "||"):
            operator = self._take().text
            self._skip_breaks()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Command | Pipeline:
        negated = self._is_word("!")
        if negated:
            self._take()
        commands = [self._command()]
        while self._is_op("|"):
            self._take()
            self._skip_breaks()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated) if negated or len(commands) > 1 else commands[0]

    def _command(self) -> Command:
        if self._is_op("("):
            self._take()
            body = self.sequence()
            self._expect_op(")")
            return Group(body, True, self._redirects())
        match self._peek.plain if self._peek.kind == "word" else "":
            case "{":
                self._take()
                body = self.sequence("}")
                self._expect_word("}")
                return Group(body, False, self._redirects())
            case "if":
                return self._if()
            case "while" | "until":
                return self._loop()
            case "for":
                return self._for()
            case "case":
                return self._case()
        return self._simple()

    def _if(self) -> If:
        branches, otherwise = [], None
        self._take()
        while True:
            condition = self.sequence("then")
            self._expect_word("then")
            branches.append((condition, self.sequence("elif", "else", "fi")))
            if not self._is_word("elif"):
                break
            self._take()
        if self._is_word("else"):
            self._take()
            otherwise = self.sequence("fi")
        self._expect_word("fi")
        return If(tuple(branches), otherwise, self._redirects())

    def _loop(self) -> Loop:
        until = self._take().plain == "until"
        condition = self.sequence("do")
        return Loop(condition, self._body(), until, self._redirects())

    def _body(self) -> Sequence:
        self._skip_breaks()
        self._expect_word("do")
        body = self.sequence("done")
        self._expect_word("done")
        return body

    def _for(self) -> For:
        self._take()
        name = self._take().plain
        words: tuple[Word, ...] | None = None
        self._skip_breaks()
        if self._is_word("in"):
            self._take()
            found = []
            while self._peek.kind == "word":
                found.append(self._take().parts)
            words = tuple(found)
        if self._is_op(";", "\n"):
            self._take()
        return For(name, words, self._body(), self._redirects())

    def _case(self) -> Case:
        self._take()
        word = self._take().parts
        self._skip_breaks()
        self._expect_word("in")
        self._skip_breaks()
        branches = []
        while not self._is_word("esac"):
            if self._is_op("("):
                self._take()
            patterns = [self._take().parts]
            while self._is_op("|"):
                self._take()
                patterns.append(self._take().parts)
            self._expect_op(")")
            branches.append((tuple(patterns), self.sequence("esac")))
            if self._is_op(";;"):
                self._take()
            self._skip_breaks()
        self._expect_word("esac")
        return Case(word, tuple(branches), self._redirects())

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while self._is_op(*_REDIRECTS):
            found.append(self._redirect())
        return tuple(found)

    def _redirect(self) -> Redirect:
        token = self._take()
        target = self._take()
        if target.kind != "word":
            raise SyntaxFault(f'unexpected "{target.text}"')
        operator = "<<" if token.text == "<<-" else token.text
        default = 0 if operator.startswith("<") else 1
        return Redirect(operator, default if token.number is None else token.number, target.parts)

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            if self._is_op(*_REDIRECTS):
                redirects.append(self._redirect())
            elif self._peek.kind == "word":
                token = self._take()
                assignment = _assignment(token.parts) if not words else None
                if assignment is not None:
                    assignments.append(assignment)
                else:
                    words.append(token.parts)
                    if len(words) == 1 and self._is_op("(") and not assignments:
                        return self._function(token)
            else:
                break
        if not (assignments or words or redirects):
            raise SyntaxFault(f'unexpected "{self._peek.text or self._peek.plain or "end of file"}"')
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _function(self, name: Token) -> Function:
        self._expect_op("(")
        self._expect_op(")")
        self._skip_breaks()
        return Function(name.plain, self._command())


def _assignment(parts: Word) -> tuple[str, Word] | None:
    """NAME=VALUE, if the word is one."""
    if not parts or parts[0][0] != "text" or parts[0][2]:
        return None
    match = _ASSIGNMENT.match(parts[0][1])
    if match is None:
        return None
    rest = parts[0][1][match.end() :]
    return match[1], ((("text", rest, False), *parts[1:]) if rest else parts[1:])
