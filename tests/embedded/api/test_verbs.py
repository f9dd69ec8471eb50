"""Create, read, update: what is stamped, what is refused and in which words, what changes nothing."""

import pytest

from chaos.embedded.interface import ApiError, Json
from chaos.embedded.release import RECREATE, Release
from tests.embedded.server import NS, USER, bound, pod, server, statefulset, watched


def refusal(call: object) -> ApiError:
    """The error that a call raised."""
    with pytest.raises(ApiError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def test_a_new_object_is_stamped() -> None:
    api = server()
    made = api.create("pods", NS, pod("web-0"), user=USER)

    meta = made["metadata"]
    assert (made["kind"], made["apiVersion"]) == ("Pod", "v1")
    assert (meta["namespace"], meta["creationTimestamp"], meta["generation"]) == (NS, "2026-01-01T00:00:00Z", 1)
    assert int(meta["resourceVersion"]) == api.list("pods").rv
    assert api.get("pods", NS, "web-0") == made


def test_what_was_sent_may_change_afterwards() -> None:
    api, body = server(), pod("web-0")
    api.create("pods", NS, body, user=USER)
    body["spec"]["containers"][0]["image"] = "other"

    assert api.get("pods", NS, "web-0")["spec"]["containers"][0]["image"] == "nginx:1.27"


def test_a_name_can_be_generated() -> None:
    api = server()
    body = {"metadata": {"generateName": "web-"}}

    names = [api.create("configmaps", NS, body, user=USER)["metadata"]["name"] for _ in range(3)]

    assert all(name.startswith("web-") and len(name) == 9 for name in names)
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("namespace", "body", "status", "message"),
    [
        (NS, pod("web-0"), 409, 'pods "web-0" already exists'),
        ("other", pod("web-1"), 404, 'namespaces "other" not found'),
        (NS, pod("Web"), 422, 'Pod "Web" is invalid: metadata.name: Invalid value: "Web": a lowercase RFC 1123'),
        (NS, pod(""), 422, 'Pod "" is invalid: metadata.name: Required value'),
        (NS, {"metadata": {"name": "a"}, "spec": {}}, 422, 'Pod "a" is invalid: spec.containers: Required value'),
        (
            NS,
            pod("a", serviceAccountName="x"),
            403,
            'error looking up service account ns/x: serviceaccount "x" not found',
        ),
    ],
)
def test_a_pod_that_cannot_be_is_refused(namespace: str, body: Json, status: int, message: str) -> None:
    api = server()
    api.create("pods", NS, pod("web-0"), user=USER)

    error = refusal(lambda: api.create("pods", namespace, body, user=USER))

    assert error.status == status
    assert message in error.message


def test_a_namespace_that_goes_takes_nothing_new() -> None:
    api = server()
    api.delete("namespaces", "", NS, user=USER)

    error = refusal(lambda: api.create("configmaps", NS, {"metadata": {"name": "a"}}, user=USER))

    assert error.status == 403
    assert error.details["causes"][0]["reason"] == "NamespaceTerminating"


def test_an_update_of_an_old_version_is_a_conflict() -> None:
    api = server()
    old = api.create("configmaps", NS, {"metadata": {"name": "a"}, "data": {"x": "1"}}, user=USER)
    api.patch("configmaps", NS, "a", {"data": {"x": "2"}}, "merge", user=USER)

    error = refusal(lambda: api.update("configmaps", NS, "a", {**old, "data": {"x": "3"}}, user=USER))

    assert (error.status, error.reason) == (409, "Conflict")
    assert "the object has been modified" in error.message
    assert api.get("configmaps", NS, "a")["data"] == {"x": "2"}


