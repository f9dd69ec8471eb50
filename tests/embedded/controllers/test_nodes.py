"""Nodes that are no longer heard of, and their pods."""

import anyio

from chaos.embedded.controllers.nodes import NodeController
from chaos.embedded.interface import Json
from tests.embedded.controllers.world import NS, USER, World, live

FOR_EVER = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute"}
    for key in ("not-ready", "unreachable")
]


def controller(world: World) -> NodeController:
    return NodeController(world.api, world.now, world.lag, world.latency)


def lease(world: World, name: str) -> None:
    spec = {"holderIdentity": name, "leaseDurationSeconds": 40}
    world.add("leases", "kube-node-lease", {"metadata": {"name": name}, "spec": spec})


async def beat(world: World, name: str, times: int) -> None:
    for _ in range(times):
        body = {"spec": {"renewTime": world.now().isoformat()}}
        world.api.patch("leases", "kube-node-lease", name, body, "merge", user=USER)
        await anyio.sleep(10)


def ready(item: Json) -> str:
    (status,) = [each["status"] for each in item["status"]["conditions"] if each["type"] == "Ready"]
    return str(status)


def taints(world: World, name: str) -> list[tuple[str, str]]:
    present = world.get("nodes", name, "")["spec"].get("taints") or ()
    return [(each["key"].removeprefix("node.kubernetes.io/"), each["effect"]) for each in present]


def two_nodes(world: World) -> None:
    for name in ("node-1", "node-2"):
        world.node(name)
        lease(world, name)


def test_a_node_whose_lease_is_renewed_stays_ready() -> None:
    world = World()
    two_nodes(world)

    async def act() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beat, world, "node-1", 20)
            group.start_soon(beat, world, "node-2", 20)

    live(world, act, controller(world))

    assert [ready(node) for node in world.api.list("nodes").items] == ["True", "True"]
    assert taints(world, "node-1") == []


def test_a_silent_node_is_lost_after_its_grace_and_its_pods_are_driven_off_five_minutes_later() -> None:
    world = World()
    two_nodes(world)
    world.pod("web-0", "10.0.0.1")
    world.pod("daemon", "10.0.0.2", tolerations=FOR_EVER)

    async def act() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beat, world, "node-2", 50)
            await anyio.sleep(49)
            assert ready(world.get("nodes", "node-1", "")) == "True"
            await anyio.sleep(8)
            assert ready(world.get("nodes", "node-1", "")) == "Unknown"
            assert sorted(taints(world, "node-1")) == [("unreachable", "NoExecute"), ("unreachable", "NoSchedule")]
            assert ready(world.get("pods", "web-0")) == "False"
            await anyio.sleep(290)
            assert "deletionTimestamp" not in world.get("pods", "web-0")["metadata"]
            await anyio.sleep(15)

    live(world, act, controller(world))

    gone = world.get("pods", "web-0")
    assert "deletionTimestamp" in gone["metadata"]
    reasons = [each.get("reason") for each in gone["status"]["conditions"] if each["type"] == "DisruptionTarget"]
    assert reasons == ["DeletionByTaintManager"]
    assert "deletionTimestamp" not in world.get("pods", "daemon")["metadata"]


def test_a_node_that_comes_back_loses_its_taints_and_keeps_its_pods() -> None:
    world = World()
    two_nodes(world)
    world.pod("web-0", "10.0.0.1")

    async def act() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beat, world, "node-2", 60)
            await anyio.sleep(100)
            assert taints(world, "node-1") != []
            conditions = world.get("nodes", "node-1", "")["status"]["conditions"]
            back = [{**each, "status": "True", "lastHeartbeatTime": "back"} for each in conditions]
            world.status("nodes", "node-1", {"conditions": back}, "")
            group.start_soon(beat, world, "node-1", 55)

    live(world, act, controller(world))

    assert taints(world, "node-1") == []
    assert "deletionTimestamp" not in world.get("pods", "web-0")["metadata"]


def test_while_every_node_is_silent_no_pod_is_driven_off() -> None:
    world = World()
    world.node()
    lease(world, "node-1")
    world.pod("web-0", "10.0.0.1")

    async def act() -> None:
        await anyio.sleep(600)

    live(world, act, controller(world))

    assert taints(world, "node-1") == [("unreachable", "NoSchedule")]
    assert "deletionTimestamp" not in world.get("pods", "web-0")["metadata"]
    assert world.names("pods", NS) == ["web-0"]


def test_a_cordoned_node_is_tainted_until_it_is_opened() -> None:
    world = World()
    world.node(unschedulable=True)
    lease(world, "node-1")

    async def act() -> None:
        await anyio.sleep(6)
        assert taints(world, "node-1") == [("unschedulable", "NoSchedule")]
        world.api.patch("nodes", "", "node-1", {"spec": {"unschedulable": None}}, "merge", user=USER)
        await anyio.sleep(6)

    live(world, act, controller(world))

    assert taints(world, "node-1") == []


def test_a_cache_of_leases_that_lags_makes_no_node_lost() -> None:
    world = World()
    two_nodes(world)
    late = NodeController(world.api, world.now, lambda: 70.0, world.latency)

    async def act() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(beat, world, "node-1", 7)
            group.start_soon(beat, world, "node-2", 7)

    live(world, act, late)

    assert [ready(node) for node in world.api.list("nodes").items] == ["True", "True"]
