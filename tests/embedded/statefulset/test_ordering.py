"""OrderedReady: one pod after another, up and down, and what each step waits for (S6, S9-S12, S16-S18, S68, S70)."""

import anyio
import pytest

from tests.embedded.statefulset.world import NS, USER, World, play


def test_pods_come_one_by_one_each_after_the_one_below_is_ready() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()

    assert play(scenario).moves == ["+web-0", "*web-0", "+web-1", "*web-1", "+web-2", "*web-2"]


def test_pods_go_from_the_highest_ordinal_each_after_the_one_above_is_gone() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.take_moves()
        world.change(replicas=0)
        await world.quiet()

    assert play(scenario).moves == ["!web-2", "-web-2", "!web-1", "-web-1", "!web-0", "-web-0"]


def test_nothing_above_an_unready_pod_is_created() -> None:
    async def scenario(world: World) -> None:
        world.held = ["web-1"]
        world.create(replicas=3)
        await world.quiet()
        assert world.pods() == ["web-0", "web-1"]
        world.set_ready("web-1", True)
        await world.quiet()

    assert play(scenario).pods() == ["web-0", "web-1", "web-2"]


def test_a_gate_looks_at_all_lower_pods() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.set_ready("web-0", False)
        await world.quiet()
        world.delete("web-2")
        await world.quiet()
        assert world.pods() == ["web-0", "web-1"]
        world.set_ready("web-0", True)
        await world.quiet()

    assert play(scenario).pods() == ["web-0", "web-1", "web-2"]


def test_a_terminating_pod_holds_back_those_above_it() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.stuck = ["web-0"]
        world.delete("web-0")
        await world.quiet()
        world.change(replicas=3)
        await world.quiet()
        assert world.pods() == ["web-0", "web-1"]
        world.delete("web-0", grace_s=0)
        world.stuck = []
        await world.quiet()

    assert play(scenario).pods() == ["web-0", "web-1", "web-2"]


def test_a_lost_pod_comes_back_although_a_higher_one_is_unready() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.set_ready("web-1", False)
        world.take_moves()
        world.delete("web-0")
        await world.quiet()

    assert play(scenario).moves == ["!web-0", "-web-0", "+web-0", "*web-0"]


def test_of_two_lost_pods_the_lower_comes_back_first() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.take_moves()
        world.delete("web-2", grace_s=0)
        world.delete("web-1", grace_s=0)
        await world.quiet()

    assert play(scenario).moves[4:] == ["+web-1", "*web-1", "+web-2", "*web-2"]


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_ended_is_replaced(phase: str) -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.take_moves()
        world.fail("web-0", phase)
        await world.quiet()

    assert play(scenario).moves == ["!web-0", "-web-0", "+web-0", "*web-0"]


def test_a_scale_down_waits_for_an_unready_pod_in_range() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.set_ready("web-0", False)
        await world.quiet()
        world.change(replicas=1)
        await world.quiet()
        assert world.pods() == ["web-0", "web-1", "web-2"]
        world.set_ready("web-0", True)
        await world.quiet()

    assert play(scenario).pods() == ["web-0"]


def test_the_only_unready_pod_may_be_scaled_away() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.set_ready("web-2", False)
        await world.quiet()
        world.change(replicas=2)
        await world.quiet()

    assert play(scenario).pods() == ["web-0", "web-1"]


def test_two_unready_condemned_pods_stall_until_the_lower_recovers() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.set_ready("web-1", False)
        world.set_ready("web-2", False)
        await world.quiet()
        world.change(replicas=1)
        await world.quiet()
        assert world.pods() == ["web-0", "web-1", "web-2"]
        world.set_ready("web-1", True)
        await world.quiet()

    assert play(scenario).pods() == ["web-0"]


def test_a_pod_counts_only_after_min_ready_seconds() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, minReadySeconds=20)
        await anyio.sleep(15)
        assert world.pods() == ["web-0"]
        assert (world.status()["readyReplicas"], world.status()["availableReplicas"]) == (1, 0)
        await anyio.sleep(10)
        assert world.pods() == ["web-0", "web-1"]
        await anyio.sleep(25)
        assert world.status()["availableReplicas"] == 2

    play(scenario)


def test_a_failed_sync_does_not_make_the_controller_forget_who_becomes_available() -> None:
    async def scenario(world: World) -> None:
        world.held = ["web-1"]
        world.create(replicas=1, minReadySeconds=20, podManagementPolicy="Parallel")
        await anyio.sleep(10)
        world.api.delete("serviceaccounts", NS, "default", user=USER)
        world.change(replicas=2, minReadySeconds=22)
        await anyio.sleep(2)
        assert world.pods() == ["web-0"]
        world.api.create("serviceaccounts", NS, {"metadata": {"name": "default"}}, user=USER)
        await anyio.sleep(3)
        assert (world.pods(), world.status()["availableReplicas"]) == (["web-0", "web-1"], 0)
        await anyio.sleep(10)

    assert play(scenario).status()["availableReplicas"] == 1


def test_availability_follows_a_change_of_min_ready_seconds() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await anyio.sleep(10)
        world.change(minReadySeconds=30)
        await anyio.sleep(1)
        assert world.status()["availableReplicas"] == 0
        # Nobody touches the pod: only the controller's own clock brings this about.
        await anyio.sleep(25)
        assert world.status()["availableReplicas"] == 1

    play(scenario)


def test_availability_comes_in_time_after_a_restart() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, minReadySeconds=30)
        await anyio.sleep(10)
        await world.restart()
        await anyio.sleep(25)
        assert world.status()["availableReplicas"] == 1

    play(scenario)


def test_the_range_begins_at_the_start_ordinal() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, ordinals={"start": 3})
        await world.quiet()

    world = play(scenario)

    assert world.moves == ["+web-3", "*web-3", "+web-4", "*web-4"]


def test_a_moved_range_is_filled_before_the_rest_goes_from_the_top() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await world.quiet()
        world.take_moves()
        world.change(ordinals={"start": 2})
        await world.quiet()

    moves = play(scenario).moves

    assert moves == ["+web-3", "*web-3", "+web-4", "*web-4", "!web-1", "-web-1", "!web-0", "-web-0"]
