"""A command in a container over a raw WebSocket: standard output, standard error and exit code kept apart.

Byte 0 of every frame is the channel (k8s.io/apimachinery remotecommand: 0 in, 1 out, 2 err, 3 a Status at the end;
v5 adds 255, which closes a stream). Whether a command that failed had surely not started is told from the Status's
text, since the kubelet gives every start failure code 500.
"""

import codecs
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import aiohttp
import anyio
import msgspec

from chaos.cluster.answers import MESSAGE_CHARACTERS, failure, judged, translated
from chaos.cluster.port import ClusterError, ExecChannel, ExecResult, Json, Refused, Uncertain

Socket: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
HEARTBEAT_S = 10.0

STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255

_NEVER_STARTED = re.compile(
    r"executable file not found|no such file or directory|permission denied|container not found|not found in pod"
    r"|unable to start container process|container is not created or running|is not running|pod does not exist",
    re.IGNORECASE,
)


def parameters(container: str, command: tuple[str, ...], *, stdin: bool) -> list[tuple[str, str]]:
    """The query of an exec request."""
    flags = [("stdout", "true"), ("stderr", "true"), ("stdin", "true" if stdin else "false"), ("tty", "false")]
    return [("container", container), *flags, *(("command", word) for word in command)]


async def connect(
    what: str,
    session: aiohttp.ClientSession,
    url: str,
    params: list[tuple[str, str]],
    *,
    headers: dict[str, str],
    proxy: str | None,
    tls_name: str | None,
) -> Socket:
    """Open the WebSocket.

    Raises:
        Refused: the handshake was answered 4xx (no such pod, no right, not yet scheduled).
        Uncertain: it was answered 5xx.
    """
    try:
        return await session.ws_connect(
            url,
            params=params,
            headers=headers,
            protocols=PROTOCOLS,
            heartbeat=HEARTBEAT_S,
            max_msg_size=0,
            proxy=proxy,
            server_hostname=tls_name,
        )
    except aiohttp.WSServerHandshakeError as error:
        # aiohttp drops the body, and with it the server's own words.
        raise failure(what, error.status, b"") from error


async def finish(what: str, socket: Socket) -> ExecResult:
    """Collect what the command prints until it ends.

    Raises:
        Refused: it surely never started.
        Uncertain: the connection ended before the exit code came.
    """
    printed: dict[int, bytearray] = {STDOUT: bytearray(), STDERR: bytearray(), ERROR: bytearray()}
    async for message in socket:
        if message.type is aiohttp.WSMsgType.BINARY and message.data and message.data[0] in printed:
            printed[message.data[0]] += message.data[1:]
    code = exit_code(what, bytes(printed[ERROR]))
    return ExecResult(code, printed[STDOUT].decode(errors="replace"), printed[STDERR].decode(errors="replace"))


def exit_code(what: str, status: bytes) -> int:
    """The exit code that the closing Status gives.

    Raises:
        Refused: the Status says that the command never started.
        Uncertain: there is no Status, or it says neither.
    """
    if not status:
        raise Uncertain(f"{what}: the connection ended before the command did")
    try:
        value = msgspec.json.decode(status, type=dict)
    except msgspec.MsgspecError as error:
        raise Uncertain(f"{what}: the command's end cannot be read") from error
    if value.get("status") == "Success":
        return 0
    for cause in (value.get("details") or {}).get("causes") or ():
        if cause.get("reason") == "ExitCode" and str(cause.get("message")).isdigit():
            return int(cause["message"])
    raise start_failure(what, value)


def start_failure(what: str, status: Json) -> ClusterError:
    """The error for a Status without exit code."""
    message = str(status.get("message") or "")
    code = int(status.get("code") or 500)
    if code >= 500 and _NEVER_STARTED.search(message):
        # The runtime's own words come last, behind the names of everybody who passed the error on.
        return Refused(code, "NotStarted", message.rpartition("exec failed: ")[2][:MESSAGE_CHARACTERS])
    return judged(what, code, str(status.get("reason") or ""), message)


class Channel:
    """An attached command; implements `chaos.cluster.port.ExecChannel`."""

    def __init__(self, what: str, socket: Socket) -> None:
        self._what = what
        self._socket = socket

    async def send(self, data: bytes) -> None:
        """Write to its standard input."""
        with translated(self._what):
            await self._socket.send_bytes(bytes((STDIN,)) + data)

    async def lines(self) -> AsyncIterator[str]:
        """Lines of its standard output until it ends.

        Raises:
            Refused: it surely never started.
            Uncertain: the connection ended before the command did.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        status = b""
        with translated(self._what):
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                    continue
                if message.data[0] == ERROR:
                    status += message.data[1:]
                elif message.data[0] == STDOUT:
                    # Not `splitlines`, which also splits at characters that a command may print within a line.
                    *whole, rest = (rest + decoder.decode(message.data[1:])).split("\n")
                    for line in whole:
                        yield line
        if rest:
            yield rest
        exit_code(self._what, status)


@asynccontextmanager
async def attached(what: str, connection: AbstractAsyncContextManager[Socket]) -> AsyncIterator[ExecChannel]:
    """The channel of a connection; on leaving, its command sees the end of its input."""
    async with connection as socket:
        try:
            yield Channel(what, socket)
        finally:
            if socket.protocol == PROTOCOLS[0] and not socket.closed:
                with anyio.move_on_after(1, shield=True):
                    await _close_input(socket)


async def _close_input(socket: Socket) -> None:
    try:
        await socket.send_bytes(bytes((CLOSE, STDIN)))
    except (aiohttp.ClientError, OSError):
        # The connection is gone, and with it the command's input.
        return
