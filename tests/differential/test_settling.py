"""When all is done, and what is still to come otherwise."""

import pytest

from chaos.cluster.port import Json
from tests.differential.records import a_pod, a_slice, objects
from tests.differential.settling import left, owned, unobserved, unsettled

POD = a_pod("web-0", "u1")
SLICE = a_slice(POD, "nginx-b")


def claim(phase: str = "Bound", owner: str = "s", **meta: str) -> Json:
    owners = [{"kind": "StatefulSet", "name": "web", "uid": owner}]
    return {
        "metadata": {"name": "www-web-0", "uid": "c", "ownerReferences": owners, **meta},
        "status": {"phase": phase},
    }


def test_a_set_whose_dependents_have_followed_is_settled() -> None:
    assert unsettled(objects(pods=[POD], endpointslices=[SLICE], persistentvolumeclaims=[claim()])) == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"endpointslices": [SLICE]}, "pods are []"),
        ({"pods": [a_pod("web-0", "u1", "web-b")], "endpointslices": [SLICE]}, "web-0 not yet updated"),
        ({"pods": [POD]}, "endpoints are {}"),
        ({"pods": [a_pod("web-0", "u1", owner="older")]}, "web-0 has another owner"),
        (
            {"pods": [POD], "endpointslices": [SLICE], "persistentvolumeclaims": [claim("Pending")]},
            "www-web-0 not bound",
        ),
        ({"pods": [POD], "endpointslices": [SLICE], "persistentvolumeclaims": [claim(owner="x")]}, "www-web-0 goes"),
        ({"statefulsets": []}, "there is no set"),
    ],
)
def test_what_is_still_to_come_is_told(found: dict[str, list[Json]], words: str) -> None:
    assert unsettled(objects(**found)).startswith(words)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("deletionTimestamp", "2026-01-01T00:00:00Z", "web-0 terminates"),
        ("generation", 2, "observedGeneration is 1"),
    ],
)
def test_metadata_that_is_still_to_be_acted_on_is_told(path: str, value: object, words: str) -> None:
    found = objects(pods=[{**POD, "metadata": dict(POD["metadata"])}], endpointslices=[SLICE])
    target = found["pods"]["web-0"] if path == "deletionTimestamp" else found["statefulsets"]["web"]
    target["metadata"][path] = value

    assert unsettled(found).startswith(words)


def test_a_pod_without_its_name_label_is_still_to_be_repaired() -> None:
    found = objects(pods=[{**POD, "metadata": {**POD["metadata"], "labels": {}}}], endpointslices=[SLICE])

    assert unsettled(found) == "web-0 lacks its name label"


def test_a_status_that_does_not_count_the_pods_is_not_settled() -> None:
    found = objects(pods=[POD], endpointslices=[SLICE])
    found["statefulsets"]["web"]["status"]["availableReplicas"] = 0

    assert unsettled(found).startswith("the status has {'availableReplicas': 0}")


def test_a_generation_is_observed_once_the_status_says_so() -> None:
    assert unobserved(objects(), 1) == ""
    assert unobserved(objects(), 2) == "observedGeneration is 1, not yet 2"
    assert unobserved(objects(statefulsets=[]), 1) == "observedGeneration is 0, not yet 1"


def test_a_deleted_set_is_gone_with_its_dependents_but_for_claims_that_nobody_owns() -> None:
    free = {**claim(), "metadata": {"name": "www-web-0", "uid": "c"}}

    assert left(objects(statefulsets=[], persistentvolumeclaims=[free])) == ""
    assert left(objects(statefulsets=[], pods=[POD])) == "web-0 still there"
    assert left(objects(statefulsets=[], persistentvolumeclaims=[claim()])) == "www-web-0 goes"
    assert left(objects()) == "the set is still there"


def test_an_orphaning_delete_is_done_once_nothing_has_an_owner() -> None:
    free = {**POD, "metadata": {"name": "web-0", "uid": "u1"}}

    assert owned(objects(statefulsets=[], pods=[free])) == ""
    assert owned(objects(statefulsets=[], pods=[POD])) == "web-0 still has an owner"