def test_an_update_for_another_life_of_the_name_is_a_conflict_and_a_patch_is_invalid() -> None:
    api = server()
    made = api.create("configmaps", NS, {"metadata": {"name": "a"}}, user=USER)
    other = {"metadata": {"name": "a", "uid": "x"}}

    update = refusal(lambda: api.update("configmaps", NS, "a", other, user=USER))
    patch = refusal(lambda: api.patch("configmaps", NS, "a", other, "merge", user=USER))

    assert (update.status, update.message) == (
        409,
        'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: '
        "/registry/configmaps/ns/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, "
        f"UID in object meta: {made['metadata']['uid']}",
    )
    assert (patch.status, patch.message) == (
        422,
        'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    )


def test_a_patch_of_an_old_version_for_another_life_is_told_of_the_version() -> None:
    api = server()
    api.create("configmaps", NS, {"metadata": {"name": "a"}}, user=USER)
    patch = {"metadata": {"uid": "x", "resourceVersion": "1"}}

    error = refusal(lambda: api.patch("configmaps", NS, "a", patch, "merge", user=USER))

    assert (error.status, "the object has been modified" in error.message) == (409, True)


def test_a_scale_of_another_life_of_the_set_is_a_conflict() -> None:
    api = server()
    uid = api.create("statefulsets", NS, statefulset(), user=USER)["metadata"]["uid"]
    patch = {"metadata": {"uid": "x"}, "spec": {"replicas": 2}}

    error = refusal(lambda: api.patch("statefulsets", NS, "web", patch, "merge", user=USER, subresource="scale"))

    told = f"Precondition failed: UID in precondition: x, UID in object meta: {uid}"
    assert error.message == f'Operation cannot be fulfilled on statefulsets/scale.apps "web": {told}'


def test_only_a_delete_marks_an_object() -> None:
    api = server()
    api.create("configmaps", NS, {"metadata": {"name": "a"}}, user=USER)
    patch = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}

    error = refusal(lambda: api.patch("configmaps", NS, "a", patch, "merge", user=USER))

    assert (error.status, error.details["causes"][0]["field"]) == (422, "metadata.deletionTimestamp")


def test_what_changes_nothing_is_no_event() -> None:
    api = server()
    made = api.create("statefulsets", NS, statefulset(), user=USER)
    events, before = watched(api, "statefulsets"), api.list("statefulsets").rv

    api.update("statefulsets", NS, "web", made, user=USER)
    api.patch("statefulsets", NS, "web", {"spec": {"replicas": 1}}, "merge", user=USER)

    assert events == []
    assert api.list("statefulsets").rv == before


def test_the_generation_follows_the_spec_only() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)

    labelled = api.patch("statefulsets", NS, "web", {"metadata": {"labels": {"a": "b"}}}, "merge", user=USER)
    scaled = api.patch("statefulsets", NS, "web", {"spec": {"replicas": 3}}, "merge", user=USER)

    assert (labelled["metadata"]["generation"], scaled["metadata"]["generation"]) == (1, 2)


def test_the_generation_of_a_slice_follows_all_of_it_but_its_annotations() -> None:
    api = server()
    body = {"metadata": {"name": "web-1", "labels": {"a": "b"}}, "addressType": "IPv4", "endpoints": [], "ports": []}
    api.create("endpointslices", NS, body, user=USER)
    patches: list[Json] = [
        {"metadata": {"annotations": {"a": "b"}}},
        {"endpoints": [{"addresses": ["10.0.0.1"]}]},
        {"metadata": {"labels": {"a": "c"}}},
    ]

    found = [api.patch("endpointslices", NS, "web-1", patch, "merge", user=USER)["metadata"] for patch in patches]

    assert [meta["generation"] for meta in found] == [1, 2, 3]


def test_the_status_changes_only_through_its_subresource() -> None:
    api = server()
    made = api.create("statefulsets", NS, statefulset(), user=USER)
    changed = {**made, "status": {"replicas": 7}, "spec": {**made["spec"], "replicas": 7}}

    assert api.update("statefulsets", NS, "web", changed, user=USER)["status"]["replicas"] == 0
    del changed["metadata"]["resourceVersion"]
    stored = api.update("statefulsets", NS, "web", changed, user=USER, subresource="status")

    assert stored["status"] == {"replicas": 7}
    assert stored["spec"]["replicas"] == 7
    assert stored["metadata"]["generation"] == 2


def test_most_of_a_set_cannot_be_changed() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)

    error = refusal(lambda: api.patch("statefulsets", NS, "web", {"spec": {"serviceName": "x"}}, "merge", user=USER))

    assert error.status == 422
    assert (
        error.message == 'StatefulSet.apps "web" is invalid: spec.serviceName: Invalid value: "x": field is immutable'
    )


@pytest.mark.parametrize("spec", [{"replicas": -1}, {"updateStrategy": {"type": "Never"}}, {"minReadySeconds": "x"}])
def test_a_set_with_wrong_values_is_refused(spec: Json) -> None:
    api = server()

    assert refusal(lambda: api.create("statefulsets", NS, statefulset(**spec), user=USER)).status == 422


def test_a_set_gets_its_defaults() -> None:
    spec = server().create("statefulsets", NS, statefulset(), user=USER)["spec"]

    assert spec["replicas"] == 1
    assert spec["podManagementPolicy"] == "OrderedReady"
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}}
    assert spec["revisionHistoryLimit"] == 10
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 30


