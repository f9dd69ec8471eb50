"""Runs the tree of a script.

The commands of a pipeline run one after another, each on everything that the one before it wrote: nothing here writes
without end into a pipe. That makes a pipeline of filters cheap, which is what scripts are made of.
"""

import fnmatch
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from chaos.embedded.shell import expansion
from chaos.embedded.shell.builtins import BUILTINS
from chaos.embedded.shell.commands import COMMANDS
from chaos.embedded.shell.environment import NoSuchProgram
from chaos.embedded.shell.lexer import SyntaxFault
from chaos.embedded.shell.parser import parse
from chaos.embedded.shell.streams import ENCODING, ERRORS, Buffered, Collected, Input, Output, nowhere, to_file
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
)

if TYPE_CHECKING:
    from chaos.embedded.shell.process import Process

NOT_FOUND = 127


class Leaving(Exception):
    """`exit`, `return`, `break` or `continue`, on its way to where it ends."""

    def __init__(self, kind: str, status: int, depth: int = 1) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.depth = depth


Descriptors = dict[int, "Input | Output"]
"""What is open, by number."""


class Shell:
    """One shell: its variables, functions, arguments and descriptors. A subshell has copies of them."""

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
        self.functions: Mapping[str, Command] = {}
        self.options: Mapping[str, bool] = {"e": False, "u": False}
        self.status = 0
        self.last_job = 0
        # What `local` hid, for each function that runs.
        self.scopes: list[dict[str, str | None]] = []
        self._condition = 0

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

    def subshell(self, **changed: Input | Output) -> "Shell":
        """A copy that changes nothing here; `stdin` and `stdout` may be its own."""
        copy = Shell(self.process, self.variables, self.arguments, dict(self.descriptors), self.name)
        copy.functions = self.functions
        copy.options = self.options
        copy.status = self.status
        if "stdin" in changed:
            copy.descriptors[0] = changed["stdin"]
        if "stdout" in changed:
            copy.descriptors[1] = changed["stdout"]
        return copy

    async def run(self, text: str) -> int:
        """Run a script; its exit status."""
        try:
            return await self.sequence(parse(text))
        except SyntaxFault as fault:
            self.complain(f"{self.name}: syntax error: {fault}")
            return 2
        except expansion.ExpansionFault as fault:
            self.complain(f"{self.name}: {fault}")
            return 2

    async def output_of(self, text: str) -> str:
        """What a script prints in a subshell, without its last newlines."""
        out = Collected()
        shell = self.subshell(stdout=out.write)
        self.status = await shell.isolated(lambda: shell.run(text))
        return out.data.decode(ENCODING, ERRORS).rstrip("\n")

    async def isolated(self, work: Callable[[], Awaitable[int]]) -> int:
        """Run something that `exit` leaves only this far."""
        try:
            return await work()
        except Leaving as leaving:
            return leaving.status

    async def sequence(self, tree: Sequence) -> int:
        """Run a list of commands; the status of the last."""
        status = 0
        for step, is_background in tree.items:
            if is_background:
                shell = self.subshell(stdin=Buffered())
                self.last_job = self.process.start(shell, functools.partial(shell.step, step))
                status = self.status = 0
            else:
                status = await self.step(step)
            if self.process.has_signal:
                await self.process.handle_signals(self)
        return status

    async def step(self, tree: Step) -> int:
        """Run a command, a pipeline, or several joined by && and ||; -e ends the shell if it fails."""
        if isinstance(tree, AndOr):
            status = await self._and_or(tree)
            is_negated = isinstance(tree.first, Pipeline) and tree.first.negated
        else:
            status = await self._pipeline(tree)
            is_negated = isinstance(tree, Pipeline) and tree.negated
        if status and self.options["e"] and not self._condition and not is_negated:
            raise Leaving("exit", status)
        return status

    async def _and_or(self, tree: AndOr) -> int:
        self._condition += 1
        status = await self._pipeline(tree.first)
        for index, (operator, pipeline) in enumerate(tree.rest):
            if index == len(tree.rest) - 1:
                self._condition -= 1
            if (status == 0) == (operator == "&&"):
                status = await self._pipeline(pipeline)
        return status

    async def _pipeline(self, tree: Command | Pipeline) -> int:
        """Run one command, or several, each on what the one before it wrote."""
        if not isinstance(tree, Pipeline):
            self.status = status = await self.command(tree)
            return status
        source: Input = self.stdin
        status = 0
        for index, command in enumerate(tree.commands):
            is_last = index == len(tree.commands) - 1
            if is_last and index == 0:
                status = await self.command(command)
                break
            out = Collected()
            shell = self.subshell(stdin=source, stdout=self.output(1) if is_last else out.write)
            status = await shell.isolated(functools.partial(shell.command, command))
            source = Buffered(out.data)
        if tree.negated:
            status = int(status == 0)
        self.status = status
        return status

    async def command(self, tree: Command) -> int:
        """Run one command of any kind."""
        if isinstance(tree, Simple):
            return await self._simple(tree)
        if isinstance(tree, Function):
            self.functions = {**self.functions, tree.name: tree.body}
            return 0
        if not tree.redirects:
            return await self._compound(tree)
        kept = dict(self.descriptors)
        try:
            if not await self._redirect(tree.redirects):
                return 1
            return await self._compound(tree)
        finally:
            self.descriptors = kept

    async def _compound(self, tree: Command) -> int:
        match tree:
            case Group(body, is_subshell, _):
                if is_subshell:
                    shell = self.subshell()
                    return await shell.isolated(lambda: shell.sequence(body))
                return await self.sequence(body)
            case If(branches, otherwise, _):
                for condition, body in branches:
                    if await self._tested(condition) == 0:
                        return await self.sequence(body)
                return await self.sequence(otherwise) if otherwise is not None else 0
            case Case(word, branches, _):
                value = await expansion.text(self, word)
                for patterns, body in branches:
                    for pattern in patterns:
                        if fnmatch.fnmatchcase(value, await expansion.pattern(self, pattern)):
                            return await self.sequence(body)
                return 0
            case For():
                return await self._for(tree)
            case Loop():
                return await self._loop(tree)
        raise AssertionError(tree)

    async def _tested(self, condition: Sequence) -> int:
        """Run a condition, whose failure ends nothing."""
        self._condition += 1
        try:
            return await self.sequence(condition)
        finally:
            self._condition -= 1

    async def _loop(self, tree: Loop) -> int:
        status = 0
        while (await self._tested(tree.condition) == 0) != tree.until:
            try:
                status = await self.sequence(tree.body)
            except Leaving as leaving:
                if not self._stays(leaving):
                    break
        return status

    async def _for(self, tree: For) -> int:
        values = list(self.arguments) if tree.words is None else await expansion.fields(self, tree.words)
        status = 0
        for value in values:
            self.variables[tree.name] = value
            try:
                status = await self.sequence(tree.body)
            except Leaving as leaving:
                if not self._stays(leaving):
                    break
        return status

    def _stays(self, leaving: Leaving) -> bool:
        """Whether the loop goes on after a break or continue; one that is meant for an outer loop goes on to it."""
        if leaving.kind not in ("break", "continue"):
            raise leaving
        if leaving.depth > 1:
            leaving.depth -= 1
            raise leaving
        return leaving.kind == "continue"

    async def _simple(self, tree: Simple) -> int:
        words = await expansion.fields(self, tree.words)
        if not tree.redirects:
            return await self._invoke(tree, words)
        kept = dict(self.descriptors)
        is_exec = words == ["exec"]
        try:
            if not await self._redirect(tree.redirects):
                return 1
            return await self._invoke(tree, words)
        finally:
            if not is_exec:
                self.descriptors = kept

    async def _invoke(self, tree: Simple, words: list[str]) -> int:
        if not tree.assignments:
            return await self.call(words) if words else 0
        values = {name: await expansion.text(self, word) for name, word in tree.assignments}
        if not words:
            self.variables.update(values)
            # The status of the last command substitution, if there was one.
            has_command = any(part[0] == "command" for _, word in tree.assignments for part in word)
            return self.status if has_command else 0
        kept = {name: self.variables.get(name) for name in values}
        self.variables.update(values)
        try:
            return await self.call(words)
        finally:
            self._restore(kept)

    def _restore(self, kept: Mapping[str, str | None]) -> None:
        for name, value in kept.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    async def call(self, words: list[str]) -> int:
        """Run a function, a builtin or a command by its words."""
        name = words[0]
        body = self.functions.get(name)
        if body is not None:
            return await self._function(body, words[1:])
        builtin = BUILTINS.get(name)
        if builtin is not None:
            return await builtin(self, words)
        command = COMMANDS.get(name.rpartition("/")[2])
        if command is None:
            self.complain(f"{self.name}: {name}: not found")
            return NOT_FOUND
        return await command(self, words)

    async def _function(self, body: Command, arguments: list[str]) -> int:
        kept, self.arguments = self.arguments, arguments
        self.scopes.append({})
        try:
            return await self.command(body)
        except Leaving as leaving:
            if leaving.kind != "return":
                raise
            return leaving.status
        finally:
            self.arguments = kept
            self._restore(self.scopes.pop())

    async def _redirect(self, redirects: tuple[Redirect, ...]) -> bool:
        """Open, close and copy descriptors, from left to right; whether all could be."""
        for redirect in redirects:
            target = await expansion.text(self, redirect.target)
            if redirect.op in (">&", "<&"):
                if target == "-":
                    self.descriptors.pop(redirect.number, None)
                elif target.isdigit() and int(target) in self.descriptors:
                    self.descriptors[redirect.number] = self.descriptors[int(target)]
                continue
            try:
                self.descriptors[redirect.number] = self._open(redirect.op, target)
            except (FileNotFoundError, IsADirectoryError) as error:
                self.complain(f"{self.name}: can't open {target}: {error.strerror or 'no such file'}")
                return False
        return True

    def _open(self, operator: str, target: str) -> Input | Output:
        if operator == "<<":
            return Buffered(target.encode(ENCODING, ERRORS))
        if target == "/dev/null":
            return Buffered() if operator == "<" else nowhere
        if operator == "<":
            return Buffered(self.environment.files.read(target))
        return to_file(self.environment.files, target, append=operator == ">>")


def check(name: str) -> None:
    """Whether an executable of this name exists in a container.

    Raises:
        NoSuchProgram: it does not.
    """
    plain = name.rpartition("/")[2]
    if plain not in COMMANDS and plain not in BUILTINS:
        raise NoSuchProgram(name)
