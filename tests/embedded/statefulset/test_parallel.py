"""Parallel sets: no gates, batches, and how errors spread (S65-S67)."""

import anyio
import pytest

from chaos.embedded.controllers.statefulset.batches import slow_start
from chaos.embedded.interface import ApiError
from chaos.embedded.virtual import run
from tests.embedded.statefulset.world import NS, USER, World, claim_template, play


def test_all_pods_come_and_go_without_waiting() -> None:
    async def scenario(world: World) -> None:
        world.held = ["web-0", "web-1", "web-2"]
        world.create(replicas=3, podManagementPolicy="Parallel")
        await anyio.sleep(0.5)
        assert sorted(world.take_moves()) == ["+web-0", "+web-1", "+web-2"]
        await world.quiet()
        world.change(replicas=1)
        await anyio.sleep(0.5)
        assert sorted(world.take_moves()) == ["!web-1", "!web-2"]
        await world.quiet()

    assert play(scenario).pods() == ["web-0"]


def test_an_update_goes_on_past_an_unready_condemned_pod() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3, podManagementPolicy="Parallel")
        await world.quiet()
        world.stuck = ["web-2"]
        world.change(replicas=2)
        world.set_image("nginx:2")
        await world.quiet()

    assert play(scenario).images() == {"web-0": "nginx:2", "web-1": "nginx:2", "web-2": "nginx:1"}


def test_an_error_ends_creation_after_its_batch_and_no_pod_is_scaled_down() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, podManagementPolicy="Parallel", volumeClaimTemplates=[claim_template()])
        await world.quiet()
        # The claim of ordinal 1 is terminating: the batches are {0}, {1, 2}, {3, 4, 5, 6}.
        world.api.create("persistentvolumeclaims", NS, {**claim_template("www-web-1")}, user=USER)
        world.api.delete("persistentvolumeclaims", NS, "www-web-1", user=USER)
        await anyio.sleep(1)
        world.change(replicas=6)
        await world.quiet(60)
        assert world.pods() == ["web-0", "web-2"]
        world.change(ordinals={"start": 1}, replicas=2)
        await world.quiet(60)

    assert play(scenario).pods() == ["web-0", "web-2"]


def test_a_claim_that_goes_with_an_earlier_pod_holds_back_only_its_own_pod() -> None:
    async def scenario(world: World) -> None:
        policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
        earlier = {"apiVersion": "v1", "kind": "Pod", "name": "web-0", "uid": "gone", "controller": True}
        world.api.create(
            "persistentvolumeclaims", NS, claim_template("www-web-0", ownerReferences=[earlier]), user=USER
        )
        await anyio.sleep(1)
        world.create(
            replicas=3,
            podManagementPolicy="Parallel",
            volumeClaimTemplates=[claim_template()],
            persistentVolumeClaimRetentionPolicy=policy,
        )
        await world.quiet()

    assert play(scenario).pods() == ["web-1", "web-2"]


def test_batches_double_and_an_error_ends_them_after_its_own() -> None:
    done: list[tuple[float, int]] = []

    async def act(number: int) -> None:
        await anyio.sleep(1)
        done.append((anyio.current_time(), number))
        if number == 1:
            raise ApiError(403, "Forbidden", "quota")

    with pytest.raises(ApiError, match="quota"):
        run(slow_start, range(10), act)

    assert done == [(1.0, 0), (2.0, 1), (2.0, 2)]


def test_batches_go_on_to_the_last_thing() -> None:
    done: list[tuple[float, int]] = []

    async def act(number: int) -> None:
        await anyio.sleep(1)
        done.append((anyio.current_time(), number))

    run(slow_start, range(8), act)

    assert [at for at, _ in done] == [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 4.0]
