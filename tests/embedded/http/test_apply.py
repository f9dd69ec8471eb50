"""Apply, field managers and dry runs as HTTP requests have them."""

import pytest

from chaos.embedded.interface import Json
from tests.embedded.http.world import World, talk

PATH = "/api/v1/namespaces/ns/configmaps/a"
YAML = {"Content-Type": "application/apply-patch+yaml"}
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {since: 2026-01-01}\n"


def test_yaml_is_applied_and_dates_stay_text() -> None:
    async def client(world: World) -> None:
        first = await world.ask("PATCH", f"{PATH}?fieldManager=me", data=CONFIG, headers=YAML)
        again = await world.ask("PATCH", f"{PATH}?fieldManager=me", data=CONFIG, headers=YAML)

        assert (first[0], again[0]) == (201, 200)
        assert first[1] == again[1]
        assert first[1]["data"] == {"since": "2026-01-01"}
        assert first[1]["metadata"]["managedFields"][0]["manager"] == "me"

    talk(client)


def test_a_manager_is_the_user_agent_up_to_its_version() -> None:
    async def client(world: World) -> None:
        await world.ask("PATCH", f"{PATH}?fieldManager=me", data=CONFIG, headers=YAML)
        patch = {"Content-Type": "application/merge-patch+json", "User-Agent": "tool/v1.2 (linux)"}
        _, item = await world.ask("PATCH", PATH, data='{"data":{"more":"1"}}', headers=patch)

        assert [each["manager"] for each in item["metadata"]["managedFields"]] == ["me", "tool"]

    talk(client)


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("", "apply-patch+yaml", "fieldManager: Required value: is required for apply patch"),
        ("?force=true", "merge-patch+json", "force: Forbidden: may not be specified for non-apply patch"),
        (
            "?fieldManager=me&dryRun=Some",
            "apply-patch+yaml",
            'dryRun: Unsupported value: "Some": supported values: "All"',
        ),
        (f"?fieldManager={'x' * 129}", "apply-patch+yaml", "fieldManager: Too long: may not be more than 128 bytes"),
    ],
)
def test_wrong_options_are_refused(query: str, kind: str, message: str) -> None:
    async def client(world: World) -> tuple[int, Json]:
        return await world.ask("PATCH", PATH + query, data="{}", headers={"Content-Type": f"application/{kind}"})

    status, answer = talk(client)

    assert status == 422
    assert answer["message"] == f'PatchOptions.meta.k8s.io "" is invalid: {message}'


def test_a_dry_run_leaves_nothing() -> None:
    async def client(world: World) -> None:
        tried = await world.ask("PATCH", f"{PATH}?fieldManager=me&dryRun=All", data=CONFIG, headers=YAML)
        body = {"metadata": {"name": "b"}}
        made = await world.ask("POST", "/api/v1/namespaces/ns/configmaps?dryRun=All", json=body)
        found = await world.ask("GET", "/api/v1/namespaces/ns/configmaps")

        assert (tried[0], made[0]) == (201, 201)
        assert tried[1]["data"] == {"since": "2026-01-01"}
        assert found[1]["items"] == []

    talk(client)


def test_a_body_that_is_no_yaml_is_refused() -> None:
    async def client(world: World) -> tuple[int, Json]:
        return await world.ask("PATCH", f"{PATH}?fieldManager=me", data="a: [", headers=YAML)

    status, answer = talk(client)

    assert status == 400
    assert "error decoding YAML" in answer["message"]