_ROLLING = {"partition": 0, "maxUnavailable": 1}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({}, {"type": "RollingUpdate", "rollingUpdate": _ROLLING}),
        ({"type": "RollingUpdate"}, {"type": "RollingUpdate"}),
        ({"type": "RollingUpdate", "rollingUpdate": {}}, {"type": "RollingUpdate", "rollingUpdate": _ROLLING}),
        ({"rollingUpdate": {"partition": 2}}, {"type": "RollingUpdate", "rollingUpdate": {**_ROLLING, "partition": 2}}),
        ({"type": "OnDelete"}, {"type": "OnDelete"}),
    ],
)
def test_a_strategy_gets_parameters_unless_only_its_type_is_named(given: Json, stored: Json) -> None:
    made = server().create("statefulsets", NS, statefulset(updateStrategy=given), user=USER)

    assert made["spec"]["updateStrategy"] == stored


def test_an_update_goes_through_the_defaults_of_the_strategy_again() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)
    patches: list[Json | None] = [{"rollingUpdate": None}, None, {"type": "OnDelete", "rollingUpdate": None}]

    found = [
        api.patch("statefulsets", NS, "web", {"spec": {"updateStrategy": patch}}, "merge", user=USER)
        for patch in patches
    ]

    assert [each["spec"]["updateStrategy"] for each in found] == [
        {"type": "RollingUpdate"},
        {"type": "RollingUpdate", "rollingUpdate": _ROLLING},
        {"type": "OnDelete"},
    ]


def test_on_delete_has_no_parameters() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)
    patch = {"spec": {"updateStrategy": {"type": "OnDelete"}}}

    error = refusal(lambda: api.patch("statefulsets", NS, "web", patch, "merge", user=USER))

    assert error.message == (
        'StatefulSet.apps "web" is invalid: spec.updateStrategy.rollingUpdate: Invalid value: '
        '{"Partition":0,"MaxUnavailable":1}: only allowed for updateStrategy \'RollingUpdate\''
    )


def test_recreate_is_known_where_its_gate_is_on_and_has_no_parameters_either() -> None:
    recreate = {"type": "Recreate"}
    gated = server(release=Release(chosen={RECREATE: True}))

    made = gated.create("statefulsets", NS, statefulset(updateStrategy=recreate), user=USER)
    refused = refusal(lambda: server().create("statefulsets", NS, statefulset(updateStrategy=recreate), user=USER))

    assert made["spec"]["updateStrategy"] == recreate
    assert refused.message.endswith(
        """spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: """
        """must be 'RollingUpdate' or 'OnDelete'"""
    )


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ({"operator": "Exists"}, []),
        ({"operator": "Exists", "effect": "NoExecute"}, []),
        ({"operator": "Exists", "effect": "NoSchedule"}, ["not-ready", "unreachable"]),
        ({"key": "node.kubernetes.io/not-ready", "operator": "Exists"}, ["unreachable"]),
    ],
)
def test_a_pod_that_says_how_long_it_stays_on_a_lost_node_gets_no_default(given: Json, added: list[str]) -> None:
    made = server().create("pods", NS, pod("web-0", tolerations=[given]), user=USER)

    first, *others = made["spec"]["tolerations"]
    assert first == given
    assert [each["key"].removeprefix("node.kubernetes.io/") for each in others] == added


def test_a_volume_is_protected() -> None:
    made = server().create("persistentvolumes", "", {"metadata": {"name": "v"}, "spec": {}}, user=USER)

    assert made["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]


def test_the_scale_is_another_view_of_the_replicas() -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)

    scale = api.patch("statefulsets", NS, "web", {"spec": {"replicas": 4}}, "merge", user=USER, subresource="scale")

    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == ("Scale", {"replicas": 4}, "app=web")
    assert api.get("statefulsets", NS, "web")["spec"]["replicas"] == 4


def test_a_revision_keeps_its_data() -> None:
    api = server()
    api.create("controllerrevisions", NS, {"metadata": {"name": "r"}, "data": {"a": 1}, "revision": 1}, user=USER)

    api.patch("controllerrevisions", NS, "r", {"revision": 2}, "merge", user=USER)
    error = refusal(lambda: api.patch("controllerrevisions", NS, "r", {"data": {"a": 2}}, "merge", user=USER))

    assert error.status == 422


def test_a_pod_is_bound_once() -> None:
    api = server()
    api.create("pods", NS, pod("web-0"), user=USER)
    bound(api, "web-0")

    assert api.get("pods", NS, "web-0")["spec"]["nodeName"] == "node-1"
    assert api.get("pods", NS, "web-0")["status"]["conditions"][0]["type"] == "PodScheduled"
    error = refusal(lambda: bound(api, "web-0", "node-2"))
    assert (error.status, error.message) == (
        409,
        'Operation cannot be fulfilled on pods/binding "web-0": pod web-0 is already assigned to node "node-1"',
    )


