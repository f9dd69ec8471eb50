"""The commands of busybox that read, make and move files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell


async def cat(shell: Shell, words: list[str]) -> int:
    status = 0
    for word in words[1:] or ["-"]:
        if word == "-":
            shell.output(1)(await shell.stdin.rest())
            continue
        try:
            shell.output(1)(shell.environment.files.read(word))
        except OSError:
            shell.complain(f"cat: can't open '{word}': No such file or directory")
            status = 1
    return status


def mv(shell: Shell, words: list[str]) -> int:
    names = [word for word in words[1:] if not word.startswith("-")]
    if len(names) != 2:
        shell.complain("mv: usage: mv [-fin] SOURCE... DEST")
        return 1
    source, target = names
    files = shell.environment.files
    if files.is_dir(target):
        target = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
    try:
        files.rename(source, target)
    except FileNotFoundError:
        shell.complain(f"mv: can't rename '{source}': No such file or directory")
        return 1
    if "-v" in words:
        shell.write(f"'{source}' -> '{target}'\n")
    return 0


def cp(shell: Shell, words: list[str]) -> int:
    names = [word for word in words[1:] if not word.startswith("-")]
    if len(names) != 2:
        shell.complain("cp: usage: cp SOURCE DEST")
        return 1
    try:
        shell.environment.files.write(names[1], shell.environment.files.read(names[0]))
    except FileNotFoundError:
        shell.complain(f"cp: can't stat '{names[0]}': No such file or directory")
        return 1
    return 0


def rm(shell: Shell, words: list[str]) -> int:
    flags = "".join(word for word in words[1:] if word.startswith("-"))
    status = 0
    for word in [word for word in words[1:] if not word.startswith("-")]:
        try:
            shell.environment.files.remove(word)
        except FileNotFoundError:
            if "f" not in flags:
                shell.complain(f"rm: can't remove '{word}': No such file or directory")
                status = 1
    return status


def mkdir(shell: Shell, words: list[str]) -> int:
    for word in [word for word in words[1:] if not word.startswith("-")]:
        if shell.environment.files.exists(word) and "-p" not in words:
            shell.complain(f"mkdir: can't create directory '{word}': File exists")
            return 1
        shell.environment.files.make_dir(word)
    return 0


def touch(shell: Shell, words: list[str]) -> int:
    for word in [word for word in words[1:] if not word.startswith("-")]:
        shell.environment.files.write(word, b"", append=True)
    return 0


def ls(shell: Shell, words: list[str]) -> int:
    status = 0
    files = shell.environment.files
    for word in [word for word in words[1:] if not word.startswith("-")] or ["/"]:
        if files.is_dir(word):
            shell.write("".join(f"{name}\n" for name in files.names(word)))
        elif files.exists(word):
            shell.write(f"{word}\n")
        else:
            shell.complain(f"ls: {word}: No such file or directory")
            status = 1
    return status


def ln(shell: Shell, words: list[str]) -> int:
    """Symbolic links only."""
    names = [word for word in words[1:] if not word.startswith("-")]
    if len(names) != 2 or "-s" not in words:
        shell.complain("ln: usage: ln -s TARGET LINK")
        return 1
    try:
        shell.environment.files.link(names[0], names[1])
    except FileExistsError:
        shell.complain(f"ln: {names[1]}: File exists")
        return 1
    return 0


def find(shell: Shell, words: list[str]) -> int:
    """Everything below, without conditions."""
    files, status = shell.environment.files, 0
    for word in words[1:] or ["."]:
        if not files.exists(word):
            shell.complain(f"find: {word}: No such file or directory")
            status = 1
            continue
        waiting = [word]
        while waiting:
            path = waiting.pop()
            shell.write(f"{path}\n")
            if files.is_dir(path):
                waiting += [f"{path.rstrip('/')}/{name}" for name in reversed(files.names(path))]
    return status


async def dd(shell: Shell, words: list[str]) -> int:
    """Copy blocks; of conversions, what writes are synchronous is already true."""
    said = dict(word.partition("=")[::2] for word in words[1:])
    size, count = said.get("bs", "512"), said.get("count", "")
    if (
        not size.isdigit()
        or not (count.isdigit() or not count)
        or not said.keys() <= {"if", "of", "bs", "count", "conv"}
    ):
        shell.complain("dd: usage: dd [if=FILE] [of=FILE] [bs=N] [count=N] [conv=fsync]")
        return 1
    source, target = said.get("if"), said.get("of")
    wanted = int(size) * int(count) if count else None
    try:
        if source == "/dev/zero":
            data = bytes(wanted or 0)
        else:
            data = (shell.environment.files.read(source) if source else await shell.stdin.rest())[:wanted]
    except OSError:
        shell.complain(f"dd: can't open '{source}': No such file or directory")
        return 1
    if target:
        shell.environment.files.write(target, data)
    else:
        shell.output(1)(data)
    full, rest = divmod(len(data), int(size))
    for way in ("in", "out"):
        shell.complain(f"{full}+{int(rest > 0)} records {way}")
    return 0
