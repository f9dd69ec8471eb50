"""A command in a container over a WebSocket: byte 0 of every frame names the stream.

Facts: k8s.io/apimachinery 0.37 util/remotecommand: 0 in, 1 out, 2 err, 3 the Status at the end, 4 the terminal's size; from
v5 on 255 closes a stream.
"""

import anyio
import msgspec
from aiohttp import WSMsgType, web

from chaos.embedded.http.answers import status_object
from chaos.embedded.interface import ApiError, Json, Kubelet, Streams
from chaos.embedded.mailbox import Mailbox
from chaos.embedded.waiting import Bell

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")

STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255

_encode = msgspec.json.Encoder().encode

Socket = web.WebSocketResponse


async def answer(request: web.BaseRequest, kubelet: Kubelet, namespace: str, pod: str) -> web.StreamResponse:
    """Run the command of an exec request to its end, or until the client leaves.

    Raises:
        ApiError: 400 the client does not speak WebSocket; also as `Kubelet.check` does.
    """
    query = request.query
    command = query.getall("command", [])
    kubelet.check(namespace, pod, query.get("container", ""), command)
    if "websocket" not in request.headers.get("Upgrade", "").lower():
        raise ApiError(400, "BadRequest", "Upgrade request required: commands are served over WebSockets only")
    socket = Socket(protocols=PROTOCOLS, compress=False)
    await socket.prepare(request)
    conversation = _Conversation(socket, has_stdin=query.get("stdin", "").lower() == "true")
    async with anyio.create_task_group() as group:
        group.start_soon(conversation.receive, group.cancel_scope)
        group.start_soon(conversation.send)
        try:
            code = await kubelet.exec(namespace, pod, query.get("container", ""), command, conversation.streams)
            status = _ended(code)
        except ApiError as error:
            status = status_object(error)
        conversation.end(status)
        await conversation.sent.wait()
        group.cancel_scope.cancel()
    await socket.close()
    return socket


class _Conversation:
    """The two directions of one command."""

    def __init__(self, socket: Socket, *, has_stdin: bool) -> None:
        self._socket = socket
        self._stdin: Mailbox[bytes] = Mailbox()
        if not has_stdin:
            self._stdin.close()
        self._out: list[tuple[int, bytes]] = []
        self._bell = Bell()
        self._ended = False
        self.sent = anyio.Event()
        self.streams = Streams(
            self._stdin, lambda data: self._write(STDOUT, data), lambda data: self._write(STDERR, data)
        )

    async def receive(self, scope: anyio.CancelScope) -> None:
        """Take in standard input until the client leaves, which ends the command."""
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY or not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel == CLOSE:
                self._stdin.close()
            elif channel == STDIN and data:
                self._stdin.put(data)
        if not self._ended:
            scope.cancel()

    async def send(self) -> None:
        """Send what the command writes, then how it ended."""
        while True:
            if not self._out:
                await self._bell.rung()
            out, self._out = self._out, []
            for channel, data in out:
                await self._socket.send_bytes(bytes([channel]) + data)
            if self._ended and not self._out:
                self.sent.set()
                return

    def end(self, status: Json) -> None:
        """The command is over."""
        self._ended = True
        self._write(ERROR, _encode(status))

    def _write(self, channel: int, data: bytes) -> None:
        if self._out and self._out[-1][0] == channel:
            self._out[-1] = (channel, self._out[-1][1] + data)
        else:
            self._out.append((channel, data))
        self._bell.ring()


def _ended(code: int) -> Json:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
        "code": 500,
    }
