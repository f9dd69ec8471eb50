"""PodDisruptionBudgets: what they count and what they allow."""

import datetime
from typing import Any

import anyio
import pytest

from chaos import time
from chaos.embedded.controllers.budgets import NoController, disrupted, expectation, status_of
from chaos.embedded.controllers.disruption import DisruptionController
from chaos.embedded.interface import ApiError, Json
from tests.embedded.controllers.test_garbage import a_set
from tests.embedded.controllers.world import NS, USER, World, live

COUNTS = ("expectedPods", "currentHealthy", "desiredHealthy", "disruptionsAllowed")
AT = time.EPOCH


def controller(world: World) -> DisruptionController:
    return DisruptionController(world.api, world.now, world.lag, world.latency)


def budget(world: World, name: str = "budget", **limits: Any) -> Json:
    spec = {"selector": {"matchLabels": {"app": "web"}}, **limits}
    return world.add("poddisruptionbudgets", NS, {"metadata": {"name": name}, "spec": spec})


def counts(item: Json) -> tuple[int, ...]:
    return tuple(item["status"][name] for name in COUNTS)


def a_pod(name: str = "p", *, ready: bool = True, owner: str | None = "uid", going: bool = False) -> Json:
    meta: Json = {"name": name, "labels": {"app": "web"}}
    if owner:
        meta["ownerReferences"] = [{"uid": owner, "controller": True}]
    if going:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {"metadata": meta, "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"minAvailable": 2}, (3, 2)),
        ({"minAvailable": "50%"}, (7, 4)),
        ({"maxUnavailable": 1}, (7, 6)),
        ({"maxUnavailable": "50%"}, (7, 3)),
        ({"maxUnavailable": 9}, (7, 0)),
        ({}, (0, 0)),
    ],
)
def test_percentages_are_of_the_controllers_size_and_rounded_up(limits: Json, expected: tuple[int, int]) -> None:
    pods = [a_pod("a"), a_pod("b"), a_pod("c", owner=None)]

    assert expectation(limits, pods, {"uid": 7}) == expected


def test_a_pod_whose_controller_is_gone_makes_the_size_unknown() -> None:
    with pytest.raises(NoController):
        expectation({"maxUnavailable": 1}, [a_pod(owner="other")], {"uid": 7})


def test_terminating_unready_and_evicted_pods_are_not_healthy() -> None:
    pods = [a_pod("a"), a_pod("b", ready=False), a_pod("c", going=True), a_pod("d")]
    status = {"disruptedPods": {"d": "2026-01-01T00:00:00Z"}}
    item = {"metadata": {"generation": 3}, "spec": {"minAvailable": 1}, "status": status}

    told = status_of(item, pods, {"uid": 4}, AT)

    assert told is not None
    assert [told[name] for name in COUNTS] == [4, 1, 1, 0]
    assert told["observedGeneration"] == 3
    assert status_of({**item, "status": told}, pods, {"uid": 4}, AT) is None


def test_an_evicted_pod_that_does_not_go_counts_again_after_two_minutes() -> None:
    item: Json = {"status": {"disruptedPods": {"a": "2026-01-01T00:00:00Z", "gone": "2026-01-01T00:00:00Z"}}}
    pods = [a_pod("a")]

    assert disrupted(item, pods, AT + datetime.timedelta(seconds=30)) == ({"a": "2026-01-01T00:00:00Z"}, 90.0)
    assert disrupted(item, pods, AT + datetime.timedelta(seconds=121)) == ({}, None)


def test_a_budget_follows_its_set_and_refuses_the_second_eviction() -> None:
    world = World()
    web = a_set(world)
    world.api.patch("statefulsets", NS, "web", {"spec": {"replicas": 2}}, "merge", user=USER)
    world.pod("web-0", "10.0.0.1", owner=web)
    budget(world, maxUnavailable=1)
    told = []

    async def act() -> None:
        await anyio.sleep(1)
        told.append(counts(world.get("poddisruptionbudgets", "budget")))
        world.pod("web-1", "10.0.0.2", owner=web)
        await anyio.sleep(1)
        told.append(counts(world.get("poddisruptionbudgets", "budget")))
        world.api.create("pods", NS, {}, user=USER, subresource="eviction", name="web-0")
        with pytest.raises(ApiError) as refused:
            world.api.create("pods", NS, {}, user=USER, subresource="eviction", name="web-1")
        assert refused.value.status == 429
        await anyio.sleep(1)
        told.append(counts(world.get("poddisruptionbudgets", "budget")))

    live(world, act, controller(world))

    assert told == [(2, 1, 1, 0), (2, 2, 1, 1), (2, 1, 1, 0)]
    status = world.get("poddisruptionbudgets", "budget")["status"]
    assert [(each["type"], each["status"], each["reason"]) for each in status["conditions"]] == [
        ("DisruptionAllowed", "False", "InsufficientPods")
    ]
    assert not status.get("disruptedPods")


def test_a_budget_gives_up_an_evicted_pod_that_does_not_go_without_being_asked() -> None:
    world = World()
    world.pod("web-0", "10.0.0.1")
    budget(world, minAvailable=0)

    async def act() -> None:
        await anyio.sleep(1)
        status = {"disruptedPods": {"web-0": "2026-01-01T00:00:01Z"}, "disruptionsAllowed": 0}
        world.status("poddisruptionbudgets", "budget", status)
        await anyio.sleep(118)
        assert counts(world.get("poddisruptionbudgets", "budget")) == (1, 0, 0, 0)
        await anyio.sleep(4)

    live(world, act, controller(world))

    assert counts(world.get("poddisruptionbudgets", "budget")) == (1, 1, 0, 1)


def test_a_budget_whose_pods_cannot_be_counted_allows_nothing_and_says_why() -> None:
    world = World()
    web = a_set(world)
    world.pod("web-0", "10.0.0.1", owner=web)
    budget(world, maxUnavailable=1)

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("statefulsets", "web")
        world.make_ready("web-0", "10.0.0.1", "False")
        await anyio.sleep(1)

    live(world, act, controller(world))

    status = world.get("poddisruptionbudgets", "budget")["status"]
    assert status["disruptionsAllowed"] == 0
    assert [(each["reason"], each["message"]) for each in status["conditions"]] == [
        ("SyncFailed", 'found no controllers for pod "web-0"')
    ]


def test_a_mark_of_an_eviction_that_came_to_nothing_is_taken_back_after_two_minutes() -> None:
    world = World()
    condition = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    world.pod("web-0", "10.0.0.1")

    async def act() -> None:
        world.status("pods", "web-0", {"conditions": [condition]})
        await anyio.sleep(119)
        assert world.get("pods", "web-0")["status"]["conditions"] == [condition]
        await anyio.sleep(3)

    live(world, act, controller(world))

    (told,) = world.get("pods", "web-0")["status"]["conditions"]
    assert (told["type"], told["status"]) == ("DisruptionTarget", "False")
