"""Acting on the past: caches that stand still, restarts, and the floors of 1.36 (A0, W3-W5, S2, S13)."""

import anyio
import pytest

from chaos.embedded.api import ApiServer
from chaos.embedded.controllers.statefulset import Rules
from chaos.embedded.controllers.statefulset.batches import OBJECT_PAUSES_S, retry_on_conflict
from chaos.embedded.controllers.statefulset.floors import Floors
from chaos.embedded.informer import Informer
from chaos.embedded.interface import ApiError, Json
from chaos.embedded.virtual import run
from chaos.time import EPOCH
from tests.embedded.statefulset.world import NS, USER, World, claim_template, play


def test_a_frozen_pod_cache_never_makes_a_pod_twice() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        before = world.uids()
        world.take_moves()
        world.controller.pods.frozen = True
        world.change(replicas=4)
        await world.quiet(120)
        # It knows of the pod it made, by its own write, and waits to see it.
        assert world.take_moves() == ["+web-2", "*web-2"]
        world.controller.pods.frozen = False
        await world.quiet()
        assert world.uids().items() >= before.items()

    assert play(scenario).moves == ["+web-3", "*web-3"]


@pytest.mark.parametrize(("version", "syncs"), [("1.35.5", True), ("1.37.2", False)])
def test_from_1_36_no_sync_begins_before_its_own_last_write_was_seen(version: str, syncs: bool) -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        world.controller.pods.frozen = True
        world.change(replicas=2)
        await anyio.sleep(5)
        assert world.pods() == ["web-0", "web-1"]
        world.set_image("nginx:2")
        await anyio.sleep(60)
        # A sync would begin with the revision of the new template, which needs no pod.
        assert (len(world.revisions()) == 2) is syncs

    play(scenario, Rules.of(version))


def floors() -> tuple[Floors, Informer, Json]:
    cache = Informer(ApiServer(lambda: EPOCH, lambda: "u"), "pods", lambda: 0.0)
    return Floors({"pods": cache}), cache, {"metadata": {"namespace": NS, "name": "web", "uid": "s"}}


def written(rv: int) -> Json:
    return {"metadata": {"resourceVersion": str(rv)}}


def test_a_floor_holds_until_the_cache_has_reached_it() -> None:
    known, cache, statefulset = floors()
    known.wrote(statefulset, "pods", written(7))

    behind = []
    for cache.rv in (6, 7, 8):
        behind.append(known.is_behind((NS, "web")))

    assert behind == [True, False, False]
    assert not known.is_behind((NS, "other"))


def test_a_write_that_changed_nothing_does_not_lower_a_floor() -> None:
    known, cache, statefulset = floors()
    known.wrote(statefulset, "pods", written(7))
    known.wrote(statefulset, "pods", written(3))
    cache.rv = 5

    assert known.is_behind((NS, "web"))


def test_a_set_made_again_has_no_floors_of_the_earlier_one() -> None:
    known, cache, statefulset = floors()
    known.wrote(statefulset, "pods", written(7))
    known.wrote({"metadata": {**statefulset["metadata"], "uid": "later"}}, "pods", written(3))
    cache.rv = 5

    assert not known.is_behind((NS, "web"))


def test_only_a_conflict_is_tried_again_with_growing_pauses() -> None:
    tried: list[float] = []

    async def attempt(number: int) -> str:
        tried.append(round(anyio.current_time(), 3))
        if number < 2:
            raise ApiError(409, "Conflict", "modified")
        return "done"

    assert run(retry_on_conflict, attempt, OBJECT_PAUSES_S) == "done"
    assert tried == [0.0, 0.01, 0.06]


@pytest.mark.parametrize(("reason", "tries"), [("Conflict", 4), ("AlreadyExists", 1)])
def test_the_last_conflict_or_the_first_other_error_is_raised(reason: str, tries: int) -> None:
    numbers: list[int] = []

    async def attempt(number: int) -> None:
        numbers.append(number)
        raise ApiError(409, reason, "no")

    with pytest.raises(ApiError, match=reason):
        run(retry_on_conflict, attempt, OBJECT_PAUSES_S)

    assert numbers == list(range(tries))


def test_without_floors_a_creation_is_tried_again_and_refused() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        world.controller.pods.frozen = True
        world.change(replicas=2)
        await anyio.sleep(60)
        assert world.pods() == ["web-0", "web-1"]
        world.controller.pods.frozen = False
        await world.quiet()

    world = play(scenario, Rules.of("1.35.5"))

    assert world.moves == ["+web-0", "*web-0", "+web-1", "*web-1"]
    assert world.told() == []


def test_a_frozen_set_cache_scales_to_what_it_last_saw() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        world.take_moves()
        world.controller.sets.frozen = True
        world.change(replicas=1)
        world.delete("web-1")
        await world.quiet()
        assert world.pods() == ["web-0", "web-1"]
        world.controller.sets.frozen = False
        await world.quiet()

    assert play(scenario).pods() == ["web-0"]


def test_a_frozen_revision_cache_does_not_make_a_revision_twice() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        world.controller.revisions.frozen = True
        world.set_image("nginx:2")
        await world.quiet()
        assert world.revisions() == [(1, "nginx:1"), (2, "nginx:2")]
        world.controller.revisions.frozen = False
        await world.quiet()

    world = play(scenario)

    assert world.images() == {"web-0": "nginx:2"}
    assert world.status()["collisionCount"] == 0


def test_a_frozen_claim_cache_tries_a_claim_again_and_says_nothing() -> None:
    async def scenario(world: World) -> None:
        world.controller.claims.frozen = True
        world.create(replicas=1, volumeClaimTemplates=[claim_template()])
        await world.quiet(60)
        world.delete("web-0")
        await anyio.sleep(5)
        world.controller.claims.frozen = False
        world.api.patch("statefulsets", NS, "web", {"metadata": {"annotations": {"a": "b"}}}, "merge", user=USER)
        await world.quiet(2000)

    assert play(scenario).pods() == ["web-0"]


@pytest.mark.parametrize("after_s", [0.0, 0.02, 1.0, 1.1, 2.5])
def test_a_restart_at_any_moment_changes_nothing_about_the_order(after_s: float) -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3)
        await anyio.sleep(after_s)
        await world.restart()
        await world.quiet()

    assert play(scenario).moves == ["+web-0", "*web-0", "+web-1", "*web-1", "+web-2", "*web-2"]


def test_a_set_deleted_and_made_again_while_away_is_a_new_one() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()

        def replace() -> None:
            world.api.delete("statefulsets", NS, "web", user=USER)
            world.delete("web-0", grace_s=0)
            world.create(image="nginx:2", replicas=2)

        await world.restart(replace)
        await world.quiet()

    assert play(scenario).images() == {"web-0": "nginx:2", "web-1": "nginx:2"}


def test_sets_do_not_wait_for_each_other() -> None:
    async def scenario(world: World) -> None:
        for number in range(8):
            name = f"set{number}"
            labels = {"app": name}
            template = {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "c", "image": "nginx:1"}]},
            }
            world.create(name, replicas=2, selector={"matchLabels": labels}, template=template)
        await anyio.sleep(4)
        assert len(world.pods()) == 16

    play(scenario)


def test_the_same_seed_gives_the_same_world() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3, podManagementPolicy="Parallel")
        await world.quiet()
        world.set_image("nginx:2")
        await world.quiet()

    one, two, other = (play(scenario, seed=seed) for seed in (1, 1, 2))

    assert one.api.list("pods").items == two.api.list("pods").items
    assert one.api.list("events").items == two.api.list("events").items
    assert one.api.list("pods").items != other.api.list("pods").items
