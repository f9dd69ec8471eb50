"""The documents hang together, and say what kubectl looks for."""

from collections.abc import Iterator
from typing import Any

import pytest

from chaos.embedded.api import openapi
from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.interface import Json

DOCUMENTS = [*(openapi.version_3(group) for group in openapi.groups()), openapi.version_2()]
NAMES = [*openapi.groups(), "version 2"]


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def patches(document: Json) -> list[Json]:
    """Every PATCH operation."""
    return [item["patch"] for item in document["paths"].values() if "patch" in item]


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_reference_leads_to_a_schema(document: Json) -> None:
    places = {f"#/components/schemas/{name}" for name in document.get("components", {}).get("schemas", {})}
    places |= {f"#/definitions/{name}" for name in document.get("definitions", {})}

    assert {*references(document)} <= places


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_patch_takes_a_manager_and_a_field_validation(document: Json) -> None:
    told = [{each["name"] for each in patch["parameters"]} for patch in patches(document)]

    assert all({"dryRun", "fieldManager", "fieldValidation", "force"} == each for each in told)


def test_every_resource_is_described_by_its_kind() -> None:
    found = {
        (each["x-kubernetes-group-version-kind"]["group"], each["x-kubernetes-group-version-kind"]["kind"])
        for each in patches(openapi.version_2())
    }

    served = {(row.group, row.kind) for row in RESOURCES.values() if row.stored}
    assert found == {*served, ("autoscaling", "Scale")}


def test_lists_say_how_they_are_merged() -> None:
    schemas = openapi.version_3("apis/apps/v1")["components"]["schemas"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]

    assert containers == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "x-kubernetes-patch-strategy": "merge",
        "x-kubernetes-patch-merge-key": "name",
    }