@pytest.mark.parametrize("meant", [{"uid": "x"}, {"resourceVersion": "1"}])
def test_a_binding_for_another_life_or_version_of_the_pod_is_a_conflict(meant: Json) -> None:
    api = server()
    api.create("pods", NS, pod("web-0"), user=USER)
    body = {"metadata": meant, "target": {"name": "node-1"}}

    error = refusal(lambda: api.create("pods", NS, body, user=USER, subresource="binding", name="web-0"))

    assert (error.status, "Precondition failed" in error.message) == (409, True)
    assert "nodeName" not in api.get("pods", NS, "web-0")["spec"]


def test_a_binding_names_a_node() -> None:
    api = server()
    api.create("pods", NS, pod("web-0"), user=USER)

    error = refusal(lambda: api.create("pods", NS, {}, user=USER, subresource="binding", name="web-0"))

    assert (error.status, error.message) == (500, "target.name: Required value")


@pytest.mark.parametrize(
    ("kind", "patch", "status"),
    [
        ("json", [{"op": "replace", "path": "/spec/nothing", "value": 1}], 422),
        ("json", {"op": "add"}, 400),
        ("strategic", {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}, 400),
        ("apply", {}, 400),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(kind: object, patch: object, status: int) -> None:
    api = server()
    api.create("statefulsets", NS, statefulset(), user=USER)

    assert refusal(lambda: api.patch("statefulsets", NS, "web", patch, kind, user=USER)).status == status  # type: ignore[arg-type]


def test_services_have_addresses_and_ports_as_their_type_says() -> None:
    api = server()

    def made(name: str, kind: str) -> Json:
        spec = {"type": kind, "ports": [{"port": 80}], **({"externalName": "a.b"} if kind == "ExternalName" else {})}
        found: Json = api.create("services", NS, {"metadata": {"name": name}, "spec": spec}, user=USER)["spec"]
        return found

    inner, first, second, outer = (
        made("a", "ClusterIP"),
        made("b", "NodePort"),
        made("c", "NodePort"),
        made("d", "ExternalName"),
    )

    assert "nodePort" not in inner["ports"][0]
    assert [each["ports"][0]["nodePort"] for each in (first, second)] == [30001, 30002]
    assert first["externalTrafficPolicy"] == "Cluster"
    assert "clusterIP" not in outer


@pytest.mark.parametrize(
    ("resource", "item", "patch", "message"),
    [
        (
            "services",
            {"spec": {"ports": [{"port": 80}], "clusterIP": "10.96.7.7"}},
            {"spec": {"clusterIP": "10.96.7.8"}},
            'Service "x" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.7.8"]: may not change once set',
        ),
        (
            "configmaps",
            {"data": {"a": "1"}, "immutable": True},
            {"data": {"a": "2"}},
            'ConfigMap "x" is invalid: data: Forbidden: field is immutable when `immutable` is set',
        ),
        (
            "secrets",
            {"data": {"a": "MQ=="}, "immutable": True},
            {"immutable": False},
            'Secret "x" is invalid: immutable: Forbidden: field is immutable when `immutable` is set',
        ),
    ],
)
def test_what_is_fixed_cannot_be_changed(resource: str, item: Json, patch: Json, message: str) -> None:
    api = server()
    api.create(resource, NS, {"metadata": {"name": "x"}, **item}, user=USER)

    error = refusal(lambda: api.patch(resource, NS, "x", patch, "merge", user=USER))

    assert (error.status, error.message) == (422, message)


def test_a_secret_has_a_type() -> None:
    assert server().create("secrets", NS, {"metadata": {"name": "x"}}, user=USER)["type"] == "Opaque"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (None, 0, "must be between 1 and 2147483647, inclusive"),
        (None, 2**31, "must be between 1 and 2147483647, inclusive"),
        (5, 6, "must be less than or equal to previous value"),
        (5, None, "must not update from a positive integer to nil value"),
    ],
)
def test_the_deadline_of_a_pod_only_comes_nearer(before: int | None, after: int | None, why: str) -> None:
    api = server()
    api.create("pods", NS, pod("web-0", **({"activeDeadlineSeconds": before} if before else {})), user=USER)

    change = {"spec": {"activeDeadlineSeconds": after}}
    error = refusal(lambda: api.patch("pods", NS, "web-0", change, "merge", user=USER))

    assert (error.status, why in error.message) == (422, True)


def test_a_set_gives_its_pods_no_deadline() -> None:
    body = statefulset()
    body["spec"]["template"]["spec"]["activeDeadlineSeconds"] = 5

    error = refusal(lambda: server().create("statefulsets", NS, body, user=USER))

    assert (error.status, "activeDeadlineSeconds in StatefulSet is not Supported" in error.message) == (422, True)
