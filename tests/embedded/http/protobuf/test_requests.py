"""Requests, answers and watches in protobuf, over HTTP."""

import struct

import anyio
import pytest

from chaos.embedded.api.schema import messages
from chaos.embedded.http.protobuf import PROTOBUF, decoded, encoded
from chaos.embedded.http.protobuf.codec import decode
from chaos.embedded.http.protobuf.wire import records
from chaos.embedded.interface import Json
from tests.embedded.http.world import World, talk

PATH = "/api/v1/namespaces/ns/configmaps"
KIND = {"kind": "ConfigMap", "apiVersion": "v1"}
BOTH = {"Accept": f"{PROTOBUF},application/json", "Content-Type": PROTOBUF}


def config(name: str) -> Json:
    """A configmap as a client sends it."""
    return {**KIND, "metadata": {"name": name}, "data": {"k": "v"}}


async def ask(world: World, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
    """Status, type and bytes of an answer."""
    async with world.session.request(method, f"http://k{path}", data=body, headers=BOTH) as answer:
        return answer.status, answer.content_type, await answer.read()


def test_an_object_is_created_and_answered_in_protobuf() -> None:
    async def client(world: World) -> None:
        status, kind, body = await ask(world, "POST", PATH, encoded(config("a")))

        assert (status, kind) == (201, PROTOBUF)
        assert decoded(body) == world.api.get("configmaps", "ns", "a")

    talk(client)


def test_a_list_is_answered_in_protobuf() -> None:
    async def client(world: World) -> None:
        for name in ("a", "b"):
            world.api.create("configmaps", "ns", config(name), user="test")
        _, kind, body = await ask(world, "GET", PATH)
        unknown = {each.number: each.value for each in records(body[4:])}
        parts = list(records(unknown[2]))
        listing = world.api.list("configmaps", "ns")

        assert kind == PROTOBUF
        assert unknown[1] == b"\x0a\x02v1\x12\x0dConfigMapList"
        assert decode(messages()["meta.v1.ListMeta"], parts[0].value) == {"resourceVersion": str(listing.rv)}
        items = [{**KIND, **decode(messages()["core.v1.ConfigMap"], each.value)} for each in parts[1:]]
        assert items == list(listing.items)

    talk(client)


def test_a_refusal_is_a_status_that_every_client_reads() -> None:
    async def client(world: World) -> None:
        status, kind, body = await ask(world, "GET", f"{PATH}/nothing")

        assert (status, kind) == (404, "application/json")
        assert b'configmaps \\"nothing\\" not found' in body

    talk(client)


def test_a_watch_is_told_in_frames() -> None:
    async def client(world: World) -> None:
        query = "?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
        async with world.session.get(f"http://k{PATH}{query}", headers=BOTH) as answer:
            assert answer.headers["Content-Type"] == f"{PROTOBUF};stream=watch"
            made = world.api.create("configmaps", "ns", config("a"), user="test")
            seen = []
            with anyio.fail_after(5):
                for _ in range(2):
                    (size,) = struct.unpack(">I", await answer.content.readexactly(4))
                    event = {each.number: each.value for each in records(await answer.content.readexactly(size))}
                    (held,) = records(event[2])
                    seen.append((event[1].decode(), decoded(held.value)))

        assert [kind for kind, _ in seen] == ["BOOKMARK", "ADDED"]
        assert seen[0][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
        assert seen[1][1] == made

    talk(client)


def test_a_delete_reads_its_options() -> None:
    async def client(world: World) -> None:
        made = world.api.create("configmaps", "ns", config("a"), user="test")
        options: Json = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": "other"}}
        refused = await ask(world, "DELETE", f"{PATH}/a", encoded(options))
        options["preconditions"]["uid"] = made["metadata"]["uid"]
        done = await ask(world, "DELETE", f"{PATH}/a", encoded(options))

        assert (refused[0], done[0]) == (409, 200)

    talk(client)


def test_a_body_that_is_no_protobuf_is_refused() -> None:
    async def client(world: World) -> int:
        return (await ask(world, "POST", PATH, b"{}"))[0]

    assert talk(client) == 400


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        (f"application/json,{PROTOBUF}", "application/json"),
        (f"{PROTOBUF};as=Table;g=meta.k8s.io;v=v1,application/json", "application/json"),
        (f"{PROTOBUF};as=Table;g=meta.k8s.io;v=v1,{PROTOBUF}", PROTOBUF),
        (f"{PROTOBUF}, */*", PROTOBUF),
    ],
)
def test_protobuf_is_answered_where_it_is_named_first(accept: str, kind: str) -> None:
    async def client(world: World) -> str:
        async with world.session.get(f"http://k{PATH}", headers={"Accept": accept}) as answer:
            return answer.content_type

    assert talk(client) == kind
