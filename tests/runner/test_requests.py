"""An operation becomes requests against the pods that exist at that moment, and nothing else."""

from typing import Any

import pytest

from chaos import operations as ops
from chaos.cluster.port import Json
from chaos.history.entries import Request
from chaos.operations import AnyOperation
from chaos.profile import Target
from chaos.runner.manifests import writing
from chaos.runner.requests import Known, Nothing, pods_of, resolve

TARGET = Target.model_validate({"statefulset": "web", "service": "nginx", "replicas": 2, "images": ["nginx:1.27"]})


def pod(ordinal: int, *, ready: bool = True, leaving: bool = False) -> Json:
    meta: Json = {"name": f"web-{ordinal}", "uid": f"u{ordinal}"}
    if leaving:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {"metadata": meta, "status": {"conditions": [{"type": "Ready", "status": str(ready)}]}}


def revision(number: int) -> Json:
    template = {"spec": {"containers": [{"image": f"nginx:{number}"}]}, "$patch": "replace"}
    return {"metadata": {"name": f"web-{number}"}, "revision": number, "data": {"spec": {"template": template}}}


def requests(operation: AnyOperation, *pods: Json, revisions: tuple[Json, ...] = ()) -> list[Request]:
    claims = {f"www-web-{n}": {"metadata": {"name": f"www-web-{n}", "uid": f"c{n}"}} for n in range(9)}
    known = Known(TARGET, "run", pods, revisions, claims, serial="7")
    return [request for instant in resolve(operation, known) for request in instant]


def only(operation: AnyOperation, *pods: Json, revisions: tuple[Json, ...] = ()) -> Request:
    (request,) = requests(operation, *pods, revisions=revisions)
    return request


def deleted(operation: ops.DeletePods, *pods: Json) -> list[str]:
    return [request.uid for request in requests(operation, *pods)]


def test_pods_of_the_set_are_told_by_name_and_come_by_ordinal() -> None:
    names = ["web-10", "web-2", "probe-0", "web-x", "other-web-1"]
    objects = {name: {"metadata": {"name": name}} for name in names}

    assert [each["metadata"]["name"] for each in pods_of(TARGET, objects)] == ["web-2", "web-10"]


@pytest.mark.parametrize(
    ("rank", "uid"), [(0.0, "u0"), (0.3333, "u0"), (0.3334, "u1"), (0.6667, "u2"), (0.999999, "u2")]
)
def test_a_rank_picks_among_the_pods_that_exist(rank: float, uid: str) -> None:
    assert deleted(ops.DeletePods(ranks=(rank,)), pod(0), pod(1), pod(2)) == [uid]


def test_several_ranks_pick_different_pods() -> None:
    assert sorted(deleted(ops.DeletePods(ranks=(0.0, 0.0, 0.0)), pod(0), pod(1), pod(2))) == ["u0", "u1", "u2"]


def test_more_ranks_than_pods_delete_them_all() -> None:
    assert sorted(deleted(ops.DeletePods(ranks=(0.9, 0.9, 0.9)), pod(0), pod(1))) == ["u0", "u1"]


def test_a_pod_that_is_terminating_is_not_picked() -> None:
    assert deleted(ops.DeletePods(every=True), pod(0, leaving=True), pod(1)) == ["u1"]
    assert deleted(ops.DeletePods(ordinals=(0, 1, 5)), pod(0, leaving=True), pod(1)) == ["u1"]


def test_every_delete_of_a_pod_carries_its_uid_and_grace() -> None:
    assert only(ops.DeletePods(ordinals=(3,), grace_s=0), pod(3)) == Request(
        "delete", "pods", "web-3", uid="u3", grace_s=0, ordinal=3
    )


@pytest.mark.parametrize("operation", [ops.DeletePods(ranks=(0.5,)), ops.DeletePods(every=True), ops.WritePages()])
def test_without_a_pod_there_is_nothing_to_do_it_to(operation: AnyOperation) -> None:
    with pytest.raises(Nothing, match="pod"):
        requests(operation)


def test_ondelete_takes_the_partition_away_with_the_type() -> None:
    """The server refuses a set of type OnDelete that still has a rollingUpdate, and a merge patch leaves what it omits."""
    request = only(ops.SetStrategy("OnDelete"))

    assert request.patch_type == "merge"
    assert request.body == {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}}


def test_scaling_goes_through_the_subresource() -> None:
    assert only(ops.Scale(5)) == Request("patch", "statefulsets/scale", "web", body={"spec": {"replicas": 5}})


