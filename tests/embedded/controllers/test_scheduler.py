"""The scheduler: which node a pod goes to, and what is said when there is none."""

from typing import Any

import anyio

from chaos.embedded.controllers.claims import ClaimController
from chaos.embedded.controllers.placing import is_tolerated, place
from chaos.embedded.controllers.scheduler import Scheduler
from chaos.embedded.interface import Json
from tests.embedded.controllers.test_claims import claim, mount
from tests.embedded.controllers.world import NS, USER, World, live


def scheduler(world: World) -> Scheduler:
    return Scheduler(world.api, world.now, world.lag, world.latency)


def pending(world: World, name: str, **spec: Any) -> Json:
    spec = {"containers": [{"name": "c", "image": "nginx"}], **spec}
    return world.add("pods", NS, {"metadata": {"name": name}, "spec": spec})


def placed(world: World) -> dict[str, str | None]:
    return {pod["metadata"]["name"]: pod["spec"].get("nodeName") for pod in world.api.list("pods").items}


def refusal(world: World, name: str) -> str:
    (condition,) = world.get("pods", name)["status"]["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("PodScheduled", "False", "Unschedulable")
    return str(condition["message"])


def a_node(name: str = "n", *taints: Json, **spec: Any) -> Json:
    conditions = [{"type": "Ready", "status": "True"}]
    return {"metadata": {"name": name}, "spec": {**spec, "taints": list(taints)}, "status": {"conditions": conditions}}


def test_pods_that_come_together_are_spread() -> None:
    world = World()
    for name in ("node-2", "node-1", "node-3"):
        world.node(name)

    async def act() -> None:
        for number in range(5):
            pending(world, f"p-{number}")
        await anyio.sleep(1)

    live(world, act, scheduler(world))

    assert list(placed(world).values()) == ["node-1", "node-2", "node-3", "node-1", "node-2"]


def test_cordoned_unready_and_tainted_nodes_get_no_pods() -> None:
    world = World()
    world.node("node-1", unschedulable=True)
    world.node("node-2", ready="Unknown")
    world.node("node-3", taints=[{"key": "k", "value": "v", "effect": "NoSchedule"}])
    pending(world, "p")
    pending(world, "q", tolerations=[{"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"}])

    async def act() -> None:
        await anyio.sleep(1)

    live(world, act, scheduler(world))

    assert placed(world) == {"p": None, "q": "node-3"}
    assert refusal(world, "p") == (
        "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s). "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )


def test_a_pod_is_placed_once_a_node_fits_its_selector() -> None:
    world = World()
    world.node()
    pending(world, "p", nodeSelector={"disk": "quick"})

    async def act() -> None:
        await anyio.sleep(1)
        assert refusal(world, "p").startswith(
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
        )
        world.api.patch("nodes", "", "node-1", {"metadata": {"labels": {"disk": "quick"}}}, "merge", user=USER)
        await anyio.sleep(1)

    live(world, act, scheduler(world))

    assert placed(world) == {"p": "node-1"}


def test_a_pod_waits_for_its_claim_to_exist_and_to_be_bound() -> None:
    world = World()
    world.node()
    pending(world, "p", **mount())

    async def act() -> None:
        await anyio.sleep(1)
        assert refusal(world, "p") == '0/1 nodes are available: persistentvolumeclaim "data" not found. not found'
        claim(world)
        await anyio.sleep(1)

    live(world, act, scheduler(world), ClaimController(world.api, world.lag, world.latency, world.now))

    assert placed(world) == {"p": "node-1"}
    reasons = [item["reason"] for item in world.api.list("events").items]
    assert reasons[-1] == "Scheduled"
    assert "FailedScheduling" in reasons


def test_an_unbound_claim_and_a_lack_of_nodes_are_told_apart() -> None:
    pod: Json = {"metadata": {"name": "p"}, "spec": {}}
    unbound: Json = {"metadata": {"name": "data"}, "spec": {}}

    assert place(pod, [a_node()], {}, {"data": unbound}).why == (
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    )
    assert place(pod, [], {}, {}).why == "no nodes available to schedule pods"


def test_tolerations_match_what_they_name() -> None:
    taint = {"key": "k", "value": "v", "effect": "NoExecute"}

    assert is_tolerated({"operator": "Exists"}, taint)
    assert is_tolerated({"key": "k", "operator": "Exists", "effect": "NoExecute"}, taint)
    assert is_tolerated({"key": "k", "value": "v"}, taint)
    assert not is_tolerated({"key": "k", "value": "w"}, taint)
    assert not is_tolerated({"key": "k", "operator": "Exists", "effect": "NoSchedule"}, taint)
    assert not is_tolerated({"key": "other", "operator": "Exists"}, taint)
