"""What the status says, and when nothing is written (S47-S51, S84)."""

import anyio

from chaos.embedded.controllers.statefulset import Rules
from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import NS, USER, World, play


def statuses(world: World) -> list[Json]:
    """Every status that is written from now on."""
    found: list[Json] = []

    def hear(kind: str, item: Json) -> None:
        if not found or found[-1] != item["status"]:
            found.append(item["status"])

    world.api.watch("statefulsets", hear, since=world.api.list("statefulsets").rv)
    return found


def test_a_settled_set_is_counted_in_full() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()

    world = play(scenario)
    revision = world.api.list("controllerrevisions", NS).items[0]["metadata"]["name"]

    assert world.status() == {
        "observedGeneration": 1,
        "replicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "currentReplicas": 2,
        "updatedReplicas": 2,
        "currentRevision": revision,
        "updateRevision": revision,
        "collisionCount": 0,
    }


def test_the_controller_writes_nothing_in_a_settled_cluster() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        before = world.api.list("pods").rv
        await anyio.sleep(3600)
        assert world.api.list("pods").rv == before

    play(scenario)


def test_terminating_pods_count_as_ready_but_not_as_updated() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.stuck = ["web-1"]
        world.delete("web-1")
        await world.quiet()

    status = play(scenario).status()

    assert (status["replicas"], status["readyReplicas"]) == (2, 2)
    assert (status["updatedReplicas"], status["currentReplicas"]) == (1, 1)


def test_a_sync_that_creates_a_pod_does_not_count_it() -> None:
    async def scenario(world: World) -> None:
        seen = statuses(world)
        world.create(replicas=1)
        await world.quiet()
        assert [each.get("replicas") for each in seen[1:3]] == [0, 1]

    play(scenario)


def test_a_replaced_pod_is_taken_off_the_current_ones_at_once() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        seen = statuses(world)
        world.set_image("nginx:2")
        await world.quiet()
        counts = [(each["replicas"], each.get("currentReplicas", 0), each.get("updatedReplicas", 0)) for each in seen]
        assert counts[:2] == [(2, 2, 2), (2, 1, 0)]

    play(scenario)


def test_a_conflict_is_retried_on_what_the_cache_shows_by_then() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        # Each of these moves the set on while a status is on its way.
        for number in range(40):
            world.set_ready("web-0", number % 2 == 0)
            await anyio.sleep(0.004)
            body = {"metadata": {"annotations": {"n": str(number)}}}
            world.api.patch("statefulsets", NS, "web", body, "merge", user=USER)
            await anyio.sleep(0.004)
        world.set_ready("web-0", True)
        await world.quiet()

    assert play(scenario).status()["readyReplicas"] == 1


def test_conditions_of_others_are_kept_from_1_37() -> None:
    condition = {"type": "Mine", "status": "True"}

    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        body = {"status": {"conditions": [condition]}}
        world.api.patch("statefulsets", NS, "web", body, "merge", user=USER, subresource="status")
        world.change(replicas=2)
        await world.quiet()

    assert play(scenario).status().get("conditions") == [condition]
    assert play(scenario, Rules.of("1.36.3")).status().get("conditions") is None
