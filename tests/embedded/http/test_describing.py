"""OpenAPI documents and field validation over HTTP."""

import pytest

from chaos.embedded.api import openapi
from chaos.embedded.http.protobuf import ASKED_OPENAPI_2, OPENAPI_2
from chaos.embedded.http.protobuf.wire import records
from chaos.embedded.interface import Json
from tests.embedded.http.world import World, talk

SETS = "/apis/apps/v1/namespaces/ns/statefulsets"


def body(**spec: object) -> Json:
    """A set, with more in its spec."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    kind = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"}}
    return {**kind, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}}


def test_the_index_leads_to_the_document_of_each_group() -> None:
    async def client(world: World) -> None:
        _, index = await world.ask("GET", "/openapi/v3")
        for place in index["paths"].values():
            status, document = await world.ask("GET", place["serverRelativeURL"])
            assert (status, document["openapi"]) == (200, "3.0.0")
        assert "apis/apps/v1" in index["paths"]

    talk(client)


def test_a_group_that_is_not_served_has_no_document() -> None:
    async def client(world: World) -> int:
        return (await world.ask("GET", "/openapi/v3/apis/batch/v1"))[0]

    assert talk(client) == 404


def test_a_strict_write_with_an_unknown_field_is_refused() -> None:
    async def client(world: World) -> None:
        made = await world.ask("POST", f"{SETS}?fieldValidation=Strict", json=body(replica=1))
        await world.ask("POST", SETS, json=body())
        kind = {"Content-Type": "application/merge-patch+json"}
        patched = await world.ask(
            "PATCH", f"{SETS}/web?fieldValidation=Strict", data='{"spec":{"replica":1}}', headers=kind
        )

        wording = 'StatefulSet in version "v1" cannot be handled as a StatefulSet: strict decoding error: unknown field'
        assert (made[0], made[1]["message"]) == (400, f'{wording} "spec.replica"')
        assert patched[0] == 422
        assert patched[1]["message"].endswith('strict decoding error: unknown field "spec.replica"')

    talk(client)


def test_a_write_that_asks_for_warnings_is_told_of_what_it_loses() -> None:
    async def client(world: World) -> None:
        sent = body(
            template={**body()["spec"]["template"], "spec": {"containers": [{"name": "c", "image": "i", "imag": 1}]}}
        )
        url = f"http://k{SETS}?fieldValidation=Warn"
        async with world.session.post(url, json=sent) as answer:
            item = await answer.json()
            warnings = answer.headers.getall("Warning")

        assert warnings == ['299 - "unknown field \\"spec.template.spec.containers[0].imag\\""']
        assert "imag" not in item["spec"]["template"]["spec"]["containers"][0]

    talk(client)


@pytest.mark.parametrize("told", ["Loose", "strict"])
def test_another_field_validation_is_refused(told: str) -> None:
    async def client(world: World) -> int:
        return (await world.ask("POST", f"{SETS}?fieldValidation={told}", json=body()))[0]

    assert talk(client) == 422


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        (ASKED_OPENAPI_2, 200, OPENAPI_2),
        (f"{OPENAPI_2}, application/json", 200, OPENAPI_2),
        ("application/xml", 406, "application/json"),
    ],
)
def test_version_2_comes_in_json_or_protobuf(accept: str, status: int, kind: str) -> None:
    async def client(world: World) -> tuple[int, str]:
        async with world.session.get("http://k/openapi/v2", headers={"Accept": accept}) as answer:
            return answer.status, answer.headers["Content-Type"].split(";")[0]

    assert talk(client) == (status, kind)


def test_version_2_in_protobuf_has_every_schema_and_path() -> None:
    async def client(world: World) -> bytes:
        async with world.session.get("http://k/openapi/v2", headers={"Accept": ASKED_OPENAPI_2}) as answer:
            return await answer.read()

    document = {each.number: each.value for each in records(talk(client))}

    def names(number: int, inner: int) -> list[str]:
        parts = [each.value for each in records(document[number]) if each.number == inner]
        return [next(records(part)).value.decode() for part in parts]

    assert document[1] == b"2.0"
    assert names(8, 2) == list(openapi.version_2()["paths"])
    assert names(9, 1) == list(openapi.version_2()["definitions"])
