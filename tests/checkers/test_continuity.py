"""What shows that a watch did not show all versions of an object: the API server writes specs, statuses and marks apart."""

from typing import Any

import pytest

from chaos.checkers.continuity import missed
from chaos.history import mergepatch
from chaos.history.order import Event
from tests.checkers.verdicts import breaches, judged
from tests.checkers.world import World

POD: dict[str, Any] = {
    "metadata": {"name": "web-0", "resourceVersion": "5", "generation": 1, "labels": {"app": "nginx"}},
    "spec": {"containers": []},
    "status": {
        "phase": "Pending",
        "conditions": [
            {"type": "PodScheduled", "status": "False", "lastTransitionTime": "1"},
            {"type": "Ready", "status": "False", "lastTransitionTime": "1"},
            {"type": "Custom", "status": "False", "lastTransitionTime": "1"},
        ],
    },
}


def conditions(**changed: dict[str, str]) -> list[dict[str, str]]:
    return [{**each, **changed.get(each["type"], {})} for each in POD["status"]["conditions"]]


def change(patch: dict[str, Any], stream: str = "pods", type: str = "modified", *, whole: bool = False) -> str:
    meta = {"resourceVersion": "9", **patch.get("metadata", {})}
    patch = {**patch, "metadata": meta}
    after = mergepatch.apply(POD, patch)
    data = {"whole": after} if whole else {"patch": patch}
    return missed(Event(9, 1, 1.0, stream, type, "u", POD, after, 0), data)


SCHEDULED = conditions(PodScheduled={"status": "True", "lastTransitionTime": "2"})


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("patch", "stream", "type", "why"),
    [
        ({"metadata": {"deletionTimestamp": "2"}}, "pods", "deleted", "it was removed in a state that was never seen"),
        ({"status": {"phase": "Failed"}}, "pods", "deleted", "it was removed in a state that was never seen"),
        ({"metadata": {"generation": 3}}, "statefulsets", "modified", "its generation went from 1 to 3"),
        ({"metadata": {"generation": 3}}, "endpointslices", "modified", "its generation went from 1 to 3"),
        (
            {"metadata": {"deletionTimestamp": "2"}, "status": {"phase": "Running"}},
            "pods",
            "modified",
            "its status and its deletionTimestamp changed",
        ),
        (
            {"spec": {"replicas": 2}, "status": {"replicas": 1}},
            "statefulsets",
            "modified",
            "its spec and its status changed",
        ),
        (
            {"spec": {"volumeName": "v"}, "status": {"phase": "Bound"}},
            "persistentvolumeclaims",
            "modified",
            "its spec and its status changed",
        ),
        (
            {"spec": {"nodeName": "n"}, "status": {"phase": "Running"}},
            "pods",
            "modified",
            "its spec and its status changed",
        ),
        (
            {"spec": {"nodeName": "n"}, "status": {"conditions": conditions(Ready={"status": "True"})}},
            "pods",
            "modified",
            "its spec and its status changed",
        ),
        (
            {"spec": {"nodeName": "n"}, "status": {"conditions": SCHEDULED}},
            "statefulsets",
            "modified",
            "its spec and its status changed",
        ),
        (
            {"metadata": {"labels": {"app": "x"}}, "status": {"phase": "Running"}},
            "pods",
            "modified",
            "its status and its labels changed",
        ),
        (
            {"metadata": {"deletionGracePeriodSeconds": 0}, "status": {"phase": "Failed"}},
            "pods",
            "modified",
            "its status and its deletionGracePeriodSeconds changed",
        ),
        (
            {"metadata": {"finalizers": []}, "status": {"phase": "Bound"}},
            "persistentvolumeclaims",
            "modified",
            "its status and its finalizers changed",
        ),
        (
            {"status": {"conditions": conditions(Ready={"lastTransitionTime": "2"})}},
            "pods",
            "modified",
            "its condition Ready changed from False and back",
        ),
    ],
)
def test_no_single_write_does(patch: dict[str, Any], stream: str, type: str, why: str, whole: bool) -> None:
    assert change(patch, stream, type, whole=whole) == why


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("patch", "stream", "type"),
    [
        ({}, "pods", "deleted"),
        ({"status": {"phase": "Running"}}, "pods", "modified"),
        ({"metadata": {"deletionTimestamp": "2", "generation": 2}}, "pods", "modified"),
        ({"metadata": {"generation": 3}, "status": {"phase": "Running"}}, "pods", "listed"),
        ({"spec": {"nodeName": "n"}, "status": {"conditions": SCHEDULED}}, "pods", "modified"),
        ({"status": {"conditions": conditions(Custom={"lastTransitionTime": "2"})}}, "pods", "modified"),
        (
            {
                "status": {
                    "conditions": conditions(Ready={"lastTransitionTime": "2"}),
                    "containerStatuses": [{"name": "nginx", "containerID": "containerd://2"}],
                }
            },
            "pods",
            "modified",
        ),
        (
            {"status": {"conditions": conditions(Ready={"status": "True", "lastTransitionTime": "2"})}},
            "pods",
            "modified",
        ),
        ({"status": {"conditions": conditions()[:1]}}, "pods", "modified"),
        (
            {"spec": {"nodeName": "n"}, "status": {"conditions": SCHEDULED, "nominatedNodeName": None}},
            "pods",
            "modified",
        ),
        ({"status": {"conditions": conditions(Ready={"lastTransitionTime": "2"})}}, "statefulsets", "modified"),
        (
            {"status": {"conditions": [*conditions(), {"type": "ContainersReady", "status": "True"}]}},
            "pods",
            "modified",
        ),
        ({"metadata": {"labels": {"app": "x"}}, "spec": {"hostname": "x"}}, "pods", "modified"),
        ({"metadata": {"annotations": {"a": "b"}}, "status": {"phase": "Running"}}, "pods", "modified"),
        ({"metadata": {"annotations": {"a": "b"}}, "status": {"phase": "Bound"}}, "persistentvolumeclaims", "modified"),
        ({"metadata": {"managedFields": [1]}, "status": {"replicas": 1}}, "statefulsets", "modified"),
        ({"spec": {"a": "b"}, "status": {"c": "d"}}, "services", "modified"),
    ],
)
def test_one_write_can(patch: dict[str, Any], stream: str, type: str, whole: bool) -> None:
    assert change(patch, stream, type, whole=whole) == ""


