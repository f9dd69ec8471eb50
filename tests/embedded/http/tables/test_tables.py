"""What a row says of an object.

The expected cells are those of a real 1.37.2 for such objects, or follow from printers.go where none was at hand.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.http.tables import table
from chaos.embedded.http.tables.tables import PRINTERS
from chaos.embedded.interface import Json
from tests.embedded.server import AT

META: Json = {"name": "x", "creationTimestamp": "2025-12-31T23:59:30Z"}


def cells(kind: str, **parts: Any) -> list[Any]:
    """The cells of an object."""
    item = {"kind": kind, "apiVersion": "v1", "metadata": META, **parts}
    row: list[Any] = table(item, AT, "v1", "None")["rows"][0]["cells"]
    return row


def container(state: Json, *, name: str = "c", ready: bool = False, restarts: int = 0, **more: Any) -> Json:
    """The status of a container."""
    return {"name": name, "state": state, "ready": ready, "restartCount": restarts, **more}


def shown(phase: str, *statuses: Json, spec: Json | None = None, meta: Json | None = None, **status: Any) -> list[Any]:
    """Ready, status and restarts of a pod."""
    spec = spec or {"containers": [{"name": each["name"]} for each in statuses] or [{"name": "c"}]}
    told = {"phase": phase, "containerStatuses": list(statuses), **status}
    return cells("Pod", spec=spec, status=told, metadata={**META, **(meta or {})})[1:4]


RUNNING: Json = {"running": {"startedAt": "2025-12-31T23:59:40Z"}}
ENDED: Json = {"terminated": {"exitCode": 0, "reason": "Completed"}}
FAILED: Json = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2025-12-31T23:59:50Z"}}
READY = [{"type": "Ready", "status": "True"}]
GONE = {"deletionTimestamp": "2025-12-31T23:59:59Z"}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (shown("Pending"), ["0/1", "Pending", "0"]),
        (shown("Running", container(RUNNING, ready=True)), ["1/1", "Running", "0"]),
        (shown("Pending", container({"waiting": {"reason": "ErrImagePull"}})), ["0/1", "ErrImagePull", "0"]),
        (
            shown("Running", container(RUNNING, ready=True, restarts=2, lastState=FAILED)),
            ["1/1", "Running", "2 (10s ago)"],
        ),
        (shown("Running", container({"waiting": {}}, restarts=1)), ["0/1", "Running", "1"]),
        (shown("Succeeded", container(ENDED)), ["0/1", "Completed", "0"]),
        (shown("Failed", container(FAILED)), ["0/1", "Error", "0"]),
        (shown("Failed", container({"terminated": {"exitCode": 3}})), ["0/1", "ExitCode:3", "0"]),
        (shown("Failed", container({"terminated": {"exitCode": 3, "signal": 9}})), ["0/1", "Signal:9", "0"]),
        (shown("Failed", reason="Evicted"), ["0/1", "Evicted", "0"]),
        (
            shown("Running", container(ENDED), container(RUNNING, name="d", ready=True), conditions=READY),
            ["1/2", "Running", "0"],
        ),
        (shown("Running", container(ENDED), container(RUNNING, name="d", ready=True)), ["1/2", "NotReady", "0"]),
        (shown("Running", container(ENDED), container(FAILED, name="d")), ["0/2", "Error", "0"]),
        (shown("Running", container(RUNNING, ready=True), meta=GONE), ["1/1", "Terminating", "0"]),
        (shown("Succeeded", container(ENDED), meta=GONE), ["0/1", "Completed", "0"]),
        (shown("Running", container(RUNNING, ready=True), meta=GONE, reason="NodeLost"), ["1/1", "Unknown", "0"]),
        (
            shown("Pending", conditions=[{"type": "PodScheduled", "reason": "SchedulingGated"}]),
            ["0/1", "SchedulingGated", "0"],
        ),
    ],
)
def test_a_pod_is_told_in_one_word(found: list[Any], wanted: list[Any]) -> None:
    assert found == wanted


SIDECAR = {"containers": [{"name": "c"}], "initContainers": [{"name": "s", "restartPolicy": "Always"}, {"name": "i"}]}


@pytest.mark.parametrize(
    ("inits", "wanted"),
    [
        ([container({"waiting": {"reason": "PodInitializing"}}, name="s")], ["0/2", "Init:0/2", "0"]),
        ([container(RUNNING, name="s", ready=True, started=True)], ["1/2", "Pending", "0"]),
        (
            [container(RUNNING, name="s", ready=True, started=True), container(FAILED, name="i", restarts=3)],
            ["1/2", "Init:Error", "3"],
        ),
        (
            [container(RUNNING, name="s", started=True), container({"waiting": {"reason": "X"}}, name="i")],
            ["0/2", "Init:X", "0"],
        ),
        (
            [
                container(RUNNING, name="s", ready=True, started=True, restarts=1),
                container(ENDED, name="i", restarts=4),
            ],
            ["1/2", "Pending", "1"],
        ),
    ],
)
def test_a_pod_that_begins_tells_how_far_it_is(inits: list[Json], wanted: list[Any]) -> None:
    assert shown("Pending", spec=SIDECAR, initContainerStatuses=inits) == wanted


@pytest.mark.parametrize(
    ("kind", "parts", "wanted"),
    [
        ("StatefulSet", {"spec": {"replicas": 3}, "status": {"readyReplicas": 2}}, ["x", "2/3", "30s", "", ""]),
        (
            "ControllerRevision",
            {
                "metadata": {
                    **META,
                    "ownerReferences": [
                        {"controller": True, "kind": "StatefulSet", "apiVersion": "apps/v1", "name": "web"}
                    ],
                },
                "revision": 2,
            },
            ["x", "statefulset.apps/web", 2, "30s"],
        ),
        ("PodDisruptionBudget", {"spec": {"maxUnavailable": 0}}, ["x", "N/A", "0", 0, "30s"]),
        ("PodDisruptionBudget", {"spec": {"minAvailable": "50%"}}, ["x", "50%", "N/A", 0, "30s"]),
        ("Scale", {"spec": {"replicas": 3}, "status": {"replicas": 2}}, ["x", 3, 2, "30s"]),
        (
            "Service",
            {"spec": {"type": "ClusterIP", "clusterIPs": ["None"], "ports": [{"port": 80, "protocol": "TCP"}]}},
            ["x", "ClusterIP", "None", "<none>", "80/TCP", "30s", "<none>"],
        ),
        (
            "Service",
            {
                "spec": {
                    "type": "LoadBalancer",
                    "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}],
                    "selector": {"b": "2", "a": "1"},
                }
            },
            ["x", "LoadBalancer", "<none>", "<pending>", "80:30080/TCP", "30s", "a=1,b=2"],
        ),
        (
            "EndpointSlice",
            {
                "addressType": "IPv4",
                "ports": [{"port": 80}, {"name": "a"}, {}],
                "endpoints": [{"addresses": [f"10.0.0.{each}"]} for each in range(5)],
            },
            ["x", "IPv4", "80,a,*", "10.0.0.0,10.0.0.1,10.0.0.2 + 2 more...", "30s"],
        ),
        ("EndpointSlice", {"addressType": "IPv4"}, ["x", "IPv4", "<unset>", "<unset>", "30s"]),
        ("Endpoints", {}, ["x", "<none>", "30s"]),
        (
            "Endpoints",
            {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]},
            ["x", "10.0.0.1:80", "30s"],
        ),
        (
            "PersistentVolumeClaim",
            {
                "spec": {"volumeName": "v", "storageClassName": "s"},
                "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}},
            },
            ["x", "Bound", "v", "1Gi", "RWO", "s", "<unset>", "30s", "<unset>"],
        ),
        (
            "PersistentVolumeClaim",
            {"status": {"phase": "Pending"}},
            ["x", "Pending", "", "", "", "", "<unset>", "30s", "<unset>"],
        ),
        (
            "Node",
            {"spec": {"unschedulable": True}},
            [
                "x",
                "Unknown,SchedulingDisabled",
                "<none>",
                "30s",
                "",
                "<none>",
                "<none>",
                "<unknown>",
                "<unknown>",
                "<unknown>",
            ],
        ),
        ("ConfigMap", {"data": {"a": "1"}, "binaryData": {"b": ""}}, ["x", 2, "30s"]),
        ("Secret", {"type": "Opaque", "data": {"a": ""}}, ["x", "Opaque", 1, "30s"]),
        ("StorageClass", {"provisioner": "p"}, ["x", "p", "Delete", "Immediate", False, "30s"]),
        (
            "Event",
            {
                "lastTimestamp": "2025-12-31T23:59:58Z",
                "type": "Normal",
                "reason": "R",
                "involvedObject": {"kind": "Pod", "name": "p"},
                "message": " m\n",
                "source": {"component": "c", "host": "h"},
            },
            ["2s", "Normal", "R", "pod/p", "", "c, h", "m", "<unknown>", 1, "x"],
        ),
        ("Widget", {}, ["x", "2025-12-31T23:59:30Z"]),
    ],
)
def test_a_row_of_every_kind(kind: str, parts: Json, wanted: list[Any]) -> None:
    assert cells(kind, **parts) == wanted


def test_a_list_of_classes_tells_the_default_and_one_class_does_not() -> None:
    marked = {"storageclass.kubernetes.io/is-default-class": "true"}
    items = [
        {"kind": "StorageClass", "metadata": {"name": name, "creationTimestamp": at, "annotations": notes}}
        for name, at, notes in (
            ("a", "2025-01-01T00:00:00Z", marked),
            ("b", "2025-01-02T00:00:00Z", marked),
            ("c", "2025-01-02T00:00:00Z", marked),
            ("d", "2025-01-03T00:00:00Z", {}),
        )
    ]

    found = table({"kind": "StorageClassList", "metadata": {}, "items": items}, AT, "v1", "None")

    assert [row["cells"][0] for row in found["rows"]] == ["a", "b (default)", "c", "d"]
    assert table(items[1], AT, "v1", "None")["rows"][0]["cells"][0] == "b"


def test_a_table_of_a_list_has_its_place_and_what_was_asked_of_each_object() -> None:
    item = {"kind": "Namespace", "apiVersion": "v1", "metadata": META, "status": {"phase": "Active"}}
    listing = {"kind": "NamespaceList", "metadata": {"resourceVersion": "7", "continue": "8"}, "items": [item]}

    found = table(listing, AT, "v1", "Metadata")

    assert (found["kind"], found["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert found["metadata"] == {"resourceVersion": "7", "continue": "8"}
    assert [each["name"] for each in found["columnDefinitions"]] == ["Name", "Status", "Age"]
    assert found["columnDefinitions"][0]["format"] == "name"
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": META}
    assert found["rows"] == [{"cells": ["x", "Active", "30s"], "object": partial}]
    assert table(listing, AT, "v1", "Object")["rows"][0]["object"] == item
    assert table(listing, AT, "v1", "None", headers=False)["columnDefinitions"] is None


def test_a_pod_that_is_over_is_marked_so() -> None:
    item = {"kind": "Pod", "metadata": META, "status": {"phase": "Succeeded"}}

    row = table(item, AT, "v1", "None")["rows"][0]

    assert [(each["type"], each["reason"]) for each in row["conditions"]] == [("Completed", "Succeeded")]


def test_every_kind_that_is_kept_has_columns_of_its_own() -> None:
    assert {row.kind for row in RESOURCES.values() if row.stored} <= set(PRINTERS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = {
    "spec": (
        "containers",
        "initContainers",
        "ports",
        "selector",
        "clusterIPs",
        "accessModes",
        "type",
        "template",
        "claimRef",
    ),
    "status": ("phase", "containerStatuses", "initContainerStatuses", "conditions", "podIPs", "nodeInfo", "capacity"),
}


@given(
    kind=st.sampled_from(sorted(PRINTERS)),
    parts=st.fixed_dictionaries(
        {
            part: ANYTHING | st.fixed_dictionaries({}, optional={name: ANYTHING for name in names})
            for part, names in FIELDS.items()
        }
    ),
    others=st.dictionaries(
        st.sampled_from(["data", "subsets", "endpoints", "ports", "series", "source", "involvedObject", "revision"]),
        ANYTHING,
    ),
)
def test_whatever_is_stored_has_a_row(kind: str, parts: Json, others: Json) -> None:
    found = cells(kind, **parts, **others)

    assert len(found) == len(PRINTERS[kind].columns)
    assert all(isinstance(each, str | int) for each in found)
