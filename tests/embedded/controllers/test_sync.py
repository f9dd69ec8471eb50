"""One sync of the StatefulSet controller: what each rule makes it do."""

from typing import Any

import pytest

from chaos.embedded.controllers.statefulset import Rules, sync
from chaos.embedded.interface import Json
from tests.embedded.controllers.sets import a_pod, a_set, decide, rolling

PARALLEL = {"podManagementPolicy": "Parallel"}


@pytest.mark.parametrize(
    ("pods", "action"),
    [
        ("", "create web-0 b"),
        ("ready", "create web-1 b"),
        ("ready ready", "create web-2 b"),
        ("ready . ready", "create web-1 b"),
    ],
)
def test_the_lowest_missing_ordinal_is_created(pods: str, action: str) -> None:
    assert decide(pods)[0] == [action]


@pytest.mark.parametrize("pods", ["pending", "running", "-ready", "ready pending", "ready -ready . "])
def test_nothing_is_created_above_a_pod_that_is_not_well(pods: str) -> None:
    assert decide(pods)[0] == []


def test_a_failed_pod_is_deleted_before_anything_is_created() -> None:
    assert decide("ready failed .")[0] == ["delete web-1"]
    assert decide("ready -failed .")[0] == []


def test_availability_is_waited_for() -> None:
    young = [a_pod(0, ready_s=5)]

    assert decide(young, a_set(minReadySeconds=10))[0] == []
    assert decide(young, a_set(minReadySeconds=5))[0] == ["create web-1 b"]


def test_ordinals_may_start_elsewhere() -> None:
    assert decide([a_pod(5)], a_set(2, ordinals={"start": 5}))[0] == ["create web-6 b"]
    assert decide([a_pod(0), a_pod(5), a_pod(6)], a_set(2, ordinals={"start": 5}))[0] == ["delete web-0"]


@pytest.mark.parametrize(
    ("pods", "actions"),
    [
        ("ready ready ready ready", ["delete web-3"]),
        ("ready ready ready -ready", []),
        ("ready pending ready ready", []),
        ("ready . ready ready", ["create web-1 b"]),
        ("ready ready pending ready", ["delete web-3"]),
        ("ready ready ready pending", ["delete web-3"]),
        ("ready ready pending pending", []),
    ],
)
def test_a_scale_down_takes_the_highest_while_the_rest_is_well(pods: str, actions: list[str]) -> None:
    """The highest goes if it is well itself, or if no other pod is unwell; those in range must be well."""
    assert decide(pods, a_set(2))[0] == actions


def test_the_update_walks_down_to_the_partition() -> None:
    assert decide("ready:a ready:a ready:a", current="a")[0] == ["delete web-2"]
    assert decide("ready:a ready:a ready", current="a")[0] == ["delete web-1"]
    assert decide("ready:a ready:a ready", a_set(updateStrategy=rolling(2)), "a")[0] == []
    assert decide("ready:a ready:a ready:a", a_set(updateStrategy=rolling(9)), "a")[0] == []


@pytest.mark.parametrize("pods", ["ready:a ready:a -ready", "ready:a ready:a pending", "ready:a pending:a ready:a"])
def test_the_update_waits_for_every_pod(pods: str) -> None:
    assert decide(pods, current="a")[0] == []


def test_without_the_gate_the_update_looks_only_at_what_it_walks_past() -> None:
    legacy = Rules(max_unavailable=False)
    five = a_set(3, updateStrategy=rolling(1), **PARALLEL)

    assert decide("pending:a ready:a ready", five, "a", legacy)[0] == ["delete web-1"]
    assert decide("ready:a ready:a pending", five, "a", legacy)[0] == []


@pytest.mark.parametrize(
    ("most", "pods", "actions"),
    [
        (2, "ready:a ready:a ready:a ready:a", ["delete web-3", "delete web-2"]),
        ("50%", "ready:a ready:a ready:a ready:a", ["delete web-3", "delete web-2"]),
        ("30%", "ready:a ready:a ready:a ready:a", ["delete web-3"]),
        ("10%", "ready:a ready:a ready:a ready:a", ["delete web-3"]),
    ],
)
def test_several_may_be_missing(most: Any, pods: str, actions: list[str]) -> None:
    assert decide(pods, a_set(4, updateStrategy=rolling(0, most)), "a")[0] == actions


def test_on_delete_nothing_is_deleted_for_an_update() -> None:
    on_delete = a_set(updateStrategy={"type": "OnDelete"})

    assert decide("ready:a ready:a ready:a", on_delete, "a")[0] == []
    assert decide("ready:a . ready:a", on_delete, "a")[0] == ["create web-1 b"]


@pytest.mark.parametrize(("partition", "revision"), [(0, "b"), (1, "b"), (2, "a"), (9, "a")])
def test_a_pod_below_the_partition_comes_back_as_it_was(partition: int, revision: str) -> None:
    assert decide("ready:a .", a_set(updateStrategy=rolling(partition)), "a")[0] == [f"create web-1 {revision}"]


def test_in_parallel_everything_is_done_at_once() -> None:
    assert decide(". pending .", a_set(3, **PARALLEL))[0] == ["create web-0 b", "create web-2 b"]
    assert decide("ready ready pending -ready", a_set(1, **PARALLEL))[0] == ["delete web-2", "delete web-1"]


def test_in_parallel_broken_pods_are_updated_first() -> None:
    done, _ = decide("ready:a ready:a pending:a", a_set(3, **PARALLEL), "a")

    assert done == ["delete web-2"]


def test_a_set_that_is_being_deleted_only_counts() -> None:
    leaving = a_set()
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    actions, status = decide("ready . failed", leaving)

    assert actions == []
    assert status["replicas"] == 2


def test_what_makes_up_a_pod_is_repaired() -> None:
    pod = a_pod(0)
    del pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"]

    assert decide([pod, a_pod(1), a_pod(2)])[0] == ["repair web-0"]


def test_the_status_counts_what_was_seen() -> None:
    _, status = decide("ready:a -ready ready pending", a_set(4), "a")

    counts = {key: status[key] for key in ("replicas", "readyReplicas", "availableReplicas")}
    assert counts == {"replicas": 4, "readyReplicas": 3, "availableReplicas": 3}
    assert (status["currentReplicas"], status["updatedReplicas"]) == (1, 2)
    assert status["observedGeneration"] == 4


def test_a_pod_that_is_deleted_for_the_update_no_longer_counts_as_current() -> None:
    assert decide("ready:a ready:a ready:a", current="a")[1]["currentReplicas"] == 2


@pytest.mark.parametrize(
    ("pods", "current"),
    [
        ("ready ready ready", "b"),
        ("ready ready pending", "a"),
        ("ready ready -ready", "a"),
        ("ready ready:a ready", "a"),
    ],
)
def test_an_update_is_complete_with_the_last_ready_pod(pods: str, current: str) -> None:
    assert decide(pods, current="a")[1]["currentRevision"] == current


@pytest.mark.parametrize(
    ("changed", "is_new"),
    [({}, False), ({"readyReplicas": 1}, True), ({"observedGeneration": 5}, True), ({"observedGeneration": 3}, False)],
)
def test_a_status_is_written_if_it_says_something_new(changed: Json, is_new: bool) -> None:
    statefulset = a_set()
    _, status = decide("ready ready ready", statefulset)
    statefulset["status"] = sync.written(status)

    assert sync.is_new(statefulset, {**status, **changed}) == is_new