def test_nothing_is_missed_before_the_first_sight() -> None:
    assert missed(Event(9, 1, 1.0, "pods", "added", "u", None, POD), {"whole": POD}) == ""


def unseen_ready(*, seen: bool) -> World:
    """web-0 becomes Ready and web-1 is created, but the watch may not have shown that; then web-0 is deleted."""
    world = World()
    world.create_set(2)
    world.revision("a")
    world.create_pod(0, "a")
    world.show()
    before = dict(world.objects["pods", "web-0"])
    world.ready(0)
    if not seen:
        world.entries.pop()
    at = world.create_pod(1, "a")
    world.show()
    if not seen:
        # The watch goes on from the last state that it had shown.
        ready = world.objects["pods", "web-0"]
        world.objects["pods", "web-0"] = before
        world.change("pods", "web-0", {"metadata": {"deletionTimestamp": "x"}, "status": ready["status"]})
        for i, entry in enumerate(world.entries):
            world.entries[i] = type(entry)(i, *(getattr(entry, f) for f in entry.__struct_fields__[1:]))
        assert at
    return world


def test_what_was_found_since_the_last_state_that_was_seen_is_taken_back() -> None:
    assert breaches(unseen_ready(seen=True)) == {}
    world = unseen_ready(seen=False)
    early = world.entries[:-1]
    world.end()

    found = judged(world.entries, "ordering.create-gate")

    assert judged(early, "ordering.create-gate").verdict == "violated"
    assert (found.verdict, found.findings) == ("unknown", ())
    assert "the watch of pods did not show all of web-0" in found.why
