"""The commands of busybox that scripts in containers use, with busybox's words and exit codes."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from chaos.embedded.shell import conditions, filing, filters, network
from chaos.embedded.shell.outcome import Called, Outcome, settled
from chaos.embedded.shell.printing import echo, printf
from chaos.embedded.shell.strands import Limited
from chaos.embedded.shell.streams import ENCODING, ERRORS
from chaos.embedded.waiting import Pause

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

TIMED_OUT = 143
"""busybox's `timeout` sends TERM, and gives the exit code of a command that ended by it."""


def _true(shell: Shell, words: list[str]) -> int:
    return 0


def _false(shell: Shell, words: list[str]) -> int:
    return 1


def _echo(shell: Shell, words: list[str]) -> int:
    shell.write(echo(words[1:]))
    return 0


def _printf(shell: Shell, words: list[str]) -> int:
    if len(words) < 2:
        shell.complain("printf: usage: printf FORMAT [ARG]...")
        return 1
    shell.output(1)(printf(words[1], words[2:]))
    return 0


async def _sleep(shell: Shell, words: list[str]) -> int:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    total = 0.0
    for word in words[1:]:
        number, unit = (word[:-1], units[word[-1]]) if word[-1:] in units else (word, 1)
        try:
            total += float(number) * unit
        except ValueError:
            shell.complain(f"sleep: invalid number '{word}'")
            return 1
    await Pause(total)
    return 0


async def _sh(shell: Shell, words: list[str]) -> int:
    rest = words[1:]
    inner = shell.subshell()
    while rest and rest[0][:1] in "-+" and "c" not in rest[0]:
        rest = rest[1:]
    if rest and rest[0].startswith("-"):
        inner.options = {**inner.options, "e": "e" in rest[0]}
        text, arguments = rest[1], rest[2:]
        inner.name = arguments[0] if arguments else "sh"
        inner.arguments = arguments[1:]
    elif rest:
        try:
            text = shell.environment.files.read(rest[0]).decode(ENCODING, ERRORS)
        except FileNotFoundError:
            shell.complain(f"sh: can't open '{rest[0]}': No such file or directory")
            return 2
        inner.arguments = rest[1:]
    else:
        text = (await shell.stdin.rest()).decode(ENCODING, ERRORS)
    return await settled(inner.isolated(lambda shell: shell.run(text)))


def _timeout(shell: Shell, words: list[str]) -> Outcome:
    """Both ways to call it: `-t SECONDS COMMAND` until 1.29, `SECONDS COMMAND` from 1.30 on."""
    rest = words[1:]
    if rest[:1] == ["-t"]:
        seconds, rest = rest[1:2], rest[2:]
    else:
        seconds, rest = rest[:1], rest[1:]
    if not rest or not seconds or not seconds[0].replace(".", "", 1).isdigit():
        shell.complain("timeout: usage: timeout [-t SECS] [-s SIG] PROG ARGS")
        return 1
    outcome = shell.call(rest)
    return outcome if isinstance(outcome, int) else _within(float(seconds[0]), outcome)


async def _within(seconds: float, pending: Coroutine[Any, Any, int]) -> int:
    status = await Limited(pending, seconds)
    return TIMED_OUT if status is None else status


def _hostname(shell: Shell, words: list[str]) -> int:
    shell.write(f"{shell.environment.hostname}\n")
    return 0


def _uname(shell: Shell, words: list[str]) -> int:
    shell.write(f"{shell.environment.hostname if words[1:] == ['-n'] else 'Linux'}\n")
    return 0


def _date(shell: Shell, words: list[str]) -> int:
    form = words[1] if len(words) > 1 else "+%a %b %e %H:%M:%S UTC %Y"
    at = shell.environment.now()
    form = form.removeprefix("+").replace("%s", str(int(at.timestamp()))).replace("%e", f"{at.day:2d}")
    shell.write(at.strftime(form) + "\n")
    return 0


def _env(shell: Shell, words: list[str]) -> int:
    shell.write("".join(f"{name}={value}\n" for name, value in shell.variables.items()))
    return 0


def _kill(shell: Shell, words: list[str]) -> int:
    """Signals to process 1 of the container, which here is the shell's own process."""
    signal, rest = "TERM", words[1:]
    if rest and rest[0].startswith("-"):
        signal = {"-9": "KILL", "-15": "TERM", "-2": "INT", "-1": "HUP"}.get(rest[0], rest[0][1:].removeprefix("SIG"))
        rest = rest[1:]
    if not rest:
        shell.complain("kill: usage: kill [-SIG] PID...")
        return 1
    shell.environment.signal(signal)
    return 0


def _seq(shell: Shell, words: list[str]) -> int:
    numbers = [int(word) for word in words[1:]]
    first, step, last = (
        (1, 1, numbers[0])
        if len(numbers) == 1
        else ((numbers[0], 1, numbers[1]) if len(numbers) == 2 else (numbers[0], numbers[1], numbers[2]))
    )
    shell.write("".join(f"{number}\n" for number in range(first, last + (1 if step > 0 else -1), step)))
    return 0


def _basename(shell: Shell, words: list[str]) -> int:
    name = words[1].rstrip("/").rpartition("/")[2]
    shell.write(name.removesuffix(words[2] if len(words) > 2 else "") + "\n")
    return 0


COMMANDS: Mapping[str, Called] = {
    "[": conditions.test,
    "basename": _basename,
    "cat": filing.cat,
    "cp": filing.cp,
    "cut": filters.cut,
    "date": _date,
    "dd": filing.dd,
    "echo": _echo,
    "env": _env,
    "false": _false,
    "find": filing.find,
    "grep": filters.grep,
    "head": filters.head,
    "hostname": _hostname,
    "kill": _kill,
    "ln": filing.ln,
    "ls": filing.ls,
    "mkdir": filing.mkdir,
    "mv": filing.mv,
    "nslookup": network.nslookup,
    "printenv": _env,
    "printf": _printf,
    "rm": filing.rm,
    "sed": filters.sed,
    "seq": _seq,
    "sh": _sh,
    "sleep": _sleep,
    "sort": filters.sort,
    "tail": filters.tail,
    "test": conditions.test,
    "timeout": _timeout,
    "touch": filing.touch,
    "tr": filters.tr,
    "true": _true,
    "uname": _uname,
    "uniq": filters.uniq,
    "wc": filters.wc,
    "wget": network.wget,
}
