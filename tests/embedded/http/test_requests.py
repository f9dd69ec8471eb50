"""Requests as clients send them, and everything that is wrong with one."""

import io
import json
from typing import Any

import pytest

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.http.bodies import LIMIT
from chaos.embedded.http.paths import target
from tests.embedded.http.world import World, talk
from tests.embedded.server import pod

PODS = "/api/v1/namespaces/ns/pods"
JSON = {"Content-Type": "application/json"}
MERGE = {"Content-Type": "application/merge-patch+json"}


def test_an_object_is_made_read_changed_and_removed() -> None:
    async def client(world: World) -> list[Any]:
        made = await world.ask("POST", PODS, json=pod("web-0"))
        read = await world.ask("GET", f"{PODS}/web-0")
        changed = await world.ask("PATCH", f"{PODS}/web-0", data='{"metadata":{"labels":{"a":"b"}}}', headers=MERGE)
        gone = await world.ask("DELETE", f"{PODS}/web-0", json={"gracePeriodSeconds": 0})
        absent = await world.ask("GET", f"{PODS}/web-0")
        return [made, read, changed, gone, absent]

    made, read, changed, gone, absent = talk(client)

    assert [each[0] for each in (made, read, changed, gone, absent)] == [201, 200, 200, 200, 404]
    assert made[1] == read[1]
    assert changed[1]["metadata"]["labels"] == {"a": "b"}
    assert absent[1] == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'pods "web-0" not found',
        "reason": "NotFound",
        "details": {"name": "web-0", "kind": "pods"},
        "code": 404,
    }


def test_a_collection_is_deleted_as_far_as_it_is_selected() -> None:
    async def client(world: World) -> list[Any]:
        for number in range(4):
            body = pod(f"web-{number}")
            body["metadata"]["labels"] = {"odd": str(number % 2)}
            await world.ask("POST", PODS, json=body)
        gone = await world.ask("DELETE", f"{PODS}?labelSelector=odd%3D1", json={"gracePeriodSeconds": 0})
        _, left = await world.ask("GET", PODS)
        refused = await world.ask("DELETE", "/api/v1/namespaces")
        return [gone, left, refused]

    gone, left, refused = talk(client)

    assert (gone[0], gone[1]["kind"], [each["metadata"]["name"] for each in gone[1]["items"]]) == (
        200,
        "PodList",
        ["web-1", "web-3"],
    )
    assert [each["metadata"]["name"] for each in left["items"]] == ["web-0", "web-2"]
    assert refused[0] == 405


def test_a_list_comes_in_pages_and_selections() -> None:
    async def client(world: World) -> list[Any]:
        for number in range(5):
            body = pod(f"web-{number}")
            body["metadata"]["labels"] = {"odd": str(number % 2)}
            await world.ask("POST", PODS, json=body)
        _, first = await world.ask("GET", f"{PODS}?limit=3")
        _, rest = await world.ask("GET", f"{PODS}?limit=3&continue={first['metadata']['continue']}")
        _, odd = await world.ask("GET", f"{PODS}?labelSelector=odd%3D1")
        _, one = await world.ask("GET", f"{PODS}?fieldSelector=metadata.name%3Dweb-3")
        return [first, rest, odd, one]

    first, rest, odd, one = talk(client)

    names = [[item["metadata"]["name"] for item in page["items"]] for page in (first, rest, odd, one)]
    assert names == [["web-0", "web-1", "web-2"], ["web-3", "web-4"], ["web-1", "web-3"], ["web-3"]]
    assert first["metadata"]["remainingItemCount"] == 2
    assert first["metadata"]["resourceVersion"] == rest["metadata"]["resourceVersion"]
    assert "continue" not in rest["metadata"]


