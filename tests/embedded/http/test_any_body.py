"""Whatever a client sends: an answer that is an object or a Status, and never one that nobody foresaw."""

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.embedded.http.world import World, talk

TEMPLATE = {
    "metadata": {"labels": {"app": "a"}, "annotations": {"b": "c"}},
    "spec": {
        "terminationGracePeriodSeconds": 3,
        "volumes": [{"name": "v", "emptyDir": {}}],
        "containers": [
            {
                "name": "c",
                "image": "i",
                "command": ["sleep"],
                "env": [{"name": "A", "value": "b"}],
                "ports": [{"name": "web", "containerPort": 80}],
                "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                "readinessProbe": {"httpGet": {"path": "/", "port": "web"}, "periodSeconds": 1},
            }
        ],
    },
}
BODIES: dict[str, Any] = {
    "/apis/apps/v1/namespaces/ns/statefulsets": {
        "metadata": {"name": "x", "labels": {"a": "b"}, "finalizers": ["example.com/held"]},
        "spec": {
            "replicas": 2,
            "serviceName": "s",
            "selector": {"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "app", "operator": "Exists"}]},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1, "maxUnavailable": "40%"}},
            "ordinals": {"start": 1},
            "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
            "template": TEMPLATE,
            "volumeClaimTemplates": [
                {"metadata": {"name": "w"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
            ],
        },
        "status": {"replicas": 2},
    },
    "/api/v1/namespaces/ns/pods": {
        "metadata": {"name": "x", "ownerReferences": [{"kind": "K", "name": "n", "uid": "u", "apiVersion": "v1"}]},
        "spec": TEMPLATE["spec"],
    },
    "/api/v1/namespaces/ns/services": {
        "metadata": {"name": "x"},
        "spec": {"clusterIP": "None", "selector": {"app": "a"}, "ports": [{"name": "web", "port": 80}]},
    },
    "/api/v1/namespaces/ns/configmaps": {"metadata": {"name": "x"}, "data": {"a": "b"}},
    "/api/v1/namespaces/ns/persistentvolumeclaims": {
        "metadata": {"name": "x"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    },
    "/apis/policy/v1/namespaces/ns/poddisruptionbudgets": {
        "metadata": {"name": "x"},
        "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "a"}}},
    },
    "/apis/apps/v1/namespaces/ns/controllerrevisions": {"metadata": {"name": "x"}, "revision": 1, "data": {"a": 1}},
    "/api/v1/namespaces": {"metadata": {"name": "x"}},
}
"""A body of each kind that users make, by its path."""

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "Delete", "5%", "/"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "a", "type"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """A path, and its body with one thing in it replaced, left out or added."""
    path = draw(st.sampled_from(sorted(BODIES)))
    body = json.loads(json.dumps(BODIES[path]))
    at: Any = body
    while True:
        keys = sorted(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and draw(st.integers(0, 3)):
            at = at[key]
            continue
        if draw(st.booleans()):
            at[key] = draw(values)
        else:
            del at[key]
        return path, body


async def answers(world: World, path: str, body: Any, patch: Any) -> list[tuple[int, Any]]:
    """What is answered to the body as an object, and to the patch of each type."""
    found = [await world.ask("POST", path, json=body)]
    made = BODIES[path]
    if found[0][0] >= 400:
        await world.ask("POST", path, json=made)
    found.append(await world.ask("PUT", f"{path}/x", json=body))
    for kind in ("merge", "strategic-merge"):
        headers = {"Content-Type": f"application/{kind}-patch+json"}
        found.append(await world.ask("PATCH", f"{path}/x", data=json.dumps(patch), headers=headers))
    headers = {"Content-Type": "application/apply-patch+yaml"}
    found.append(await world.ask("PATCH", f"{path}/x?fieldManager=me", data=json.dumps(patch), headers=headers))
    found.append(await world.ask("DELETE", f"{path}/x", json=patch))
    return found


# A body is small, and to make one smaller that fails takes minutes.
@settings(max_examples=40, phases=[Phase.generate])
@given(spoilt(), spoilt())
def test_no_body_makes_the_server_fail(sent: tuple[str, Any], other: tuple[str, Any]) -> None:
    path, body = sent

    async def client(world: World) -> list[tuple[int, Any]]:
        return await answers(world, path, body, body) + await answers(world, path, body, other[1])

    found = talk(client)

    assert [each for each in found if each[0] >= 500] == []
    assert all(answer["kind"] == "Status" for status, answer in found if status >= 400)


@pytest.mark.parametrize("path", sorted(BODIES))
def test_these_bodies_are_right_as_they_are(path: str) -> None:
    async def client(world: World) -> int:
        return (await world.ask("POST", path, json=BODIES[path]))[0]

    assert talk(client) == 201
