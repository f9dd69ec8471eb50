"""`test` and `[`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell


def test(shell: Shell, words: list[str]) -> int:
    """0 if the expression is true, 1 if it is false, 2 if it is none."""
    rest = words[1:]
    if words[0].endswith("["):
        if rest[-1:] != ["]"]:
            shell.complain("sh: missing ]")
            return 2
        rest = rest[:-1]
    try:
        return int(not _either(shell, rest))
    except ValueError as error:
        shell.complain(f"sh: {error}")
        return 2


def _either(shell: Shell, words: list[str]) -> bool:
    """Terms joined by -o, which binds less than -a."""
    for operator, combine in (("-o", any), ("-a", all)):
        if operator in words[1:-1] and len(words) > 3:
            at = words.index(operator, 1)
            return combine([_either(shell, words[:at]), _either(shell, words[at + 1 :])])
    return _term(shell, words)


def _term(shell: Shell, words: list[str]) -> bool:
    if not words:
        return False
    if words[0] == "!" and len(words) > 1:
        return not _term(shell, words[1:])
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 2:
        return _unary(shell, words[0], words[1])
    if len(words) == 3:
        return _binary(words[0], words[1], words[2])
    raise ValueError(f"{words[0]}: unknown operand")


def _unary(shell: Shell, operator: str, word: str) -> bool:
    files = shell.environment.files
    match operator:
        case "-n":
            return bool(word)
        case "-z":
            return not word
        case "-d":
            return files.is_dir(word)
        case "-f":
            return files.exists(word) and not files.is_dir(word)
        case "-s":
            return files.exists(word) and not files.is_dir(word) and bool(files.read(word))
        case "-e" | "-r" | "-w" | "-x":
            return files.exists(word)
    raise ValueError(f"{operator}: unknown operand")


def _binary(left: str, operator: str, right: str) -> bool:
    match operator:
        case "=" | "==":
            return left == right
        case "!=":
            return left != right
    numbers = []
    for word in (left, right):
        if not word.strip().lstrip("-").isdigit():
            raise ValueError(f"{word}: bad number")
        numbers.append(int(word))
    first, second = numbers
    results = {
        "-eq": first == second,
        "-ne": first != second,
        "-lt": first < second,
        "-le": first <= second,
        "-gt": first > second,
        "-ge": first >= second,
    }
    if operator not in results:
        raise ValueError(f"{operator}: unknown operand")
    return results[operator]
