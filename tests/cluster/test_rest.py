"""Requests and answers: what is sent, and what each kind of answer is taken for."""

import asyncio
import json

import anyio
import pytest
from aiohttp import web

from chaos.cluster.port import Expired, Refused, Uncertain, Unreachable
from chaos.cluster.rest import path
from tests.cluster.loopback import answering, api, client, status


@pytest.mark.parametrize(
    ("code", "reason"), [(403, "Forbidden"), (404, "NotFound"), (409, "Conflict"), (429, "TooMany")]
)
async def test_a_4xx_is_refused_with_the_servers_words(code: int, reason: str) -> None:
    async with api(answering(code, status(code, reason, "no"))) as kube:
        with pytest.raises(Refused) as caught:
            await kube.delete("pods", "ns", "web-0")

    assert (caught.value.status, caught.value.reason, caught.value.message) == (code, reason, "no")


async def test_410_is_expired() -> None:
    async with api(answering(410, status(410, "Expired", "too old"))) as kube:
        with pytest.raises(Expired):
            await kube.get("pods", "ns", "web-0")


@pytest.mark.parametrize("code", [500, 503, 504, 408, 302])
async def test_an_answer_that_is_neither_success_nor_refusal_is_uncertain(code: int) -> None:
    async with api(answering(code, status(code, "Trouble", "later"))) as kube:
        with pytest.raises(Uncertain, match=f"DELETE pods/web-0: {code} Trouble: later") as caught:
            await kube.delete("pods", "ns", "web-0")

    assert caught.value.status == code


async def test_the_page_of_a_broken_proxy_is_not_quoted() -> None:
    async with api(answering(502, "<html>secret</html>", "text/html")) as kube:
        with pytest.raises(Uncertain, match=r"^PATCH statefulsets/web: 502 Bad Gateway$"):
            await kube.patch("statefulsets", "ns", "web", {})


@pytest.mark.parametrize("text", ["<html>login</html>", "[1]", ""])
async def test_a_success_without_an_object_is_uncertain(text: str) -> None:
    async with api(answering(200, text)) as kube:
        with pytest.raises(Uncertain):
            await kube.create("pods", "ns", {"metadata": {"name": "p"}})


async def test_a_slow_answer_is_uncertain() -> None:
    released = anyio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await released.wait()
        return web.Response(text="{}")

    async with api(handler, timeout_s=0.05) as kube:
        with pytest.raises(Uncertain, match="no answer in time"):
            await kube.delete("pods", "ns", "web-0")
        released.set()


async def test_no_server_is_unreachable() -> None:
    async with client("http://127.0.0.1:1") as kube:
        with pytest.raises(Unreachable):
            await kube.delete("pods", "ns", "web-0")


async def test_a_delete_on_a_dropped_kept_alive_connection_is_uncertain_and_not_sent_again() -> None:
    requests: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            requests.append(head.split(b" ", 1)[0].decode())
            if requests[-1] == "DELETE":
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client(f"http://127.0.0.1:{port}") as kube:
        await kube.get("pods", "ns", "web-0")
        with pytest.raises(Uncertain):
            await kube.delete("pods", "ns", "web-0")

    assert requests == ["GET", "DELETE"]


async def test_a_cut_answer_is_uncertain() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"kind"')
        assert request.transport is not None
        request.transport.close()
        return response

    async with api(handler) as kube:
        with pytest.raises(Uncertain):
            await kube.patch("pods", "ns", "web-0", {})


async def test_delete_sends_its_options() -> None:
    seen: list[object] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append((request.method, request.path, json.loads(await request.text())))
        return web.Response(text="{}")

    async with api(handler) as kube:
        await kube.delete("pods", "ns", "web-0", uid="u", grace_s=0)
        await kube.delete("statefulsets", "ns", "web", propagation="Orphan")

    options = {"apiVersion": "v1", "kind": "DeleteOptions"}
    assert seen == [
        (
            "DELETE",
            "/api/v1/namespaces/ns/pods/web-0",
            {**options, "preconditions": {"uid": "u"}, "gracePeriodSeconds": 0},
        ),
        ("DELETE", "/apis/apps/v1/namespaces/ns/statefulsets/web", {**options, "propagationPolicy": "Orphan"}),
    ]


async def test_a_patch_names_its_type_and_subresource() -> None:
    seen: list[object] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append((request.path, request.content_type, await request.text()))
        return web.Response(text="{}")

    async with api(handler) as kube:
        await kube.patch("statefulsets", "ns", "web", {"spec": {"replicas": 2}}, subresource="scale")
        await kube.patch("statefulsets", "ns", "web", [{"op": "add"}], "json")

    target = "/apis/apps/v1/namespaces/ns/statefulsets/web"
    assert seen == [
        (f"{target}/scale", "application/merge-patch+json", '{"spec":{"replicas":2}}'),
        (target, "application/json-patch+json", '[{"op":"add"}]'),
    ]


async def test_a_list_is_read_in_pages_at_a_quorum_and_its_items_get_their_kind() -> None:
    queries: list[dict[str, str]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        queries.append(dict(request.query))
        last = "continue" in request.query
        page = {
            "kind": "PodList",
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "7", **({} if last else {"continue": "more"})},
            "items": [{"metadata": {"name": "b" if last else "a"}}],
        }
        return web.json_response(page)

    async with api(handler) as kube:
        listing = await kube.list("pods", "ns")

    assert listing.rv == "7"
    assert listing.items == (
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}},
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "b"}},
    )
    assert queries == [{"limit": "500"}, {"limit": "500", "continue": "more"}]


async def test_a_list_whose_continue_token_expired_starts_afresh() -> None:
    answers = [
        web.json_response({"kind": "PodList", "metadata": {"resourceVersion": "7", "continue": "c"}, "items": []}),
        web.Response(status=410, text=status(410, "Expired", "token"), content_type="application/json"),
        web.json_response({"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": None}),
    ]

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return answers.pop(0)

    async with api(handler) as kube:
        listing = await kube.list("pods", "ns")

    assert (listing.rv, listing.items) == ("9", ())


async def test_allowed_asks_for_the_subresource_and_its_group() -> None:
    seen: list[object] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(json.loads(await request.text())["spec"]["resourceAttributes"])
        return web.json_response({"status": {"allowed": len(seen) == 1}}, status=201)

    async with api(handler) as kube:
        answers = [await kube.allowed("create", "pods/exec", "ns"), await kube.allowed("patch", "statefulsets", "ns")]

    assert answers == [True, False]
    assert seen == [
        {"verb": "create", "resource": "pods", "subresource": "exec", "group": "", "namespace": "ns"},
        {"verb": "patch", "resource": "statefulsets", "subresource": "", "group": "apps", "namespace": "ns"},
    ]


async def test_version_has_no_v() -> None:
    async with api(answering(200, '{"gitVersion": "v1.37.2"}')) as kube:
        assert await kube.version() == "1.37.2"


async def test_a_cancelled_request_leaves_the_client_usable() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "DELETE":
            await anyio.sleep_forever()
        return web.Response(text='{"kind": "Pod"}')

    async with api(handler) as kube:
        with anyio.move_on_after(0.05) as scope:
            await kube.delete("pods", "ns", "web-0")

        assert scope.cancelled_caught
        assert await kube.get("pods", "ns", "web-0") == {"kind": "Pod"}


def test_paths() -> None:
    assert path("nodes", "") == "/api/v1/nodes"
    assert path("namespaces", "", "ns") == "/api/v1/namespaces/ns"
    assert path("endpointslices", "ns") == "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices"