def test_later_pages_are_of_the_list_that_the_first_was_of() -> None:
    async def client(world: World) -> list[Any]:
        for name in "bcd":
            await world.ask("POST", PODS, json=pod(name))
        _, first = await world.ask("GET", f"{PODS}?limit=2")
        await world.ask("POST", PODS, json=pod("a"))
        await world.ask("PATCH", f"{PODS}/d", json={"metadata": {"labels": {"new": "1"}}}, headers=MERGE)
        path = f"{PODS}?limit=2&continue={first['metadata']['continue']}"
        _, rest = await world.ask("GET", path)
        world.api.compact(world.api.list("pods").rv)
        _, late = await world.ask("GET", path)
        return [first, rest, late]

    first, rest, late = talk(client)

    assert [(item["metadata"]["name"], item["metadata"].get("labels")) for item in rest["items"]] == [("d", None)]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert (late["code"], late["reason"]) == (410, "Expired")


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "reason"),
    [
        ("POST", PODS, {"data": "{", "headers": JSON}, 400, "BadRequest"),
        ("POST", PODS, {"data": "[]", "headers": JSON}, 400, "BadRequest"),
        ("POST", PODS, {"json": {"metadata": "x"}}, 400, "BadRequest"),
        ("POST", PODS, {"data": io.BytesIO(b"x" * (LIMIT + 1)), "headers": JSON}, 413, "RequestEntityTooLarge"),
        ("POST", PODS, {"json": {"metadata": {"name": "a", "namespace": "b"}}}, 400, "BadRequest"),
        (
            "POST",
            PODS,
            {"data": "metadata: {}", "headers": {"Content-Type": "text/plain"}},
            415,
            "UnsupportedMediaType",
        ),
        ("POST", PODS, {"json": {"metadata": {"name": 5}}}, 400, "BadRequest"),
        ("POST", PODS, {"json": {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}}}, 400, "BadRequest"),
        ("POST", PODS, {"data": '{"a":' * 12_000 + "1" + "}" * 12_000, "headers": JSON}, 400, "BadRequest"),
        ("PATCH", f"{PODS}/web-0", {"data": "[]", "headers": MERGE}, 400, "BadRequest"),
        ("PATCH", f"{PODS}/web-0", {"data": '{"spec": {"volumes": {}}}', "headers": MERGE}, 422, "Invalid"),
        ("GET", f"{PODS}?resourceVersion=1&resourceVersionMatch=Near", {}, 422, "Invalid"),
        ("POST", f"{PODS}/web-0", {"json": {}}, 405, "MethodNotAllowed"),
        ("PATCH", f"{PODS}/web-0", {"data": "{}"}, 415, "UnsupportedMediaType"),
        ("PATCH", PODS, {"data": "{}", "headers": MERGE}, 405, "MethodNotAllowed"),
        ("DELETE", f"{PODS}/web-0", {"json": {"propagationPolicy": "Sideways"}}, 422, "Invalid"),
        ("DELETE", f"{PODS}/web-0", {"json": {"gracePeriodSeconds": "soon"}}, 400, "BadRequest"),
        ("DELETE", f"{PODS}/web-0", {"json": {"preconditions": "uid"}}, 400, "BadRequest"),
        ("DELETE", f"{PODS}/web-0?gracePeriodSeconds=soon", {}, 400, "BadRequest"),
        ("OPTIONS", PODS, {}, 405, "MethodNotAllowed"),
        ("GET", f"{PODS}?labelSelector=%3D", {}, 400, "BadRequest"),
        ("GET", f"{PODS}?limit=many", {}, 400, "BadRequest"),
        ("GET", f"{PODS}?continue=what", {}, 400, "BadRequest"),
        ("GET", "/api/v1/namespaces/ns/flowers", {}, 404, "NotFound"),
        ("GET", "/apis/apps/v1beta1/statefulsets", {}, 404, "NotFound"),
        ("GET", "/api/v1/namespaces/ns/pods/../../secrets", {}, 404, "NotFound"),
        ("GET", "/api/v1/namespaces/ns/pods/a/b/c", {}, 404, "NotFound"),
        ("GET", "/etc/passwd", {}, 404, "NotFound"),
        ("GET", f"{PODS}/web-0/exec", {}, 400, "BadRequest"),
    ],
)
def test_bad_input_gets_a_status(method: str, path: str, more: dict[str, Any], status: int, reason: str) -> None:
    from yarl import URL

    async def client(world: World) -> tuple[int, Any]:
        async with world.session.request(method, URL(f"http://k{path}", encoded=True), **more) as answer:
            return answer.status, await answer.json(content_type=None)

    code, body = talk(client)

    assert (code, body["kind"], body["code"], body["reason"]) == (status, "Status", status, reason)


