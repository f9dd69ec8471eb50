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
