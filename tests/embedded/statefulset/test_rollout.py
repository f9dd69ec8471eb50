"""Updates: order, partition, revisions of new pods, OnDelete, maxUnavailable, completion (S13, S20-S39, S42, S50)."""

from typing import Any

import anyio
import pytest

from chaos.embedded.controllers.statefulset import Rules
from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import World, play

OLD, NEW = "nginx:1", "nginx:2"


def rolling(**fields: Json | int | str) -> Json:
    return {"type": "RollingUpdate", "rollingUpdate": fields}


async def created(world: World, **spec: Any) -> None:
    world.create(**spec)
    await world.quiet()
    world.take_moves()


@pytest.mark.parametrize("version", ["1.33.0", "1.36.3", "1.37.2"])
def test_an_update_replaces_the_pods_from_the_top_one_at_a_time(version: str) -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=3)
        world.set_image(NEW)
        await world.quiet()

    world = play(scenario, Rules.of(version))

    assert world.moves == [f"{step}web-{ordinal}" for ordinal in (2, 1, 0) for step in "!-+*"]
    assert world.status()["currentRevision"] == world.status()["updateRevision"]


def test_pods_below_the_partition_stay() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=4, updateStrategy=rolling(partition=2))
        world.set_image(NEW)
        await world.quiet()
        assert world.images() == {"web-0": OLD, "web-1": OLD, "web-2": NEW, "web-3": NEW}
        assert world.status()["currentRevision"] != world.status()["updateRevision"]
        world.change(updateStrategy=rolling(partition=1))
        await world.quiet()

    assert play(scenario).images() == {"web-0": OLD, "web-1": NEW, "web-2": NEW, "web-3": NEW}


def test_a_partition_past_the_replicas_updates_nothing_and_new_ordinals_are_old() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=2, updateStrategy=rolling(partition=5))
        world.set_image(NEW)
        await world.quiet()
        assert world.moves == []
        world.change(replicas=3)
        await world.quiet()

    world = play(scenario)

    assert world.images() == {"web-0": OLD, "web-1": OLD, "web-2": OLD}
    assert world.status()["currentRevision"] != world.status()["updateRevision"]


def test_the_partition_is_an_index_from_the_start_ordinal() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=3, ordinals={"start": 10}, updateStrategy=rolling(partition=2))
        world.set_image(NEW)
        await world.quiet()

    assert play(scenario).images() == {"web-10": OLD, "web-11": OLD, "web-12": NEW}


@pytest.mark.parametrize(("lost", "image"), [("web-0", OLD), ("web-2", NEW)])
def test_a_lost_pod_comes_back_at_the_revision_of_its_side_of_the_partition(lost: str, image: str) -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=3, updateStrategy=rolling(partition=1))
        world.set_image(NEW)
        await world.quiet()
        world.delete(lost)
        await world.quiet()

    assert play(scenario).images()[lost] == image


def test_below_the_partition_the_current_revision_counts_and_not_the_one_the_pod_had() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=2, updateStrategy=rolling(partition=0))
        world.held = ["web-1"]
        world.set_image("nginx:bad")
        await world.quiet()
        world.change(updateStrategy=rolling(partition=2))
        world.set_image("nginx:3")
        await world.quiet()
        assert world.images() == {"web-0": OLD, "web-1": "nginx:bad"}
        world.held = []
        world.delete("web-1")
        await world.quiet()

    assert play(scenario).images() == {"web-0": OLD, "web-1": OLD}


def test_raising_the_partition_takes_nothing_back() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=3, updateStrategy=rolling(partition=1))
        world.set_image(NEW)
        await world.quiet()
        world.take_moves()
        world.change(updateStrategy=rolling(partition=3))
        await world.quiet()

    assert play(scenario).moves == []


def test_a_rollback_in_mid_rollout_touches_only_what_was_updated_and_renumbers_the_revision() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=3)
        first = world.status()["updateRevision"]
        world.held = ["web-1"]
        world.set_image(NEW)
        await anyio.sleep(60)
        assert world.images() == {"web-0": OLD, "web-1": NEW, "web-2": NEW}
        world.held = []
        world.set_ready("web-1", True)
        world.take_moves()
        world.set_image(OLD)
        await world.quiet()
        assert world.status()["updateRevision"] == world.status()["currentRevision"] == first

    world = play(scenario)

    assert [move for move in world.moves if move[0] == "!"] == ["!web-2", "!web-1"]
    assert world.revisions() == [(2, NEW), (3, OLD)]