def test_an_image_is_replaced_by_a_json_patch_of_that_one_field() -> None:
    request = only(ops.SetImage("nginx:1.16.0"))

    path = "/spec/template/spec/containers/0/image"
    assert (request.patch_type, request.body) == ("json", [{"op": "replace", "path": path, "value": "nginx:1.16.0"}])


def test_a_variable_is_set_without_dropping_the_rest_of_the_container() -> None:
    request = only(ops.ChangeTemplate("env", "abc"))

    assert request.patch_type == "strategic"
    container = request.body["spec"]["template"]["spec"]["containers"][0]
    assert (container["name"], container["env"][0]["value"]) == ("nginx", "abc")


@pytest.mark.parametrize(("rank", "number"), [(0.0, 1), (0.49, 1), (0.51, 2), (0.999999, 2)])
def test_a_rollback_puts_an_older_template_back(rank: float, number: int) -> None:
    request = only(ops.Rollback(rank), revisions=(revision(3), revision(1), revision(2)))

    value: Any = request.body[0]["value"]
    assert value == {"spec": {"containers": [{"image": f"nginx:{number}"}]}}


def test_without_an_older_revision_there_is_nothing_to_roll_back_to() -> None:
    with pytest.raises(Nothing, match="no older revision"):
        requests(ops.Rollback(0.5), revisions=(revision(1),))


def test_a_page_names_set_ordinal_claim_pod_and_a_number() -> None:
    tokens = [request.token for request in requests(ops.WritePages(), pod(0), pod(1, ready=False), pod(2))]

    assert tokens == ["web/0/c0/u0/7", "web/2/c2/u2/7"]


def test_a_page_is_written_at_once_or_not_at_all() -> None:
    (*_, script) = writing("web/0/c/u/1")

    written, moved = script.split(" && ")
    assert written.endswith("index.html.new")
    assert moved.startswith("mv ")


@pytest.mark.parametrize(
    ("cascade", "propagation"), [("background", "Background"), ("foreground", "Foreground"), ("orphan", "Orphan")]
)
def test_a_set_is_deleted_with_the_propagation_asked_for(cascade: ops.Cascade, propagation: str) -> None:
    assert only(ops.DeleteSet(cascade)).propagation == propagation


@pytest.mark.parametrize(
    ("operation", "spec"),
    [
        (ops.SetMaxUnavailable("50%"), {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "50%"}}}),
        (ops.SetMinReadySeconds(5), {"minReadySeconds": 5}),
        (ops.SetStartOrdinal(2), {"ordinals": {"start": 2}}),
        (
            ops.SetRetention("Delete", "Retain"),
            {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Retain"}},
        ),
        (ops.SetHistoryLimit(3), {"revisionHistoryLimit": 3}),
        (ops.Scale(4, "spec"), {"replicas": 4}),
        (ops.SetStrategy("Recreate"), {"updateStrategy": {"type": "Recreate", "rollingUpdate": None}}),
    ],
)
def test_a_field_is_set_by_a_patch_of_nothing_else(operation: AnyOperation, spec: Json) -> None:
    assert only(operation) == Request("patch", "statefulsets", "web", body={"spec": spec})


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("broken-image", {"image": "invalid.example/chaos-sts:1f"}),
        ("broken-readiness", {"readinessProbe": {"exec": {"command": ["false"]}, "periodSeconds": 1}}),
        ("sound", {"image": "nginx:1.27", "readinessProbe": None}),
    ],
)
def test_a_template_is_broken_and_mended_without_dropping_the_rest_of_the_container(
    field: ops.TemplateChange, changed: Json
) -> None:
    request = only(ops.ChangeTemplate(field, "1f"))

    assert request.patch_type == "strategic"
    assert request.body == {"spec": {"template": {"spec": {"containers": [{"name": "nginx", **changed}]}}}}


def test_a_rollback_to_a_number_takes_that_revision_only() -> None:
    revisions = (revision(1), revision(2), revision(3))

    assert (
        only(ops.Rollback(0.0, 2), revisions=revisions).body[0]["value"]["spec"]["containers"][0]["image"] == "nginx:2"
    )
    with pytest.raises(Nothing, match="no older revision 3"):
        requests(ops.Rollback(0.0, 3), revisions=revisions)


