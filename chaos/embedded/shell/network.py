"""nslookup and wget, in the words of busybox 1.28."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chaos.embedded.shell.streams import ENCODING, ERRORS

if TYPE_CHECKING:
    from chaos.embedded.shell.interpreter import Shell

_URL = re.compile(r"(?:http://)?([^/:]+)(?::(\d+))?(/.*)?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


async def nslookup(shell: Shell, words: list[str]) -> int:
    """Look a name up as the C library does; 1 if it has no address."""
    if len(words) < 2:
        shell.complain("nslookup: usage: nslookup HOST [SERVER]")
        return 1
    name, chosen = words[1], words[2] if len(words) > 2 else ""
    server = chosen or shell.environment.nameserver
    shell.write(f"Server:    {server}\nAddress 1: {server}\n\n")
    found = await shell.environment.resolve(name, chosen)
    if found.code != "NOERROR":
        why = "Try again" if found.code == "TIMEOUT" else "Name does not resolve"
        shell.complain(f"nslookup: can't resolve '{name}': {why}")
        return 1
    rows = [f"Address {number}: {address} {found.name}\n" for number, address in enumerate(found.addresses, 1)]
    shell.write(f"Name:      {name}\n{''.join(rows)}")
    return 0


async def wget(shell: Shell, words: list[str]) -> int:
    """Fetch a page: -O FILE (- for standard output), -q, -S, -T; 1 if there is none."""
    target, is_quiet, url = None, False, ""
    rest = iter(words[1:])
    for word in rest:
        if word.startswith("-O"):
            target = word[2:] or next(rest, "-")
        elif word.startswith("-q"):
            is_quiet = True
            target = next(rest, "-") if word.endswith("O") else target
            target = word[3:] or target if word.startswith("-qO") else target
        elif word == "-T":
            next(rest, None)
        elif not word.startswith("-"):
            url = word
    match = _URL.fullmatch(url)
    if match is None:
        shell.complain("wget: missing or bad URL")
        return 1
    return await _fetch(shell, match[1], int(match[2] or 80), match[3] or "/", target, is_quiet)


async def _fetch(shell: Shell, host: str, port: int, path: str, target: str | None, is_quiet: bool) -> int:
    address = host
    if not _ADDRESS.fullmatch(host):
        found = await shell.environment.resolve(host)
        if found.code != "NOERROR":
            shell.complain(f"wget: bad address '{host}'")
            return 1
        address = found.addresses[0]
    if not is_quiet:
        shell.complain(f"Connecting to {host} ({address}:{port})")
    page = await shell.environment.fetch(address, port, path, host)
    if page.trouble:
        why = "Connection refused" if page.trouble == "refused" else "Connection timed out"
        shell.complain(f"wget: can't connect to remote host ({address}): {why}")
        return 1
    if page.status != 200:
        reason = {403: "403 Forbidden", 404: "404 Not Found"}.get(page.status, str(page.status))
        shell.complain(f"wget: server returned error: HTTP/1.1 {reason}")
        return 1
    name = target or path.rpartition("/")[2] or "index.html"
    if name == "-":
        shell.output(1)(page.body)
    else:
        shell.environment.files.write(name, page.body)
    if not is_quiet:
        size = len(page.body)
        shell.output(2)(f"{name:20.20} 100% |{'*' * 31}| {size:5d}  0:00:00 ETA\n".encode(ENCODING, ERRORS))
    return 0
