"""The commands that change the shell itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chaos.embedded.shell.commands import COMMANDS
from chaos.embedded.shell.outcome import Called, Leaving, Outcome, settled
from chaos.embedded.shell.streams import ENCODING, ERRORS

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell


def _nothing(shell: Shell, words: list[str]) -> int:
    return 0


def _leave(shell: Shell, words: list[str]) -> int:
    kind = words[0]
    number = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    if kind in ("break", "continue"):
        raise Leaving(kind, 0, number or 1)
    raise Leaving(kind, (shell.status if number is None else number) & 0xFF)


def _read(shell: Shell, words: list[str]) -> Outcome:
    data = shell.stdin.line_now()
    return _taken(shell, words, data) if data is not None else _read_later(shell, words)


async def _read_later(shell: Shell, words: list[str]) -> int:
    return _taken(shell, words, await shell.stdin.line())


def _taken(shell: Shell, words: list[str], data: bytes) -> int:
    """Put a line into the variables that `read` names."""
    is_raw = "-r" in words
    names = [word for word in words[1:] if not word.startswith("-")] or ["REPLY"]
    line = data.decode(ENCODING, ERRORS).removesuffix("\n")
    if not is_raw:
        line = line.replace("\\", "")
    if len(names) == 1:
        pieces = [line.strip(" \t\n")]
    else:
        pieces = line.split(None, len(names) - 1)
        pieces = [piece.rstrip(" \t\n") for piece in pieces]
    for index, name in enumerate(names):
        shell.variables[name] = pieces[index] if index < len(pieces) else ""
    return 0 if data.endswith(b"\n") else 1


def _export(shell: Shell, words: list[str]) -> int:
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if equals:
            shell.variables[name] = value
    return 0


def _local(shell: Shell, words: list[str]) -> int:
    if not shell.scopes:
        shell.complain(f"{shell.name}: local: not in a function")
        return 1
    for word in words[1:]:
        name, _, value = word.partition("=")
        shell.scopes[-1].setdefault(name, shell.variables.get(name))
        shell.variables[name] = value
    return 0


def _unset(shell: Shell, words: list[str]) -> int:
    for word in words[1:]:
        shell.variables.pop(word, None)
        if "-f" in words:
            shell.functions = {name: body for name, body in shell.functions.items() if name != word}
    return 0


def _shift(shell: Shell, words: list[str]) -> int:
    count = int(words[1]) if len(words) > 1 else 1
    if count > len(shell.arguments):
        return 1
    shell.arguments = shell.arguments[count:]
    return 0


def _set(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    while rest and rest[0][:1] in ("-", "+") and rest[0] != "--":
        shell.options = {**shell.options, **dict.fromkeys(rest[0][1:], rest[0][0] == "-")}
        rest = rest[1:]
    if rest:
        shell.arguments = rest[1:] if rest[0] == "--" else rest
    return 0


async def _eval(shell: Shell, words: list[str]) -> int:
    return await shell.run(" ".join(words[1:]))


async def _source(shell: Shell, words: list[str]) -> int:
    try:
        text = shell.environment.files.read(words[1])
    except FileNotFoundError:
        shell.complain(f"{shell.name}: .: can't open '{words[1]}': No such file or directory")
        return 2
    return await shell.run(text.decode(ENCODING, ERRORS))


def _trap(shell: Shell, words: list[str]) -> int:
    if len(words) < 3:
        return 0
    action, *names = words[1:]
    for name in names:
        plain = _SIGNALS.get(name, name.removeprefix("SIG"))
        if action == "-":
            shell.process.traps.pop(plain, None)
        else:
            shell.process.traps[plain] = action
    return 0


_SIGNALS = {"1": "HUP", "2": "INT", "3": "QUIT", "15": "TERM"}


async def _wait(shell: Shell, words: list[str]) -> int:
    await shell.process.wait(int(words[1]) if len(words) > 1 else None)
    return 0


async def _exec(shell: Shell, words: list[str]) -> int:
    if len(words) == 1:
        return 0
    raise Leaving("exit", await settled(shell.call(words[1:])))


def _command(shell: Shell, words: list[str]) -> Outcome:
    if words[1:2] == ["-v"]:
        name = words[2] if len(words) > 2 else ""
        if name in BUILTINS or name in COMMANDS or name in shell.functions:
            shell.write(f"{name}\n")
            return 0
        return 127
    return shell.call(words[1:])


BUILTINS: Mapping[str, Called] = {
    ":": _nothing,
    ".": _source,
    "break": _leave,
    "command": _command,
    "continue": _leave,
    "eval": _eval,
    "exec": _exec,
    "exit": _leave,
    "export": _export,
    "local": _local,
    "read": _read,
    "readonly": _export,
    "return": _leave,
    "set": _set,
    "shift": _shift,
    "source": _source,
    "trap": _trap,
    "unset": _unset,
    "wait": _wait,
}
