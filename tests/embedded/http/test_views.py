"""Tables and metadata over HTTP: who asks for them gets them, in lists, single objects and watches."""

from typing import Any

import msgspec
import pytest

from tests.embedded.http.world import World, talk
from tests.embedded.server import NS, USER, pod

PODS = "/api/v1/namespaces/ns/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
KUBECTL = {"Accept": f"{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"}


def asks(view: str) -> dict[str, str]:
    """The header that asks for a view alone."""
    return {"Accept": f"application/json;as={view};v=v1;g=meta.k8s.io"}


def one_pod(*requests: tuple[str, str, dict[str, Any]]) -> list[tuple[int, Any]]:
    """The answers to requests where there is the pod web-0."""

    async def client(world: World) -> list[tuple[int, Any]]:
        world.api.create("pods", NS, pod("web-0"), user=USER)
        return [await world.ask(method, path, **more) for method, path, more in requests]

    return talk(client)


def test_lists_and_objects_are_told_as_rows() -> None:
    listed, got, absent = one_pod(
        ("GET", PODS, {"headers": KUBECTL}),
        ("GET", f"{PODS}/web-0", {"headers": KUBECTL}),
        ("GET", f"{PODS}/web-1", {"headers": KUBECTL}),
    )

    assert listed[1]["kind"] == got[1]["kind"] == "Table"
    assert listed[1]["rows"][0]["cells"] == [
        "web-0",
        "0/1",
        "Pending",
        "0",
        "0s",
        "<none>",
        "<none>",
        "<none>",
        "<none>",
    ]
    assert listed[1]["rows"] == got[1]["rows"]
    assert listed[1]["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    assert (absent[0], absent[1]["kind"]) == (404, "Status")


def test_a_row_has_as_much_of_its_object_as_is_asked_for() -> None:
    whole, nothing = one_pod(
        ("GET", f"{PODS}?includeObject=Object", {"headers": KUBECTL}),
        ("GET", f"{PODS}?includeObject=None", {"headers": KUBECTL}),
    )

    assert whole[1]["rows"][0]["object"]["spec"]["containers"][0]["image"] == "nginx:1.27"
    assert nothing[1]["rows"][0]["object"] is None


def test_metadata_is_told_alone() -> None:
    listed, got = one_pod(
        ("GET", PODS, {"headers": asks("PartialObjectMetadataList")}),
        ("GET", f"{PODS}/web-0", {"headers": asks("PartialObjectMetadata")}),
    )

    assert (listed[1]["kind"], listed[1]["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert listed[1]["items"] == [got[1]]
    assert set(got[1]) == {"kind", "apiVersion", "metadata"}


def test_who_takes_protobuf_too_gets_the_view_that_is_served() -> None:
    protobuf = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    (got,) = one_pod(
        ("GET", f"{PODS}/web-0", {"headers": {"Accept": f"{protobuf},{asks('PartialObjectMetadata')['Accept']}"}}),
    )

    assert got[1]["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    ("path", "accepted", "status", "message"),
    [
        (PODS, "application/json;as=Table;v=v7;g=meta.k8s.io", 406, "only the following media types are accepted"),
        (PODS, asks("PartialObjectMetadata")["Accept"], 406, "you requested PartialObjectMetadata, but"),
        (f"{PODS}/web-0", asks("PartialObjectMetadataList")["Accept"], 406, "you requested PartialObjectMetadataList"),
        (f"{PODS}?includeObject=Half", TABLE, 400, "Unable to convert to Table as requested: includeObject: Invalid"),
    ],
)
def test_what_is_not_served_is_refused(path: str, accepted: str, status: int, message: str) -> None:
    ((code, body),) = one_pod(("GET", path, {"headers": {"Accept": accepted}}))

    assert (code, body["kind"], body["code"]) == (status, "Status", status)
    assert body["message"].startswith(message)


def test_an_unservable_view_of_a_write_leaves_everything_as_it_is() -> None:
    refused, absent = one_pod(
        ("POST", PODS, {"json": pod("web-1"), "headers": {"Accept": "application/json;as=Table;v=v7;g=meta.k8s.io"}}),
        ("GET", f"{PODS}/web-1", {}),
    )

    assert (refused[0], absent[0]) == (406, 404)


def test_a_watch_of_rows_tells_its_columns_once() -> None:
    async def client(world: World) -> list[Any]:
        world.api.create("pods", NS, pod("web-0"), user=USER)
        world.api.create("pods", NS, pod("web-1"), user=USER)
        query = "watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
        async with world.session.get(f"http://k{PODS}?{query}", headers=KUBECTL) as answer:
            return [msgspec.json.decode(await answer.content.readline()) for _ in range(3)]

    first, second, bookmark = talk(client)

    assert [each["type"] for each in (first, second, bookmark)] == ["ADDED", "ADDED", "BOOKMARK"]
    assert first["object"]["columnDefinitions"][0]["name"] == "Name"
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"][0]["cells"][0] == "web-1"
    notes = bookmark["object"]["rows"][0]["object"]["metadata"]["annotations"]
    assert notes == {"k8s.io/initial-events-end": "true"}
