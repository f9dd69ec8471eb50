"""Recreate: old pods go at once, new ones come when the last of them is gone (spec A7, S20, S50, S83)."""

from collections.abc import Awaitable, Callable

import anyio

from chaos.embedded.controllers.statefulset import Rules
from chaos.embedded.release import RECREATE
from tests.embedded.statefulset.world import World, play

GATED = Rules.of("1.37.2", {RECREATE: True})
OLD, NEW = "nginx:1", "nginx:2"
TYPE = {"type": "Recreate"}


async def renewed(world: World) -> None:
    world.create(replicas=3, updateStrategy=TYPE)
    await world.quiet()
    world.take_moves()
    world.set_image(NEW)


def progress(world: World) -> list[tuple[str, str]]:
    return [(each["status"], each["reason"]) for each in world.status().get("conditions") or ()]


def playing(scenario: Callable[[World], Awaitable[None]]) -> World:
    return play(scenario, GATED)


def test_all_old_pods_go_before_a_new_one_comes() -> None:
    async def scenario(world: World) -> None:
        await renewed(world)
        await world.quiet()

    world = playing(scenario)

    assert sorted(world.moves[:3]) == ["!web-0", "!web-1", "!web-2"]
    assert sorted(world.moves[3:6]) == ["-web-0", "-web-1", "-web-2"]
    assert world.moves[6:] == ["+web-0", "*web-0", "+web-1", "*web-1", "+web-2", "*web-2"]
    assert world.status()["currentRevision"] == world.status()["updateRevision"]
    assert progress(world) == [("False", "RecreateCompleted")]


def test_while_one_old_pod_terminates_nothing_is_created_or_scaled() -> None:
    async def scenario(world: World) -> None:
        await renewed(world)
        world.stuck.append("web-1")
        await anyio.sleep(60)
        world.change(replicas=5)
        await anyio.sleep(60)

    world = playing(scenario)

    assert world.pods() == ["web-1"]
    assert progress(world) == [("True", "RecreateInProgress")]


def test_pods_out_of_range_go_with_the_others() -> None:
    async def scenario(world: World) -> None:
        await renewed(world)
        world.change(replicas=1)
        await world.quiet()

    world = playing(scenario)

    assert sorted(world.moves[:3]) == ["!web-0", "!web-1", "!web-2"]
    assert world.images() == {"web-0": NEW}


def test_a_broken_template_is_left_behind_by_the_next_one() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, updateStrategy=TYPE)
        await world.quiet()
        world.held.append("web-0")
        world.set_image(NEW)
        await anyio.sleep(30)
        assert world.images() == {"web-0": NEW}
        world.held.clear()
        world.set_image(OLD)
        await world.quiet()

    assert playing(scenario).images() == {"web-0": OLD, "web-1": OLD}


def test_a_controller_whose_gate_is_off_does_nothing_but_say_so() -> None:
    async def scenario(world: World) -> None:
        await renewed(world)
        # The set is kept as it is where the gate goes off: only the controller is another one.
        world.rules = Rules()
        await world.restart()
        before = world.status()
        world.delete("web-0")
        await anyio.sleep(60)
        assert world.status() == before

    world = playing(scenario)

    assert "web-0" not in world.pods()
    assert (
        "UnknownStrategy",
        f"statefulset ns/web uses Recreate strategy but feature gate {RECREATE} is disabled",
    ) in (world.told())
