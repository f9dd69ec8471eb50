"""Exec: channels kept apart, the exit code, and what an end without one is taken for."""

import json
from collections.abc import Awaitable, Callable

import anyio
import pytest
from aiohttp import WSMsgType, web

from chaos.cluster.exec import exit_code
from chaos.cluster.port import Refused, Uncertain, Unreachable
from tests.cluster.loopback import Handler, answering, api, client, status

Talk = Callable[[web.WebSocketResponse], Awaitable[None]]

SUCCESS = b'\x03{"metadata":{},"status":"Success"}'


def exited(code: int) -> bytes:
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return (
        b"\x03" + json.dumps({"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}).encode()
    )


def failed(code: int, message: str) -> bytes:
    return (
        b"\x03"
        + json.dumps({"status": "Failure", "reason": "InternalError", "code": code, "message": message}).encode()
    )


def exec_server(talk: Talk, protocol: str = "v5.channel.k8s.io") -> Handler:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(protocol,))
        await socket.prepare(request)
        await talk(socket)
        return socket

    return handler


def saying(*frames: bytes) -> Handler:
    async def talk(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_bytes(frame)
        await socket.close()

    return exec_server(talk)


async def test_streams_and_exit_code_are_kept_apart() -> None:
    frames = (b"\x01", b"\x01o\xc3", b"\x02err", b"\x01\xa4ut\n", exited(7))

    async with api(saying(*frames)) as kube:
        result = await kube.run("ns", "p", "c", ("sh",))

    assert (result.code, result.stdout, result.stderr) == (7, "oäut\n", "err")


async def test_success_is_exit_code_0() -> None:
    async with api(saying(SUCCESS)) as kube:
        assert (await kube.run("ns", "p", "c", ("true",))).code == 0


async def test_the_request_names_container_command_and_streams() -> None:
    seen: list[object] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append((request.path, list(request.query.items()), request.headers["Sec-WebSocket-Protocol"]))
        return await saying(SUCCESS)(request)

    async with api(handler) as kube:
        await kube.run("ns", "p", "c", ("echo", "a b"))

    flags = [("stdout", "true"), ("stderr", "true"), ("stdin", "false"), ("tty", "false")]
    assert seen == [
        (
            "/api/v1/namespaces/ns/pods/p/exec",
            [("container", "c"), *flags, ("command", "echo"), ("command", "a b")],
            "v5.channel.k8s.io,v4.channel.k8s.io",
        )
    ]


@pytest.mark.parametrize("code", [400, 403, 404])
async def test_a_refused_handshake_is_refused(code: int) -> None:
    async with api(answering(code, status(code, "No", "no"))) as kube:
        with pytest.raises(Refused) as caught:
            await kube.run("ns", "p", "c", ("true",))

    assert caught.value.status == code


async def test_a_handshake_answered_500_is_uncertain() -> None:
    async with api(answering(500, "")) as kube:
        with pytest.raises(Uncertain, match="exec in p: 500"):
            await kube.run("ns", "p", "c", ("true",))


async def test_no_server_is_unreachable() -> None:
    async with client("http://127.0.0.1:1") as kube:
        with pytest.raises(Unreachable):
            await kube.run("ns", "p", "c", ("true",))


async def test_a_command_that_is_not_there_is_refused() -> None:
    message = (
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "x": executable file not found'
    )
    async with api(saying(failed(500, message))) as kube:
        with pytest.raises(Refused, match="500 NotStarted: unable to start container process"):
            await kube.run("ns", "p", "c", ("x",))


@pytest.mark.parametrize("frames", [(), (b"\x01half",), (failed(500, "error dialing backend: EOF"),), (b"\x03{",)])
async def test_an_end_without_exit_code_is_uncertain(frames: tuple[bytes, ...]) -> None:
    async with api(saying(*frames)) as kube:
        with pytest.raises(Uncertain):
            await kube.run("ns", "p", "c", ("true",))


async def test_a_cut_connection_is_uncertain() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
        await socket.prepare(request)
        await socket.send_bytes(b"\x01half")
        assert request.transport is not None
        request.transport.close()
        return socket

    async with api(handler) as kube:
        with pytest.raises(Uncertain):
            await kube.run("ns", "p", "c", ("true",))


async def test_a_command_that_does_not_end_is_uncertain() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.receive()

    async with api(exec_server(talk), timeout_s=0.1) as kube:
        with pytest.raises(Uncertain, match="no answer in time"):
            await kube.run("ns", "p", "c", ("sleep", "9"))


def test_a_refusal_over_the_channel_keeps_its_status() -> None:
    with pytest.raises(Refused) as caught:
        exit_code("exec", failed(403, "no right")[1:])

    assert caught.value.status == 403


async def echo(socket: web.WebSocketResponse) -> None:
    """Answer every line, in frames that split it; end when the input does."""
    async for message in socket:
        if message.type is not WSMsgType.BINARY or message.data == b"\xff\x00":
            break
        for byte in message.data[1:]:
            await socket.send_bytes(b"\x01" + bytes((byte,)))
        await socket.send_bytes(b"\x02noise\n")


async def test_an_attached_command_reads_lines_and_answers_lines() -> None:
    lines: list[str] = []
    async with api(exec_server(echo)) as kube, kube.attach("ns", "p", "c", ("cat",)) as channel:
        await channel.send("ä\x1fb\nc\n".encode())
        async for line in channel.lines():
            lines.append(line)
            if len(lines) == 2:
                break

    assert lines == ["ä\x1fb", "c"]


@pytest.mark.parametrize(("protocol", "last"), [("v5.channel.k8s.io", b"\xff\x00"), ("v4.channel.k8s.io", b"")])
async def test_leaving_closes_the_input_where_the_protocol_can(protocol: str, last: bytes) -> None:
    received: list[bytes] = []
    ended = anyio.Event()

    async def talk(socket: web.WebSocketResponse) -> None:
        async for message in socket:
            received.append(message.data)
        ended.set()

    async with api(exec_server(talk, protocol)) as kube:
        async with kube.attach("ns", "p", "c", ("cat",)) as channel:
            await channel.send(b"x\n")
        with anyio.fail_after(2):
            await ended.wait()

    assert received == [b"\x00x\n", *([last] if last else [])]


async def test_lines_end_with_the_command_and_fail_with_the_connection() -> None:
    async with api(saying(b"\x01a\nb", SUCCESS)) as kube, kube.attach("ns", "p", "c", ("cat",)) as channel:
        assert [line async for line in channel.lines()] == ["a", "b"]

    async with api(saying(b"\x01a\n")) as kube, kube.attach("ns", "p", "c", ("cat",)) as channel:
        with pytest.raises(Uncertain):
            assert [line async for line in channel.lines()] == ["a"]


async def test_cancelling_leaves_no_connection() -> None:
    ended = anyio.Event()

    async def talk(socket: web.WebSocketResponse) -> None:
        async for _ in socket:
            pass
        ended.set()

    async with api(exec_server(talk)) as kube:
        with anyio.move_on_after(0.05):
            async with kube.attach("ns", "p", "c", ("cat",)) as channel:
                async for _ in channel.lines():
                    pass
        with anyio.fail_after(2):
            await ended.wait()
