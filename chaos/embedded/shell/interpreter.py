"""A shell: what the commands of a script see and change, and how one is called."""

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from chaos.embedded.shell.builtins import BUILTINS
from chaos.embedded.shell.commands import COMMANDS
from chaos.embedded.shell.compiler import compiled
from chaos.embedded.shell.environment import NoSuchProgram
from chaos.embedded.shell.expansion import ExpansionFault
from chaos.embedded.shell.lexer import SyntaxFault
from chaos.embedded.shell.outcome import Leaving, Outcome, Run
from chaos.embedded.shell.streams import ENCODING, ERRORS, Buffered, Collected, Input, Output, nowhere

if TYPE_CHECKING:
    from chaos.embedded.shell.process import Process

NOT_FOUND = 127
MISUSED = 2

_CALLED = {**COMMANDS, **BUILTINS}
_NONE: Mapping[str, Run] = {}
_USUAL: Mapping[str, bool] = {"e": False, "u": False}

Descriptors = dict[int, "Input | Output"]
"""What is open, by number. Never changed: a redirection makes another."""


class Shell:
    """One shell: its variables, functions, arguments and descriptors. A subshell has copies of them.

    `conditions` counts the conditions that are being tested: in them a failure ends nothing.
    """

    __slots__ = (
        "arguments",
        "conditions",
        "descriptors",
        "environment",
        "functions",
        "last_job",
        "name",
        "options",
        "process",
        "scopes",
        "status",
        "variables",
    )

    def __init__(
        self,
        process: "Process",
        variables: Mapping[str, str],
        arguments: list[str],
        descriptors: Descriptors,
        name: str = "sh",
    ) -> None:
        self.process = process
        self.environment = process.environment
        self.variables = dict(variables)
        self.arguments = arguments
        self.descriptors = descriptors
        self.name = name
        # Both are put anew and never changed: a subshell shares them until it, or this one, does.
        self.functions: Mapping[str, Run] = _NONE
        self.options: Mapping[str, bool] = _USUAL
        self.status = 0
        self.last_job = 0
        # What `local` hid, for each function that runs.
        self.scopes: list[dict[str, str | None]] = []
        self.conditions = 0

    @property
    def stdin(self) -> Input:
        """What is read from."""
        found = self.descriptors.get(0)
        return Buffered() if found is None or callable(found) else found

    def output(self, number: int) -> Output:
        """What is written to; a closed descriptor swallows it."""
        found = self.descriptors.get(number)
        return found if callable(found) else nowhere

    def write(self, text: str) -> None:
        """To standard output."""
        self.output(1)(text.encode(ENCODING, ERRORS))

    def complain(self, text: str) -> None:
        """To standard error, a line."""
        self.output(2)(f"{text}\n".encode(ENCODING, ERRORS))

    def parameter(self, name: str) -> str | None:
        """The value of a variable or a special parameter; None if it is not set, or no name."""
        found = self.variables.get(name)
        if found is not None:
            return found
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.name
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        match name:
            case "?":
                return str(self.status)
            case "#":
                return str(len(self.arguments))
            case "@" | "*":
                return " ".join(self.arguments)
            case "$":
                return "1"
            case "!":
                return str(self.last_job)
        return None

    def subshell(self, stdin: Input | None = None, stdout: Output | None = None) -> "Shell":
        """A copy that changes nothing here; `stdin` and `stdout` may be its own."""
        descriptors = self.descriptors
        if stdin is not None:
            descriptors = {**descriptors, 0: stdin}
        if stdout is not None:
            descriptors = {**descriptors, 1: stdout}
        copy = Shell(self.process, self.variables, self.arguments, descriptors, self.name)
        copy.functions = self.functions
        copy.options = self.options
        copy.status = self.status
        return copy

    def restore(self, kept: Mapping[str, str | None]) -> None:
        """Give variables back the values that they had; None: it was not set."""
        for name, value in kept.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    async def run(self, text: str) -> int:
        """Run a script; its exit status."""
        try:
            outcome = compiled(text)(self)
            return outcome if isinstance(outcome, int) else await outcome
        except SyntaxFault as fault:
            self.complain(f"{self.name}: syntax error: {fault}")
        except ExpansionFault as fault:
            self.complain(f"{self.name}: {fault}")
        return MISUSED

    def output_of(self, text: str) -> str | Coroutine[Any, Any, str]:
        """What a script prints in a subshell, without its last newlines."""
        out = Collected()
        shell = self.subshell(stdout=out.write)
        try:
            outcome = shell.isolated(compiled(text))
        except SyntaxFault as fault:
            shell.complain(f"{self.name}: syntax error: {fault}")
            outcome = MISUSED
        if not isinstance(outcome, int):
            return self._output_later(outcome, out)
        self.status = outcome
        return out.data.decode(ENCODING, ERRORS).rstrip("\n")

    async def _output_later(self, pending: Coroutine[Any, Any, int], out: Collected) -> str:
        self.status = await pending
        return out.data.decode(ENCODING, ERRORS).rstrip("\n")

    def isolated(self, run: Run) -> Outcome:
        """Run something that `exit`, or a word that makes no sense, leaves only this far."""
        try:
            outcome = run(self)
        except (Leaving, ExpansionFault) as error:
            return self._left(error)
        return outcome if isinstance(outcome, int) else self._isolated(outcome)

    async def _isolated(self, pending: Coroutine[Any, Any, int]) -> int:
        try:
            return await pending
        except (Leaving, ExpansionFault) as error:
            return self._left(error)

    def _left(self, error: Leaving | ExpansionFault) -> int:
        if isinstance(error, Leaving):
            return error.status
        self.complain(f"{self.name}: {error}")
        return MISUSED

    def call(self, words: list[str]) -> Outcome:
        """Run a function, a builtin or a command by its words."""
        name = words[0]
        body = self.functions.get(name)
        if body is not None:
            return self._function(body, words[1:])
        called = _CALLED.get(name) or COMMANDS.get(name.rpartition("/")[2])
        if called is not None:
            return called(self, words)
        self.complain(f"{self.name}: {name}: not found")
        return NOT_FOUND

    def _function(self, body: Run, arguments: list[str]) -> Outcome:
        kept, self.arguments = self.arguments, arguments
        self.scopes.append({})
        try:
            outcome = body(self)
        except Leaving as leaving:
            self._leave_function(kept)
            return _returned(leaving)
        except BaseException:
            self._leave_function(kept)
            raise
        if not isinstance(outcome, int):
            return self._function_later(outcome, kept)
        self._leave_function(kept)
        return outcome

    async def _function_later(self, pending: Coroutine[Any, Any, int], kept: list[str]) -> int:
        try:
            return await pending
        except Leaving as leaving:
            return _returned(leaving)
        finally:
            self._leave_function(kept)

    def _leave_function(self, kept: list[str]) -> None:
        self.arguments = kept
        self.restore(self.scopes.pop())


def _returned(leaving: Leaving) -> int:
    """The status of a function that was left, which only `return` does not go beyond."""
    if leaving.kind != "return":
        raise leaving
    return leaving.status


def check(name: str) -> None:
    """Whether an executable of this name exists in a container.

    Raises:
        NoSuchProgram: it does not.
    """
    plain = name.rpartition("/")[2]
    if plain not in COMMANDS and plain not in BUILTINS:
        raise NoSuchProgram(name)