def test_writers_start_from_one_version_and_each_changes_something() -> None:
    state: Json = {
        "metadata": {"name": "web", "uid": "u", "resourceVersion": "7", "managedFields": [{}]},
        "spec": {"replicas": 3},
        "status": {"replicas": 3},
    }

    ((first, second),) = resolve(ops.ConflictingWriters((3, 5), "1f"), Known(TARGET, "run", statefulset=state))

    assert [(each.verb, each.resource, each.name, each.uid) for each in (first, second)] == [
        ("update", "statefulsets", "web", "u")
    ] * 2
    assert first.body == {
        "metadata": {"name": "web", "uid": "u", "resourceVersion": "7", "annotations": {"chaos-sts/writer": "1f-0"}},
        "spec": {"replicas": 3},
    }
    assert second.body["metadata"]["annotations"] == {"chaos-sts/writer": "1f-1"}
    assert second.body["spec"] == {"replicas": 5}


def test_an_eviction_meets_only_the_pod_that_was_meant() -> None:
    assert only(ops.EvictPods(ordinals=(1,), grace_s=5), pod(0), pod(1)) == Request(
        "create",
        "pods/eviction",
        "web-1",
        uid="u1",
        body={
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": "web-1"},
            "deleteOptions": {"preconditions": {"uid": "u1"}, "gracePeriodSeconds": 5},
        },
        grace_s=5,
        ordinal=1,
    )


@pytest.mark.parametrize(
    ("operation", "metadata"),
    [
        (ops.RelabelPods(every=True), {"labels": {"app": "chaos-sts-unselected"}}),
        (ops.StealName(every=True), {"labels": {"statefulset.kubernetes.io/pod-name": "web-2"}}),
        (ops.OrphanPods(every=True), {"ownerReferences": None}),
        (ops.HoldPods(every=True), {"finalizers": ["chaos-sts/hold"]}),
    ],
)
def test_an_edit_of_a_pod_names_its_uid(operation: AnyOperation, metadata: Json) -> None:
    request = only(operation, detailed(1))

    assert (request.verb, request.resource, request.name, request.uid) == ("patch", "pods", "web-1", "u1")
    assert request.body == {"metadata": {"uid": "u1", **metadata}}


def test_only_what_was_done_is_taken_back() -> None:
    plain, held, out = (
        detailed(0),
        detailed(1, finalizers=["other", "chaos-sts/hold"]),
        detailed(2, labels={"app": "x"}),
    )

    released = only(ops.ReleasePods(every=True), plain, held, out)
    joined = only(ops.RelabelPods(every=True, direction="in"), plain, held, out)

    assert (released.name, released.patch_type) == ("web-1", "strategic")
    assert released.body["metadata"] == {"uid": "u1", "$deleteFromPrimitiveList/finalizers": ["chaos-sts/hold"]}
    assert (joined.name, joined.body["metadata"]["labels"]) == ("web-2", {"app": "nginx"})


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        (ops.CrashContainer(every=True), ["web-0", "web-1"]),
        (ops.MakeUnready(every=True), ["web-0"]),
        (ops.MakeReady(every=True), ["web-1"]),
    ],
)
def test_a_command_runs_where_it_can_change_something(operation: AnyOperation, names: list[str]) -> None:
    pods = [detailed(0), detailed(1, ready=False), detailed(2, running=False), detailed(3, leaving=True)]

    assert [request.name for request in requests(operation, *pods)] == names


def test_a_running_pod_gets_one_deadline() -> None:
    bounded = detailed(2)
    bounded["spec"]["activeDeadlineSeconds"] = 9

    request = only(ops.FailPods(every=True), detailed(0), detailed(1, running=False), bounded)

    assert (request.verb, request.resource, request.name, request.uid) == ("patch", "pods", "web-0", "u0")
    assert request.body == {"metadata": {"uid": "u0"}, "spec": {"activeDeadlineSeconds": 1}}


def test_a_claim_is_deleted_by_uid_once() -> None:
    assert only(ops.DeleteClaims(every=True), pod(1)) == Request(
        "delete", "persistentvolumeclaims", "www-web-1", uid="c1", ordinal=1
    )


def claim(number: int, *, held: bool = False, leaving: bool = False) -> Json:
    meta: Json = {"name": f"www-web-{number}", "uid": f"c{number}", "finalizers": ["chaos-sts/hold"] if held else []}
    return {"metadata": {**meta, "deletionTimestamp": "now"} if leaving else meta}


CLAIMS = [claim(0), claim(1, held=True), claim(2, leaving=True), claim(10, held=True, leaving=True)]


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        (ops.DeleteClaims(every=True), ["www-web-0", "www-web-1"]),
        (ops.HoldClaims(every=True), ["www-web-0"]),
        (ops.ReleaseClaims(every=True), ["www-web-1", "www-web-10"]),
        (ops.ReleaseClaims(ordinals=(10,)), ["www-web-10"]),
    ],
)
def test_claims_are_held_while_a_pod_has_them_and_released_wherever_they_are(
    operation: AnyOperation, names: list[str]
) -> None:
    known = Known(TARGET, "run", [pod(n) for n in range(3)], claims={c["metadata"]["name"]: c for c in CLAIMS})

    assert [request.name for instant in resolve(operation, known) for request in instant] == names


