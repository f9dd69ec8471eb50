"""Watches and commands: what streams, in which order, and how it ends."""

from typing import Any

import anyio
import pytest

from chaos.cluster.port import Expired, Refused
from chaos.cluster.rest import Kube, Server
from tests.embedded.http.world import World, talk
from tests.embedded.server import NS, USER, pod

PODS = "/api/v1/namespaces/ns/pods"


async def lines(world: World, query: str, count: int) -> list[Any]:
    """The first events of a watch."""
    import msgspec

    found: list[Any] = []
    async with world.session.get(f"http://k{PODS}?watch=true&{query}") as answer:
        while len(found) < count:
            line = await answer.content.readline()
            if not line:
                break
            found.append(msgspec.json.decode(line))
    return found


def label(world: World, name: str, value: str) -> None:
    world.api.patch("pods", NS, name, {"metadata": {"labels": {"app": value}}}, "merge", user=USER)


def test_a_watch_begins_after_its_version() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        rv = world.api.list("pods").rv
        world.api.create("pods", NS, pod("b"), user=USER)
        world.api.delete("pods", NS, "a", user=USER)
        return await lines(world, f"resourceVersion={rv}", 3)

    found = talk(client)

    assert [(e["type"], e["object"]["metadata"]["name"]) for e in found] == [
        ("ADDED", "b"),
        ("MODIFIED", "a"),
        ("DELETED", "a"),
    ]


def test_without_a_version_it_begins_with_what_is_there() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        return await lines(world, "sendInitialEvents=true&allowWatchBookmarks=true", 2)

    added, bookmark = talk(client)

    assert added["type"] == "ADDED"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_with_a_selector_objects_come_and_go() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        rv = world.api.list("pods").rv
        for value in ("x", "x", "y"):
            label(world, "a", value)
            world.api.patch("pods", NS, "a", {"metadata": {"annotations": {"n": value}}}, "merge", user=USER)
        return await lines(world, f"resourceVersion={rv}&labelSelector=app%3Dx", 3)

    assert [event["type"] for event in talk(client)] == ["ADDED", "MODIFIED", "DELETED"]


def test_a_selected_watch_that_began_with_what_is_there_sees_it_change_and_go() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        world.api.create("pods", NS, pod("b"), user=USER)
        async with anyio.create_task_group() as group:
            group.start_soon(change, world)
            found = await lines(world, "fieldSelector=metadata.name=a", 4)
        return found

    async def change(world: World) -> None:
        await anyio.sleep(1)
        label(world, "a", "x")
        world.api.delete("pods", NS, "a", user=USER)

    assert [(e["type"], e["object"]["metadata"]["name"]) for e in talk(client)] == [
        ("ADDED", "a"),
        ("MODIFIED", "a"),
        ("MODIFIED", "a"),
        ("DELETED", "a"),
    ]


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ("labelSelector=app%3Dnginx", ["MODIFIED", "MODIFIED", "DELETED", "ADDED", "MODIFIED", "DELETED"]),
        ("fieldSelector=metadata.name%3Da", ["MODIFIED"] * 6 + ["DELETED"]),
    ],
)
def test_a_selected_watch_goes_on_where_another_stopped(selector: str, told: list[str]) -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        label(world, "a", "nginx")
        rv = world.api.list("pods").rv
        for value in ("nginx", "other", "nginx"):
            world.api.patch("pods", NS, "a", {"metadata": {"annotations": {"seen": value}}}, "merge", user=USER)
            label(world, "a", value)
        world.api.delete("pods", NS, "a", user=USER, grace_s=0)
        return await lines(world, f"resourceVersion={rv}&timeoutSeconds=5&{selector}", 99)

    found = talk(client)

    assert [event["type"] for event in found] == told


def test_only_who_asks_is_told_that_all_that_was_there_has_been_told() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("a"), user=USER)
        return [
            await lines(world, "timeoutSeconds=5", 2),
            await lines(world, "resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=5", 2),
        ]

    assert [[event["type"] for event in each] for each in talk(client)] == [["ADDED"], ["ADDED"]]


def test_a_quiet_watch_gets_bookmarks_and_ends_in_time() -> None:
    async def client(world: World) -> tuple[list[Any], float]:
        rv = world.api.list("pods").rv
        query = f"resourceVersion={rv}&allowWatchBookmarks=true&timeoutSeconds=150"
        return await lines(world, query, 99), anyio.current_time()

    found, ended = talk(client)

    assert [event["type"] for event in found] == ["BOOKMARK", "BOOKMARK"]
    assert ended == pytest.approx(150, abs=0.1)


def test_a_version_that_is_gone_is_told_in_the_stream() -> None:
    async def client(world: World) -> list[Any]:
        for name in "abc":
            world.api.create("pods", NS, pod(name), user=USER)
        world.api.compact(world.api.list("pods").rv)
        return await lines(world, "resourceVersion=3", 1)

    (event,) = talk(client)

    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


def test_the_exercisers_own_client_understands_all_of_it() -> None:
    async def client(world: World) -> list[Any]:
        kube = Kube(world.session, Server("http://k"))
        seen: list[Any] = [await kube.version()]
        made = await kube.create("pods", NS, pod("web-0"))
        listing = await kube.list("pods", NS)
        seen.append([item["kind"] for item in listing.items])
        async with kube.watch("pods", NS, listing.rv) as events:
            await kube.patch("pods", NS, "web-0", {"metadata": {"labels": {"a": "b"}}})
            event = await anext(aiter(events))
            seen.append((event.type, event.object["metadata"]["labels"]))
        await kube.delete("pods", NS, "web-0", uid=made["metadata"]["uid"], grace_s=0)
        for call in (kube.get("pods", NS, "web-0"), kube.create("pods", "nowhere", pod("x"))):
            try:
                await call
            except Refused as error:
                seen.append((error.status, error.reason))
        world.api.compact(world.api.list("pods").rv)
        try:
            async with kube.watch("pods", NS, listing.rv) as events:
                await anext(aiter(events))
        except Expired:
            seen.append("expired")
        return seen

    assert talk(client) == [
        "1.37.2",
        ["Pod"],
        ("MODIFIED", {"a": "b"}),
        (404, "NotFound"),
        (404, "NotFound"),
        "expired",
    ]


def test_a_command_has_its_streams_and_its_exit_code() -> None:
    async def client(world: World) -> Any:
        kube = Kube(world.session, Server("http://k"))
        done = await kube.run(NS, "web-0", "c", ("one", "two"))
        async with kube.attach(NS, "web-0", "c", ("first\nsecond\n",)) as channel:
            await channel.send(b"typed\n")
            return done, [await anext(channel.lines()) for _ in range(1)]

    done, first = talk(client)

    assert (done.code, done.stdout) == (2, "one two")
    assert first == ["first"]


def test_a_command_that_cannot_be_run_is_refused() -> None:
    async def client(world: World) -> Any:
        kube = Kube(world.session, Server("http://k"))
        with pytest.raises(Refused) as caught:
            await kube.run(NS, "web-9", "c", ("true",))
        return caught.value.status

    assert talk(client) == 404
