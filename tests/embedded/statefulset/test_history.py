"""ControllerRevisions: names, data, numbers, collisions and how many are kept (S40-S46)."""

import re

import pytest

from chaos.embedded.controllers.statefulset import revisions
from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import NS, USER, World, play


def test_a_revision_holds_the_template_and_is_named_by_its_hash() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, meta={"annotations": {"note": "hello"}})
        await world.quiet()

    world = play(scenario)
    (revision,) = world.api.list("controllerrevisions", NS).items
    statefulset = world.statefulset()

    assert revision["data"] == {"spec": {"template": {**statefulset["spec"]["template"], "$patch": "replace"}}}
    assert revision["revision"] == 1
    assert re.fullmatch("web-[bcdfghjklmnpqrstvwxz2456789]+", revision["metadata"]["name"])
    digest = revision["metadata"]["name"].removeprefix("web-")
    assert revision["metadata"]["labels"] == {"app": "nginx", "controller.kubernetes.io/hash": digest}
    assert revision["metadata"]["annotations"] == {"note": "hello"}
    assert revision["metadata"]["ownerReferences"][0]["uid"] == statefulset["metadata"]["uid"]


def test_a_revision_has_the_name_that_kubernetes_gives_it() -> None:
    """The template and its revision's name are those of a real 1.37.2; the ampersand is escaped where the hash is made."""
    container = {
        "command": ["sh", "-c", "trap exit TERM; sleep 1000000 & wait"],
        "env": [{"name": "TEMPLATE", "value": "0"}],
        "image": "busybox:1.28.4",
        "name": "main",
    }
    meta: Json = {"annotations": {"differential/template": "0"}, "labels": {"app": "nginx"}}

    async def scenario(world: World) -> None:
        world.create(
            template={"metadata": meta, "spec": {"terminationGracePeriodSeconds": 2, "containers": [container]}}
        )
        await world.quiet()

    (revision,) = play(scenario).api.list("controllerrevisions", NS).items
    assert revision["metadata"]["name"] == "web-68b5fc675c"


def test_only_a_change_of_the_template_makes_a_revision() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        before = world.uids()
        on_delete: Json = {"type": "OnDelete", "rollingUpdate": None}
        world.change(replicas=2, minReadySeconds=1, revisionHistoryLimit=3, updateStrategy=on_delete)
        world.api.patch("statefulsets", NS, "web", {"metadata": {"annotations": {"a": "b"}}}, "merge", user=USER)
        await world.quiet()
        assert world.revisions() == [(1, "nginx:1")]
        assert world.uids()["web-0"] == before["web-0"]
        world.change(template={"metadata": {"annotations": {"a": "b"}}})
        await world.quiet()

    assert play(scenario).revisions() == [(1, "nginx:1"), (2, "nginx:1")]


@pytest.mark.parametrize(("limit", "kept"), [(0, [5]), (2, [3, 4, 5]), (-1, [1, 2, 3, 4, 5])])
def test_the_oldest_revisions_past_the_limit_go(limit: int, kept: list[int]) -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1, revisionHistoryLimit=limit)
        for number in range(1, 6):
            world.set_image(f"nginx:{number}")
            await world.quiet()

    assert [number for number, _ in play(scenario).revisions()] == kept


def test_a_revision_that_a_pod_runs_stays() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=2, revisionHistoryLimit=0, updateStrategy={"type": "OnDelete"})
        await world.quiet()
        world.set_image("nginx:2")
        await world.quiet()
        world.delete("web-0")
        await world.quiet()
        world.set_image("nginx:3")
        await world.quiet()
        assert world.images() == {"web-0": "nginx:2", "web-1": "nginx:1"}

    assert play(scenario).revisions() == [(1, "nginx:1"), (2, "nginx:2"), (3, "nginx:3")]


def test_a_revision_off_the_selector_does_not_count() -> None:
    async def scenario(world: World) -> None:
        world.create(replicas=1)
        await world.quiet()
        name = world.status()["updateRevision"]
        labels = {"metadata": {"labels": {"app": "else"}}}
        world.api.patch("controllerrevisions", NS, name, labels, "merge", user=USER)
        await world.quiet()
        world.set_image("nginx:2")
        await world.quiet()

    # Not seen, it neither numbers the next nor is it the old one that an unfinished update goes back to.
    assert play(scenario).revisions() == [(1, "nginx:1"), (1, "nginx:2")]


def test_a_taken_name_is_counted_and_the_next_one_used() -> None:
    async def scenario(world: World) -> None:
        statefulset = world.create("tmp", replicas=0)
        await world.quiet()
        name = world.statefulset("tmp")["status"]["updateRevision"].replace("tmp-", "web-")
        taken: Json = {"metadata": {"name": name}, "revision": 1, "data": {"spec": {"template": {}}}}
        world.api.create("controllerrevisions", NS, taken, user=USER)
        world.create("web", replicas=1)
        await world.quiet()
        assert world.status()["collisionCount"] == 1
        assert world.status()["updateRevision"] not in (name, statefulset["metadata"]["name"])

    assert play(scenario).pods() == ["web-0"]


def test_equal_numbers_are_ordered_by_age_and_name() -> None:
    def revision(number: int, at: str, name: str) -> Json:
        return {"revision": number, "metadata": {"creationTimestamp": at, "name": name}}

    late, early = "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"
    given = [revision(2, early, "a"), revision(1, late, "a"), revision(1, early, "b"), revision(1, early, "a")]

    assert revisions.in_order(given) == [given[3], given[2], given[1], given[0]]