def test_what_nobody_foresaw_is_a_status_too() -> None:
    async def client(world: World) -> tuple[int, Any]:
        return await world.ask("PUT", f"{PODS}/web-0", json={"metadata": {"name": "web-0"}, "spec": 7})

    async def prepared(world: World) -> tuple[int, Any]:
        await world.ask("POST", PODS, json=pod("web-0"))
        return await client(world)

    code, body = talk(prepared)

    assert body["kind"] == "Status"
    assert code in (400, 422, 500)


def test_a_client_that_leaves_in_the_middle_of_a_request_harms_nobody() -> None:
    async def client(world: World) -> int:
        import anyio

        async def endless() -> Any:
            yield b'{"metadata":'
            await anyio.sleep(60)

        with anyio.move_on_after(1):
            await world.ask("POST", PODS, data=endless())
        return (await world.ask("POST", PODS, json=pod("web-0")))[0]

    assert talk(client) == 201


def test_a_slow_and_refusing_server() -> None:
    async def client(world: World) -> list[Any]:
        import anyio

        world.faults.slow_s = 2.0
        began = anyio.current_time()
        await world.ask("GET", PODS)
        took = anyio.current_time() - began
        world.faults.slow_s, world.faults.refusals = 0.0, {429: 1.0}
        refused = await world.ask("POST", PODS, json=pod("web-0"))
        world.faults.refusals, world.faults.uncertain = {}, 1.0
        lost = await world.ask("POST", PODS, json=pod("web-0"))
        world.faults.uncertain = 0.0
        return [took, refused[0], lost[0], (await world.ask("GET", f"{PODS}/web-0"))[0]]

    took, refused, lost, there = talk(client)

    assert 2.0 < took < 2.1
    assert (refused, lost, there) == (429, 500, 200)


@pytest.mark.parametrize("resource", list(RESOURCES))
def test_every_resource_has_a_path(resource: str) -> None:
    each = RESOURCES[resource]
    prefix = f"/apis/{each.api_version}" if each.group else "/api/v1"
    inside = "/namespaces/ns" if each.namespaced else ""

    found = target(f"{prefix}{inside}/{resource}/x")

    assert found is not None
    assert (found.resource, found.name) == (each, "x")


def test_the_server_says_what_it_is() -> None:
    async def client(world: World) -> list[Any]:
        async with world.session.get("http://k/metrics") as metrics:
            text = await metrics.text()
        paths = ("/version", "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1")
        return [text, *[(await world.ask("GET", path))[1] for path in paths]]

    metrics, version, _, groups, core, group, apps = talk(client)

    assert 'kubernetes_feature_enabled{name="MaxUnavailableStatefulSet",stage="BETA"} 1\n' in metrics
    assert version["gitVersion"] == "v1.37.2"
    assert "apps" in [each["name"] for each in groups["groups"]]
    assert "pods/exec" in [each["name"] for each in core["resources"]]
    assert group["preferredVersion"]["groupVersion"] == "apps/v1"
    assert {"name": "statefulsets", "shortNames": ["sts"], "namespaced": True}.items() <= next(
        each for each in apps["resources"] if each["name"] == "statefulsets"
    ).items()
    json.dumps(apps)
