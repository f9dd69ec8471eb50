"""Adoption and release of pods and revisions; sets that are going (S7, S59, S60, S63)."""

import anyio
import pytest

from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import NS, USER, World, play, statefulset


def pod(name: str, labels: dict[str, str] | None = None) -> Json:
    meta = {"name": name, "labels": {"app": "nginx"} if labels is None else labels}
    return {"metadata": meta, "spec": statefulset()["spec"]["template"]["spec"]}


def orphan(world: World, name: str) -> None:
    world.api.patch("pods", NS, name, {"metadata": {"ownerReferences": None}}, "merge", user=USER)


def owner(world: World, name: str) -> str:
    references = world.pod(name)["metadata"].get("ownerReferences") or [{"uid": ""}]
    return str(references[0]["uid"])


def test_an_orphan_that_fits_is_adopted_as_it_is() -> None:
    async def scenario(world: World) -> None:
        created = world.create(replicas=2)
        await world.quiet()
        before = world.uids()
        orphan(world, "web-1")
        await world.quiet()
        assert owner(world, "web-1") == created["metadata"]["uid"]
        assert world.uids() == before

    play(scenario)


def test_orphans_of_other_names_labels_or_owners_and_terminating_ones_are_left_alone() -> None:
    async def scenario(world: World) -> None:
        foreign = {"apiVersion": "v1", "kind": "Thing", "name": "x", "uid": "x", "controller": True}
        world.api.create("pods", NS, pod("other-0"), user=USER)
        world.api.create("pods", NS, pod("web-5", {"app": "else"}), user=USER)
        owned = pod("web-6")
        owned["metadata"]["ownerReferences"] = [foreign]
        world.api.create("pods", NS, owned, user=USER)
        world.api.create("pods", NS, pod("web-7"), user=USER)
        await anyio.sleep(2)
        world.stuck = ["web-7"]
        world.delete("web-7")
        await anyio.sleep(2)
        world.create(replicas=1)
        await world.quiet()
        assert [owner(world, name) for name in ("other-0", "web-5", "web-6", "web-7")] == ["", "", "x", ""]

    play(scenario)


def test_a_pod_off_the_selector_is_released_keeps_running_and_holds_its_name() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        before = world.uids()
        world.api.patch("pods", NS, "web-1", {"metadata": {"labels": {"app": "else"}}}, "merge", user=USER)
        await world.quiet(30)
        assert owner(world, "web-1") == ""
        assert world.uids() == before
        # The name is taken: creation is tried and fails, and nobody is told.
        assert world.told() == []
        world.delete("web-1")
        # The name is free, but nothing about an orphan's end wakes the controller before its next retry.
        world.api.patch("statefulsets", NS, "web", {"metadata": {"annotations": {"a": "b"}}}, "merge", user=USER)
        await anyio.sleep(5)
        world.api.patch("statefulsets", NS, "web", {"metadata": {"annotations": {"a": "c"}}}, "merge", user=USER)
        await world.quiet()
        assert world.uids()["web-1"] != before["web-1"]

    play(scenario)


def test_a_set_made_again_adopts_the_pods_and_revisions_of_the_old_one_without_a_restart() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2)
        await world.quiet()
        pods, revisions = world.uids(), world.revisions()
        world.api.delete("statefulsets", NS, "web", user=USER)
        await world.quiet()
        for name in world.pods():
            orphan(world, name)
        (revision,) = world.api.list("controllerrevisions", NS).items
        no_owner = {"metadata": {"ownerReferences": None}}
        world.api.patch("controllerrevisions", NS, revision["metadata"]["name"], no_owner, "merge", user=USER)
        await world.quiet()
        again = world.create(replicas=2)
        await world.quiet()
        assert world.uids() == pods
        assert world.revisions() == revisions
        (kept,) = world.api.list("controllerrevisions", NS).items
        assert kept["metadata"]["ownerReferences"][0]["uid"] == again["metadata"]["uid"]

    play(scenario)


@pytest.mark.parametrize("fate", ["gone", "going", "made again"])
def test_nothing_is_adopted_by_a_set_that_lives_only_in_the_cache(fate: str) -> None:
    async def scenario(world: World) -> None:
        finalizers = ["example.com/wait"] if fate == "going" else []
        world.create(replicas=1, meta={"finalizers": finalizers})
        await world.quiet()
        world.controller.sets.frozen = True
        world.api.delete("statefulsets", NS, "web", user=USER)
        if fate == "made again":
            world.create(replicas=1)
        orphan(world, "web-0")
        await world.quiet(30)
        assert owner(world, "web-0") == ""

    play(scenario)


def test_a_set_that_is_being_deleted_is_only_counted() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=3, meta={"finalizers": ["example.com/wait"]})
        await world.quiet()
        world.api.delete("statefulsets", NS, "web", user=USER)
        await world.quiet()
        world.take_moves()
        world.delete("web-1")
        world.set_image("nginx:2")
        await world.quiet()

    world = play(scenario)

    assert world.moves == ["!web-1", "-web-1"]
    assert world.status()["replicas"] == 2
