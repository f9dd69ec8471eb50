"""Who owns which field after the same writes, on the real API server and on the embedded one."""

import json
import urllib.error
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from chaos.embedded.api import ApiServer
from chaos.embedded.interface import ApiError, Json, PatchType
from tests.embedded.server import USER, server
from tests.real.administrator import Server

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

NS = "chaos-sts-apply"
NOWHERE = {"chaos-sts/node": "none"}
"""The set's pods are to stay where they are created."""

KINDED: Json = {"apiVersion": "apps/v1", "kind": "StatefulSet"}
TYPES = {"apply": "application/apply-patch+yaml", "merge": "application/merge-patch+json"}
SCALE: Json = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}}


class Write(NamedTuple):
    """A patch of the set web, or of its Scale."""

    manager: str
    kind: PatchType
    body: Json
    force: bool = False
    subresource: str = ""


def full(image: str = "nginx:1.27", env: str = "1", **spec: Any) -> Json:
    """A whole set, with one container."""
    container = {
        "name": "web",
        "image": image,
        "ports": [{"containerPort": 80}],
        "env": [{"name": "A", "value": env}],
        "volumeMounts": [{"name": "www", "mountPath": "/www"}],
    }
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container], "nodeSelector": NOWHERE}}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Mi"}}}
    fixed = {
        "serviceName": "web",
        "selector": {"matchLabels": {"app": "web"}},
        "template": template,
        "volumeClaimTemplates": [{"metadata": {"name": "www"}, "spec": claim}],
    }
    return {**KINDED, "metadata": {"name": "web", "namespace": NS}, "spec": {**fixed, **spec}}


def part(**spec: Any) -> Json:
    """A configuration of some fields only."""
    return {**KINDED, "metadata": {"name": "web", "namespace": NS}, "spec": spec}


def labels(**found: str) -> Json:
    """A configuration of labels only."""
    return {**KINDED, "metadata": {"name": "web", "namespace": NS, "labels": found}}


WRITES = (
    Write("one", "apply", full(replicas=1)),
    Write("two", "apply", part(replicas=1)),
    Write("three", "apply", part(replicas=1, minReadySeconds=5)),
    Write("two", "apply", part(replicas=1, minReadySeconds=6)),
    Write("two", "apply", part(minReadySeconds=6), force=True),
    Write("editor", "merge", {"metadata": {"labels": {"a": "1"}}, "spec": {"revisionHistoryLimit": 3}}),
    Write("two", "apply", labels(a="2", b="1")),
    Write("two", "apply", labels(a="2", b="1"), force=True),
    Write("scaler", "merge", {"spec": {"replicas": 1}}, subresource="scale"),
    Write("one", "apply", full("nginx:1.26", "2")),
    Write("four", "apply", full("nginx:1.25", "3")),
    Write("four", "apply", full("nginx:1.25", "3"), force=True),
    Write("applier", "apply", {**SCALE, "spec": {"replicas": 1}}, subresource="scale"),
    Write("one", "apply", part(replica=1)),
    Write("one", "apply", {**KINDED, "metadata": {"name": "other"}}),
    Write("two", "apply", labels()),
    Write("editor", "merge", {"metadata": {"labels": None}}),
    Write("editor", "merge", {"metadata": {"managedFields": [{}]}}),
    Write("one", "apply", part(replicas=1)),
)


class Answer(NamedTuple):
    """Status and message of a refusal, or who owns what, without the owners of the status."""

    status: int
    message: str
    owners: list[Json]


def owners(item: Json) -> list[Json]:
    """The entries of managedFields, without times: the clocks differ."""
    entries = [each for each in item["metadata"].get("managedFields", ()) if each.get("subresource") != "status"]
    return sorted(({key: each[key] for key in each if key != "time"} for each in entries), key=json.dumps)


def on_real(real: Server, write: Write) -> Answer:
    """What the real API server makes of a write."""
    path = f"/apis/apps/v1/namespaces/{NS}/statefulsets/web"
    query = f"?fieldManager={write.manager}" + ("&force=true" if write.force else "")
    place = f"{path}/{write.subresource}" if write.subresource else path
    try:
        real.ask("PATCH", place + query, json.dumps(write.body).encode(), TYPES[write.kind])
    except urllib.error.HTTPError as error:
        return Answer(error.code, json.loads(error.read())["message"], [])
    return Answer(200, "", owners(json.loads(real.ask("GET", path))))


def on_embedded(api: ApiServer, write: Write) -> Answer:
    """What the embedded API server makes of it."""
    try:
        api.patch(
            "statefulsets",
            NS,
            "web",
            write.body,
            write.kind,
            user=USER,
            manager=write.manager,
            force=write.force,
            subresource=write.subresource,
        )
    except ApiError as error:
        return Answer(error.status, error.message, [])
    return Answer(200, "", owners(api.get("statefulsets", NS, "web")))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real API server with a namespace of the test's own."""
    found = Server(tmp_path_factory.mktemp("certificates"))
    found.ask("POST", "/api/v1/namespaces", json.dumps({"metadata": {"name": NS}}).encode())
    try:
        yield found
    finally:
        found.ask("DELETE", f"/api/v1/namespaces/{NS}")


def test_the_same_writes_give_the_same_owners_and_the_same_refusals(real: Server) -> None:
    api = server(tracked="from creation")
    api.create("namespaces", "", {"metadata": {"name": NS}}, user=USER)

    assert [on_embedded(api, write) for write in WRITES] == [on_real(real, write) for write in WRITES]