def test_a_held_claim_keeps_its_other_finalizers() -> None:
    held = only(ops.HoldClaims(every=True), pod(1))

    assert (held.verb, held.resource, held.uid, held.patch_type) == (
        "patch",
        "persistentvolumeclaims",
        "c1",
        "strategic",
    )
    assert held.body == {"metadata": {"uid": "c1", "finalizers": ["chaos-sts/hold"]}}


@pytest.mark.parametrize(
    ("operation", "limit"),
    [
        (ops.CreateBudget(min_available="50%"), {"minAvailable": "50%"}),
        (ops.CreateBudget(max_unavailable=0), {"maxUnavailable": 0}),
    ],
)
def test_a_budget_has_the_limit_that_is_given(operation: AnyOperation, limit: Json) -> None:
    request = only(operation)

    assert (request.resource, request.body["spec"]) == (
        "poddisruptionbudgets",
        {**limit, "selector": {"matchLabels": {"app": "nginx"}}},
    )


def node(name: str, *, ours: bool = False, cordoned: bool = False) -> Json:
    annotations = {"chaos-sts/cordoned": "run"} if ours else {}
    meta: Json = {"name": name, "uid": f"u-{name}", "resourceVersion": "7", "annotations": annotations}
    spec: Json = {"unschedulable": True} if cordoned else {}
    if ours:
        spec["taints"] = [{"key": "chaos-sts/taint", "value": "run", "effect": "NoExecute"}]
    return {"metadata": meta, "spec": spec}


NODES = {
    each["metadata"]["name"]: each
    for each in (node("a", cordoned=True), node("b"), node("c", ours=True, cordoned=True))
}


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        (ops.Cordon(0.99), ["b"]),
        (ops.Drain(0.0), ["b"]),
        (ops.Taint(0.0), ["a"]),
        (ops.Taint(0.99), ["b"]),
        (ops.Uncordon(), ["c"]),
        (ops.Untaint(), ["c"]),
    ],
)
def test_a_node_is_changed_only_by_who_finds_it_free_and_changed_back_only_by_who_changed_it(
    operation: AnyOperation, names: list[str]
) -> None:
    instants = resolve(operation, Known(TARGET, "run", nodes=NODES))

    assert [request.name for instant in instants for request in instant] == names


def test_a_drain_evicts_the_pods_of_that_node_once_it_is_cordoned() -> None:
    here, there, leaving = detailed(0, node="b"), detailed(1, node="a"), detailed(2, node="b", leaving=True)

    cordon, evictions = resolve(ops.Drain(0.0), Known(TARGET, "run", pods=[here, there, leaving], nodes=NODES))

    assert [request.name for request in cordon] == ["b"]
    assert cordon[0].body == {
        "metadata": {"uid": "u-b", "annotations": {"chaos-sts/cordoned": "run"}},
        "spec": {"unschedulable": True},
    }
    assert [(request.resource, request.name) for request in evictions] == [("pods/eviction", "web-0")]


def test_a_taint_is_added_to_those_that_were_read_at_a_version() -> None:
    tainted = {"metadata": {"name": "n", "uid": "u", "resourceVersion": "7"}, "spec": {"taints": [{"key": "theirs"}]}}

    ((request,),) = resolve(ops.Taint(0.0, "NoSchedule"), Known(TARGET, "run", nodes={"n": tainted}))

    ours = {"key": "chaos-sts/taint", "value": "run", "effect": "NoSchedule"}
    assert request.body == {
        "metadata": {"uid": "u", "resourceVersion": "7"},
        "spec": {"taints": [{"key": "theirs"}, ours]},
    }


def detailed(
    ordinal: int, *, ready: bool = True, running: bool = True, leaving: bool = False, node: str = "n", **metadata: Any
) -> Json:
    """A pod with everything that an operation looks at."""
    plain = pod(ordinal, ready=ready, leaving=leaving)
    meta = {**plain["metadata"], "labels": {"app": "nginx"}, "ownerReferences": [{"uid": "s"}], **metadata}
    containers: list[Json] = [{"state": {"running" if running else "waiting": {}}}]
    return {
        "metadata": meta,
        "spec": {"nodeName": node},
        "status": {**plain["status"], "containerStatuses": containers},
    }
