"""Every predicate says in a sentence what is still missing, and nothing once it is reached."""

from typing import Any

import pytest

from chaos.cluster.port import Json
from chaos.profile import Target
from chaos.runner.settle import missing

TARGET = Target.model_validate({"statefulset": "web", "service": "nginx", "replicas": 2, "images": ["nginx:1.27"]})


def pod(ordinal: int, revision: str = "new", *, ready: bool = True, **meta: Any) -> Json:
    labels = {"controller-revision-hash": revision}
    owner = [{"uid": "s"}]
    return {
        "metadata": {"name": f"web-{ordinal}", "labels": labels, "ownerReferences": owner, **meta},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


_COUNTS = ("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas")


def stateful(replicas: int = 2, *, partition: int = 0, type: str = "RollingUpdate", **status: Any) -> Json:
    rolling = {"rollingUpdate": {"partition": partition}} if type == "RollingUpdate" else {}
    counts = dict.fromkeys(_COUNTS, replicas)
    return {
        "metadata": {"name": "web", "generation": 4},
        "spec": {"replicas": replicas, "updateStrategy": {"type": type, **rolling}},
        "status": {"observedGeneration": 4, "currentRevision": "new", "updateRevision": "new", **counts, **status},
    }


def settled(statefulset: Json | None, *pods: Json) -> str:
    return missing("settled", TARGET, statefulset, pods)


def test_a_set_that_did_what_its_spec_says_is_settled() -> None:
    assert settled(stateful(), pod(0), pod(1)) == ""


def test_a_set_of_no_pods_is_settled() -> None:
    assert settled(stateful(0)) == ""


def test_a_pod_that_is_not_yet_available_keeps_a_set_from_being_settled() -> None:
    assert "'availableReplicas': 1" in settled(stateful(availableReplicas=1), pod(0), pod(1))


def test_below_the_partition_pods_stay_old() -> None:
    status: dict[str, Any] = {"currentRevision": "old", "currentReplicas": 1, "updatedReplicas": 1}

    assert settled(stateful(partition=1, **status), pod(0, "old"), pod(1)) == ""


def test_under_ondelete_old_pods_stay() -> None:
    status: dict[str, Any] = {"currentRevision": "old", "currentReplicas": 1, "updatedReplicas": 1}

    assert settled(stateful(type="OnDelete", **status), pod(0), pod(1, "old")) == ""


def test_under_recreate_every_pod_is_to_be_new() -> None:
    assert settled(stateful(type="Recreate", updatedReplicas=1), pod(0), pod(1, "old")) == (
        "web-1 is not at the update revision"
    )


@pytest.mark.parametrize(
    ("statefulset", "pods", "sentence"),
    [
        (None, (), "the set is not there"),
        (stateful(observedGeneration=3), (pod(0), pod(1)), "the controller has observed generation 3, not yet 4"),
        (stateful(), (pod(0),), "pods [0], expected [0, 1]"),
        (stateful(), (pod(0), pod(1), pod(2)), "pods [0, 1, 2], expected [0, 1]"),
        (stateful(), (pod(0), pod(1, deletionTimestamp="now")), "web-1 is terminating"),
        (stateful(), (pod(0, ready=False), pod(1)), "web-0 is not Ready"),
        (stateful(updatedReplicas=1), (pod(0, "old"), pod(1)), "web-0 is not at the update revision"),
        (
            stateful(currentRevision="old"),
            (pod(0), pod(1)),
            "every pod is updated and currentRevision is still old",
        ),
    ],
)
def test_what_is_missing_is_a_sentence(statefulset: Json | None, pods: tuple[Json, ...], sentence: str) -> None:
    assert settled(statefulset, *pods) == sentence


def test_a_status_that_is_behind_its_pods_is_named() -> None:
    why = settled(stateful(readyReplicas=1), pod(0), pod(1))

    assert "'readyReplicas': 1" in why


def test_observed_asks_for_the_generation_only() -> None:
    assert missing("observed", TARGET, stateful(readyReplicas=0), []) == ""
    assert "observed generation 3" in missing("observed", TARGET, stateful(observedGeneration=3), [])


def test_gone_asks_for_the_set_and_its_pods() -> None:
    assert missing("gone", TARGET, stateful(), []) == "the set is still there"
    assert missing("gone", TARGET, None, [pod(1)]) == "web-1 is still there"
    assert missing("gone", TARGET, None, [pod(0), pod(1)]) == "web-0, web-1 are still there"
    assert missing("gone", TARGET, None, []) == ""


def test_orphans_have_no_owner_and_no_set() -> None:
    orphan = {**pod(1), "metadata": {"name": "web-1"}}

    assert missing("orphaned", TARGET, stateful(), [orphan]) == "the set is still there"
    assert missing("orphaned", TARGET, None, [pod(0), orphan]) == "web-0 is not yet without an owner"
    assert missing("orphaned", TARGET, None, [orphan]) == ""


def test_nothing_is_always_reached() -> None:
    assert missing("nothing", TARGET, None, []) == ""


def test_pods_that_are_there_are_present_ready_or_not() -> None:
    unready, leaving = pod(1, "old", ready=False), pod(1, deletionTimestamp="now")

    assert missing("present", TARGET, stateful(), [pod(0), unready]) == ""
    assert missing("present", TARGET, stateful(), [pod(0)]) == "pods [0], expected [0, 1]"
    assert missing("present", TARGET, stateful(), [pod(0), leaving]) == "web-1 is terminating"
    assert missing("present", TARGET, stateful(observedGeneration=3), [pod(0), unready]).endswith("not yet 4")