def test_an_unready_pod_stops_the_rollback_too() -> None:
    """The documented limitation "forced rollback"."""

    async def scenario(world: World) -> None:
        await created(world, replicas=2)
        world.held = ["web-1"]
        world.set_image("nginx:bad")
        await world.quiet()
        world.set_image(OLD)
        await world.quiet()
        assert world.images() == {"web-0": OLD, "web-1": "nginx:bad"}
        world.held = []
        world.delete("web-1")
        await world.quiet()

    assert play(scenario).images() == {"web-0": OLD, "web-1": OLD}


def test_on_delete_replaces_only_what_others_delete() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=2, updateStrategy={"type": "OnDelete"})
        world.set_image(NEW)
        await world.quiet()
        assert world.moves == []
        world.delete("web-0")
        await world.quiet()
        assert world.images() == {"web-0": NEW, "web-1": OLD}
        world.change(replicas=3)
        await world.quiet()

    assert play(scenario).images() == {"web-0": NEW, "web-1": OLD, "web-2": NEW}


@pytest.mark.parametrize(("version", "completes"), [("1.36.3", False), ("1.37.2", True)])
def test_an_on_delete_update_completes_from_1_37(version: str, completes: bool) -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=1, updateStrategy={"type": "OnDelete"})
        world.set_image(NEW)
        await world.quiet()
        world.delete("web-0")
        await world.quiet()

    status = play(scenario, Rules.of(version)).status()

    assert (status["currentRevision"] == status["updateRevision"]) is completes
    assert status.get("currentReplicas", 0) == (1 if completes else 0)


@pytest.mark.parametrize(
    ("version", "value", "down"), [("1.37.2", 2, 2), ("1.37.2", "50%", 2), ("1.37.2", "10%", 1), ("1.36.3", 2, 1)]
)
def test_max_unavailable_pods_go_at_once(version: str, value: int | str, down: int) -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=5, updateStrategy=rolling(maxUnavailable=value))
        world.set_image(NEW)
        await world.quiet()

    moves = play(scenario, Rules.of(version)).moves

    first = moves[: next(number for number, move in enumerate(moves) if move[0] == "-")]
    assert first == [f"!web-{ordinal}" for ordinal in (4, 3)[:down]]


def test_an_update_completes_only_once_every_replica_is_ready() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=2)
        world.held = ["web-0"]
        world.set_image(NEW)
        await world.quiet()
        status = world.status()
        assert (status["updatedReplicas"], status["readyReplicas"]) == (2, 1)
        assert status["currentRevision"] != status["updateRevision"]
        world.set_ready("web-0", True)
        await world.quiet()
        assert world.status()["currentRevision"] == status["updateRevision"]
        assert world.status()["currentReplicas"] == 2

    play(scenario)


def test_scaling_to_nothing_completes_whatever_the_partition() -> None:
    async def scenario(world: World) -> None:
        await created(world, replicas=2, updateStrategy=rolling(partition=9))
        world.set_image(NEW)
        world.change(replicas=0)
        await world.quiet()
        world.change(replicas=2)
        await world.quiet()

    assert play(scenario).images() == {"web-0": NEW, "web-1": NEW}


@pytest.mark.parametrize(("version", "waits"), [("1.33.0", False), ("1.37.2", True)])
def test_a_parallel_update_waits_for_min_ready_seconds_from_1_34(version: str, waits: bool) -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, minReadySeconds=30, podManagementPolicy="Parallel")
        await anyio.sleep(60)
        world.take_moves()
        world.set_image(NEW)
        await anyio.sleep(20)

    moves = play(scenario, Rules.of(version)).moves

    assert ("!web-0" not in moves) is waits


@pytest.mark.parametrize(
    ("version", "images"),
    [
        ("1.35.2", {"web-0": "nginx:bad", "web-1": OLD, "web-2": OLD}),
        ("1.37.2", {"web-0": "nginx:3", "web-1": "nginx:3", "web-2": "nginx:3"}),
    ],
)
def test_a_broken_old_pod_of_a_parallel_set_is_replaced_past_the_budget_from_1_37(
    version: str, images: dict[str, str]
) -> None:
    async def scenario(world: World) -> None:
        world.held = ["web-0"]
        await created(world, image="nginx:bad", replicas=1, podManagementPolicy="Parallel")
        world.held = []
        world.change(updateStrategy={"type": "OnDelete", "rollingUpdate": None})
        world.set_image(OLD)
        world.change(replicas=3)
        await world.quiet()
        world.change(updateStrategy=rolling(maxUnavailable=1))
        world.set_image("nginx:3")
        await world.quiet()

    assert play(scenario, Rules.of(version)).images() == images
