"""The watch: how lines become events, and how each way in which a stream can end is told."""

import json
from collections.abc import Sequence

import anyio
import anyio.lowlevel
import pytest
from aiohttp import web

from chaos.cluster.port import Expired, Refused, Uncertain
from tests.cluster.loopback import Handler, answering, api, status


def line(kind: str, **fields: object) -> bytes:
    return json.dumps({"type": kind, "object": fields}).encode() + b"\n"


def sending(chunks: Sequence[bytes], *, then: str = "end") -> Handler:
    """A watch that sends these chunks, and then ends, is cut, or falls silent."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await anyio.lowlevel.checkpoint()
        if then == "cut":
            assert request.transport is not None
            request.transport.close()
        elif then == "silence":
            await anyio.sleep_forever()
        return response

    return handler


async def watched(handler: Handler, silence_s: float = 5.0) -> list[str]:
    """What a watch shows until it ends: each event's type and resourceVersion."""
    seen: list[str] = []
    async with api(handler, silence_s=silence_s) as kube, kube.watch("pods", "ns", "5") as events:
        async for event in events:
            seen.append(f"{event.type} {event.object['rv']}")
    return seen


async def test_events_are_read_whatever_the_chunks() -> None:
    whole = line("ADDED", rv=6) + line("MODIFIED", rv=7) + line("BOOKMARK", rv=9)

    for size in (1, 7, 64, len(whole)):
        chunks = [whole[at : at + size] for at in range(0, len(whole), size)]

        assert await watched(sending(chunks)) == ["ADDED 6", "MODIFIED 7", "BOOKMARK 9"]


async def test_a_line_of_two_megabytes_is_read() -> None:
    assert await watched(sending([line("ADDED", rv=6, padding="x" * 2_000_000), line("DELETED", rv=7)])) == [
        "ADDED 6",
        "DELETED 7",
    ]


async def test_it_asks_for_bookmarks_from_a_version_on() -> None:
    queries: list[dict[str, str]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        queries.append(dict(request.query))
        return web.Response()

    async with api(handler) as kube, kube.watch("leases", "kube-system", "5", "metadata.name=kcm") as events:
        assert [event async for event in events] == []

    assert queries == [
        {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": "5",
            "timeoutSeconds": "240",
            "fieldSelector": "metadata.name=kcm",
        }
    ]


async def test_410_as_answer_is_expired() -> None:
    with pytest.raises(Expired):
        await watched(answering(410, status(410, "Expired", "too old")))


async def test_410_as_event_is_expired() -> None:
    with pytest.raises(Expired, match="too old"):
        await watched(sending([line("ADDED", rv=6), line("ERROR", code=410, reason="Expired", message="too old")]))


async def test_another_error_event_is_uncertain() -> None:
    with pytest.raises(Uncertain):
        await watched(sending([line("ERROR", code=403, reason="Forbidden", message="etcd")]))


async def test_a_forbidden_watch_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        await watched(answering(403, status(403, "Forbidden", "no")))

    assert caught.value.status == 403


@pytest.mark.parametrize("chunk", [b"<html>502</html>\n", b'{"type":"ADDED"}\n', b"[]\n"])
async def test_a_line_that_is_no_event_is_uncertain(chunk: bytes) -> None:
    with pytest.raises(Uncertain):
        await watched(sending([chunk]))


@pytest.mark.parametrize("then", ["cut", "end"])
async def test_a_stream_that_ends_within_a_line_is_uncertain(then: str) -> None:
    with pytest.raises(Uncertain):
        await watched(sending([line("ADDED", rv=6), b'{"type":'], then=then))


async def test_a_cut_stream_is_uncertain() -> None:
    with pytest.raises(Uncertain):
        await watched(sending([line("ADDED", rv=6)], then="cut"))


async def test_a_silent_stream_is_uncertain() -> None:
    with pytest.raises(Uncertain, match="no answer in time"):
        await watched(sending([line("ADDED", rv=6)], then="silence"), silence_s=0.05)


async def test_an_error_of_the_reader_is_not_taken_for_the_clusters() -> None:
    async with api(sending([line("ADDED", rv=6)], then="silence")) as kube:
        with pytest.raises(TimeoutError, match="mine"):
            async with kube.watch("pods", "ns", "5"):
                raise TimeoutError("mine")


async def test_a_cancelled_watch_closes_its_connection() -> None:
    closed = anyio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(line("BOOKMARK", rv=6))
                await anyio.sleep(0.01)
        finally:
            closed.set()

    async with api(handler) as kube:
        with anyio.move_on_after(0.05):
            async with kube.watch("pods", "ns", "5") as events:
                async for _ in events:
                    pass

        with anyio.fail_after(2):
            await closed.wait()
