"""The codec and the OpenAPI documents against those of the real API server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chaos.embedded.api import openapi
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.http.protobuf import PROTOBUF, decoded, encoded
from chaos.embedded.interface import Json
from tests.real.administrator import Server

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

NS = "chaos-sts-protobuf"
META: Json = {"name": "web", "namespace": NS, "labels": {"app": "web"}}
POD: Json = {
    "containers": [
        {
            "name": "web",
            "image": "nginx:1.27",
            "ports": [{"containerPort": 80, "name": "http"}],
            "env": [
                {"name": "A", "value": "1"},
                {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
            "readinessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 1},
        }
    ],
    "volumes": [{"name": "v", "configMap": {"name": "web", "optional": True}}],
}
OBJECTS: dict[str, Json] = {
    "configmaps": {"data": {"k": "v"}, "binaryData": {"b": "AAEC"}},
    "secrets": {"data": {"k": "AAEC"}},
    "services": {
        "spec": {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]}
    },
    "poddisruptionbudgets": {"spec": {"maxUnavailable": "50%", "selector": {"matchLabels": {"app": "web"}}}},
    "pods": {"spec": POD},
    "statefulsets": {
        "spec": {
            "replicas": 0,
            "serviceName": "web",
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD},
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "www"},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Mi"}}},
                }
            ],
        }
    },
    "leases": {"spec": {"holderIdentity": "x", "renewTime": "2026-01-01T00:00:00.123456Z"}},
}
SHOWN = tuple(name for name, row in RESOURCES.items() if row.stored)


def collection(resource: Resource, namespace: str = "") -> str:
    """The path of a resource's objects."""
    root = f"/apis/{resource.api_version}" if resource.group else "/api/v1"
    return f"{root}/namespaces/{namespace}/{resource.name}" if namespace else f"{root}/{resource.name}"


def without_null(value: Any) -> Any:
    """A value as it is where null is the same as nothing."""
    if isinstance(value, dict):
        return {key: without_null(each) for key, each in value.items() if each is not None}
    return [without_null(each) for each in value] if isinstance(value, list) else value


def without_claim_kinds(item: Json) -> Json:
    """An object whose claim templates do not name their kind: protobuf has the kind of whole objects only."""
    templates = item.get("spec", {}).get("volumeClaimTemplates")
    if item["kind"] != "StatefulSet" or not templates:
        return item
    bare = [{key: each for key, each in one.items() if key not in ("kind", "apiVersion")} for one in templates]
    return {**item, "spec": {**item["spec"], "volumeClaimTemplates": bare}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real API server with one object of most kinds, created in protobuf by the codec under test."""
    real = Server(tmp_path_factory.mktemp("certificates"))
    namespace = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": NS}}
    real.ask("POST", "/api/v1/namespaces", encoded(namespace), PROTOBUF)
    try:
        account = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "web"}}
        real.ask("POST", f"/api/v1/namespaces/{NS}/serviceaccounts", encoded(account), PROTOBUF)
        for name, parts in OBJECTS.items():
            row = RESOURCES[name]
            spec = {**parts.get("spec", {}), "serviceAccountName": "web"} if name == "pods" else parts.get("spec")
            item = {"kind": row.kind, "apiVersion": row.api_version, "metadata": META, **parts}
            real.ask("POST", collection(row, NS), encoded({**item, **({"spec": spec} if spec else {})}), PROTOBUF)
        yield real
    finally:
        real.ask("DELETE", f"/api/v1/namespaces/{NS}")


@pytest.mark.parametrize("name", SHOWN)
def test_protobuf_of_the_real_server_says_the_same_as_its_json(server: Server, name: str) -> None:
    row = RESOURCES[name]
    listing = json.loads(server.ask("GET", f"{collection(row)}?limit=50"))["items"]
    assert listing or name not in OBJECTS

    for each in listing:
        meta = each["metadata"]
        path = f"{collection(row, meta.get('namespace', ''))}/{meta['name']}"
        as_json = without_claim_kinds(without_null(json.loads(server.ask("GET", path))))
        as_protobuf = decoded(server.ask("GET", path, kind=PROTOBUF))
        if as_json["metadata"]["resourceVersion"] != as_protobuf["metadata"]["resourceVersion"]:
            # It changed between the two.
            continue
        assert as_protobuf == as_json
        written = encoded(as_json)
        assert written is not None
        assert decoded(written) == as_json


@pytest.mark.parametrize("group", openapi.groups())
def test_schemas_are_those_of_the_real_server_without_prose(server: Server, group: str) -> None:
    real = json.loads(server.ask("GET", f"/openapi/v3/{group}"))["components"]["schemas"]
    own = openapi.version_3(group)["components"]["schemas"]
    # Delete options are of every group at once, of those too that are not served here; a user's extra values are left out.
    others = {"io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "io.k8s.api.authentication.v1.UserInfo"}
    shared = sorted((set(own) & set(real)) - others)
    assert shared

    assert {name: _facts(own[name]) for name in shared} == {name: _facts(real[name]) for name in shared}


def _facts(schema: Any) -> Any:
    """A schema without descriptions, enumerations, unions and defaults, its required fields in order."""
    if isinstance(schema, list):
        return [_facts(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    left = ("enum", "default", "x-kubernetes-unions")
    kept = {key: each for key, each in schema.items() if key not in left}
    if isinstance(kept.get("description"), str):
        del kept["description"]
    if isinstance(kept.get("required"), list):
        kept["required"] = sorted(kept["required"])
    return {key: _facts(each) for key, each in kept.items()}
