"""Commands that read everything and write something of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from chaos.embedded.shell.outcome import Outcome
from chaos.embedded.shell.printing import unescape
from chaos.embedded.shell.streams import ENCODING, ERRORS

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell


def _with_input(shell: Shell, names: list[str], use: Callable[[str], int], missing: int = 1) -> Outcome:
    """Go on with the text of the files named, or of standard input; `missing` is the status, once said so, if one is not there."""
    if names:
        try:
            data = b"".join(shell.environment.files.read(name) for name in names)
        except OSError:
            shell.complain(f"{names[0]}: No such file or directory")
            return missing
        return use(data.decode(ENCODING, ERRORS))
    at_hand = shell.stdin.rest_now()
    return _with_input_later(shell, use) if at_hand is None else use(at_hand.decode(ENCODING, ERRORS))


async def _with_input_later(shell: Shell, use: Callable[[str], int]) -> int:
    return use((await shell.stdin.rest()).decode(ENCODING, ERRORS))


def tr(shell: Shell, words: list[str]) -> Outcome:
    """Replace characters, or delete them with -d."""

    def use(text: str) -> int:
        if words[1] == "-d":
            gone = _characters(words[2])
            shell.write("".join(character for character in text if character not in gone))
        else:
            shell.write(text.translate(_replacements(words[1], words[2])))
        return 0

    return _with_input(shell, [], use)


@functools.lru_cache(maxsize=64)
def _replacements(source: str, target: str) -> dict[int, str]:
    source, target = _characters(source), _characters(target)
    target += target[-1:] * (len(source) - len(target))
    return {ord(old): new for old, new in zip(source, target, strict=False)}


def _characters(text: str) -> str:
    text = unescape(text)
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), text, flags=re.DOTALL)


def head(shell: Shell, words: list[str]) -> Outcome:
    """The first lines, or bytes with -c."""
    return _ends(shell, words, from_end=False)


def tail(shell: Shell, words: list[str]) -> Outcome:
    """The last lines, or bytes with -c."""
    return _ends(shell, words, from_end=True)


def _ends(shell: Shell, words: list[str], *, from_end: bool) -> Outcome:
    unit, count, names = "n", 10, []
    rest = iter(words[1:])
    for word in rest:
        if word in ("-c", "-n"):
            unit, count = word[1], int(next(rest, "10"))
        elif re.fullmatch(r"-[cn]\d+", word):
            unit, count = word[1], int(word[2:])
        elif re.fullmatch(r"-\d+", word):
            count = int(word[1:])
        else:
            names.append(word)

    def use(text: str) -> int:
        if unit == "c":
            data = text.encode(ENCODING, ERRORS)
            shell.output(1)(data[-count:] if from_end else data[:count])
        else:
            lines = text.splitlines(keepends=True)
            shell.write("".join(lines[-count:] if from_end else lines[:count]))
        return 0

    return _with_input(shell, names, use)


def grep(shell: Shell, words: list[str]) -> Outcome:
    """The lines that match, -v that do not; -q only whether there are any; -c their number; -i -w -E -F."""
    flags = "".join(word[1:] for word in words[1:] if word.startswith("-"))
    rest = [word for word in words[1:] if not word.startswith("-")]
    if not rest:
        shell.complain("grep: usage: grep [-qvciwEF] PATTERN [FILE]...")
        return 2
    source = re.escape(rest[0]) if "F" in flags else rest[0] if "E" in flags else _basic(rest[0])
    if "w" in flags:
        source = rf"(?<!\w)(?:{source})(?!\w)"
    pattern = re.compile(source, re.IGNORECASE if "i" in flags else 0)

    def use(text: str) -> int:
        found = [line for line in text.splitlines() if (pattern.search(line) is None) == ("v" in flags)]
        if "c" in flags:
            shell.write(f"{len(found)}\n")
        elif "q" not in flags:
            shell.write("".join(f"{line}\n" for line in found))
        return int(not found)

    return _with_input(shell, rest[1:], use, missing=2)


def _basic(pattern: str) -> str:
    """A basic regular expression as an extended one: there, brackets and bars mean something without a backslash."""
    return re.sub(r"\\?[(){}|+?]", lambda m: m[0][1:] if m[0].startswith("\\") else "\\" + m[0], pattern)


_SED = re.compile(r"(?:(\d+|\$)|/((?:[^/\\]|\\.)*)/)?\s*(?:s(.)(.*)|([pdq]))")


def sed(shell: Shell, words: list[str]) -> Outcome:
    """Lines edited by one command: [ADDRESS]s/…/…/[gp], p, d or q; -n prints only what p does; -i edits the file."""
    is_quiet, in_place, rest = False, False, []
    for word in words[1:]:
        is_quiet, in_place = is_quiet or word == "-n", in_place or word == "-i"
        if word not in ("-n", "-i", "-e", "-E", "-r"):
            rest.append(word)
    match = _SED.fullmatch(rest[0]) if rest else None
    if match is None:
        shell.complain("sed: unsupported command")
        return 1
    edit = match

    def use(text: str) -> int:
        done = _edited(text.splitlines(), edit, is_quiet)
        if in_place and len(rest) > 1:
            shell.environment.files.write(rest[1], done.encode(ENCODING, ERRORS))
        else:
            shell.write(done)
        return 0

    return _with_input(shell, rest[1:], use)


def _edited(lines: list[str], match: re.Match[str], is_quiet: bool) -> str:
    number, address, mark, body, letter = match.groups()
    done: list[str] = []
    for index, line in enumerate(lines, 1):
        is_it = True
        if number is not None:
            is_it = index == (len(lines) if number == "$" else int(number))
        elif address is not None:
            is_it = re.search(_basic(address), line) is not None
        printed, changed = False, line
        if is_it and mark is not None:
            old, new, *flags = re.split(rf"(?<!\\){re.escape(mark)}", body)
            changed, times = re.subn(
                _basic(old), new.replace("&", r"\g<0>"), line, count=0 if "g" in "".join(flags) else 1
            )
            printed = times > 0 and "p" in "".join(flags)
        elif is_it and letter == "p":
            printed = True
        if is_it and letter == "d":
            continue
        if not is_quiet:
            done.append(changed)
        if printed:
            done.append(changed)
        if is_it and letter == "q":
            break
    return "".join(f"{line}\n" for line in done)


def wc(shell: Shell, words: list[str]) -> Outcome:
    """Lines, words and bytes; -l -w -c one of them."""

    def use(text: str) -> int:
        counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode(ENCODING, ERRORS))}
        asked = [flag for flag in counts if flag in words] or list(counts)
        shell.write(" ".join(str(counts[flag]) for flag in asked) + "\n")
        return 0

    return _with_input(shell, [word for word in words[1:] if not word.startswith("-")], use)


def sort(shell: Shell, words: list[str]) -> Outcome:
    """Lines in order; -r -n -u."""

    def use(text: str) -> int:
        lines = sorted(text.splitlines(), key=_number if "-n" in words else None, reverse="-r" in words)
        if "-u" in words:
            lines = list(dict.fromkeys(lines))
        shell.write("".join(f"{line}\n" for line in lines))
        return 0

    return _with_input(shell, [word for word in words[1:] if not word.startswith("-")], use)


def _number(line: str) -> float:
    match = re.match(r"\s*(-?\d+(?:\.\d+)?)", line)
    return float(match[1]) if match else 0.0


def uniq(shell: Shell, words: list[str]) -> Outcome:
    """Lines without those that equal the one before."""

    def use(text: str) -> int:
        lines = text.splitlines()
        shell.write("".join(f"{line}\n" for index, line in enumerate(lines) if not index or line != lines[index - 1]))
        return 0

    return _with_input(shell, [], use)


def cut(shell: Shell, words: list[str]) -> Outcome:
    """One field of each line: -d DELIMITER -f NUMBER."""
    delimiter, number, names = "\t", 1, []
    rest = iter(words[1:])
    for word in rest:
        if word.startswith("-d"):
            delimiter = word[2:] or next(rest, "\t")
        elif word.startswith("-f"):
            number = int(word[2:] or next(rest, "1"))
        else:
            names.append(word)

    def use(text: str) -> int:
        for line in text.splitlines():
            pieces = line.split(delimiter)
            shell.write((pieces[number - 1] if number <= len(pieces) else "") + "\n")
        return 0

    return _with_input(shell, names, use)
