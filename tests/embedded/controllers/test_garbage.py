"""The garbage collector: background, foreground and orphan deletion, and owners that are not there."""

import anyio

from chaos.embedded.controllers.garbage import GarbageCollector
from chaos.embedded.interface import Json
from tests.embedded.controllers.world import NS, World, live, reference


def collector(world: World) -> GarbageCollector:
    return GarbageCollector(world.api, world.lag, world.latency)


def a_set(world: World, name: str = "web") -> Json:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"serviceName": name, "selector": {"matchLabels": {"app": name}}, "template": template}
    return world.add("statefulsets", NS, {"metadata": {"name": name}, "spec": spec})


def owned(world: World, name: str, *references: Json) -> Json:
    return world.add("configmaps", NS, {"metadata": {"name": name, "ownerReferences": list(references)}})


def owners(item: Json) -> list[str]:
    return [each["name"] for each in item["metadata"].get("ownerReferences") or ()]


def test_dependents_go_after_their_owner_with_their_grace_period() -> None:
    world = World()
    web = a_set(world)
    world.pod("web-0", "10.0.0.1", owner=web)
    owned(world, "extra", reference(web))

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Background")
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == []
    assert world.get("pods", "web-0")["metadata"]["deletionGracePeriodSeconds"] == 30


def test_a_foreground_delete_waits_for_blocking_dependents_only() -> None:
    world = World()
    web = a_set(world)
    world.pod("web-0", "10.0.0.1", owner=web)
    owned(world, "loose", reference(web, blocks=False))

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Foreground")
        await anyio.sleep(5)
        assert world.names("statefulsets") == ["web"]
        assert world.names("configmaps") == []
        assert "deletionTimestamp" in world.get("pods", "web-0")["metadata"]

        world.delete("pods", "web-0", grace_s=0)
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("statefulsets") == []


def test_a_foreground_delete_goes_down_the_whole_tree() -> None:
    world = World()
    web = a_set(world)
    middle = owned(world, "middle", reference(web))
    owned(world, "leaf", reference(middle))
    world.follow("statefulsets", "configmaps")

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Foreground")
        await anyio.sleep(5)

    live(world, act, collector(world))

    assert [name for kind, name in world.story() if kind == "DELETED"] == ["leaf", "middle", "web"]


def test_an_orphan_delete_lets_the_dependents_go_first() -> None:
    world = World()
    web = a_set(world)
    world.pod("web-0", "10.0.0.1", owner=web)
    world.pod("web-1", "10.0.0.2", owner=web)
    world.follow("statefulsets", "pods")

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Orphan")
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert [owners(pod) for pod in world.api.list("pods", NS).items] == [[], []]
    assert all("deletionTimestamp" not in pod["metadata"] for pod in world.api.list("pods", NS).items)
    assert world.story()[-1] == ("DELETED", "web")


def test_an_object_whose_owner_never_was_is_deleted() -> None:
    world = World()
    gone = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "no such uid"}

    async def act() -> None:
        owned(world, "absent", gone)
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == []


def test_an_owner_that_stays_keeps_the_object_and_absent_ones_are_taken_off() -> None:
    world = World()
    keeper = owned(world, "keeper")
    gone = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "no such uid"}

    async def act() -> None:
        owned(world, "two", gone, reference(keeper))
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert owners(world.get("configmaps", "two")) == ["keeper"]


def test_an_owner_of_the_same_name_in_another_life_does_not_count() -> None:
    world = World()
    web = a_set(world)
    owned(world, "old", reference(web))

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Background")
        a_set(world)
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == []
    assert world.names("statefulsets") == ["web"]


def test_an_owner_whose_name_belongs_to_another_object_by_now_does_not_count() -> None:
    world = World()
    keeper = owned(world, "keeper")

    async def act() -> None:
        owned(world, "stray", {**reference(keeper), "uid": "of an earlier life"})
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == ["keeper"]


def test_an_owner_without_a_namespace_counts_in_every_namespace() -> None:
    world = World()
    node = world.node()

    async def act() -> None:
        owned(world, "mine", reference(node))
        await anyio.sleep(1)
        assert world.names("configmaps") == ["mine"]
        world.delete("nodes", "node-1", "")
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == []


def test_a_dependent_that_no_longer_blocks_lets_its_owner_go() -> None:
    world = World()
    web = a_set(world)
    held = owned(world, "held", reference(web))
    body = {"metadata": {"finalizers": ["example.com/wait"]}}
    world.api.patch("configmaps", NS, "held", body, "merge", user="test")

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Foreground")
        await anyio.sleep(5)
        assert world.names("statefulsets") == ["web"]
        loose = {"metadata": {"ownerReferences": [reference(web, blocks=False)]}}
        world.api.patch("configmaps", NS, "held", loose, "merge", user="test")
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("statefulsets") == []
    assert world.get("configmaps", "held")["metadata"]["uid"] == held["metadata"]["uid"]


def test_an_owner_in_another_namespace_does_not_count() -> None:
    world = World()
    world.add("namespaces", "", {"metadata": {"name": "other"}})
    owner = world.add("configmaps", "other", {"metadata": {"name": "owner"}})

    async def act() -> None:
        owned(world, "stray", reference(owner))
        await anyio.sleep(1)

    live(world, act, collector(world))

    assert world.names("configmaps") == []
    assert world.names("configmaps", "other") == ["owner"]


def between_look_and_delete(world: World) -> None:
    """Requests take 5 ms, events 1 ms: at 8 ms the dependent has been looked at and is not deleted yet."""
    world.lag, world.latency = lambda: 0.001, lambda: 0.005


def test_an_object_that_is_adopted_just_before_its_delete_stays() -> None:
    world = World()
    between_look_and_delete(world)
    web = a_set(world)
    owned(world, "extra", reference(web))
    keeper = owned(world, "keeper")

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Background")
        await anyio.sleep(0.008)
        references = [reference(web), {**reference(keeper), "controller": False}]
        body = {"metadata": {"ownerReferences": references}}
        world.api.patch("configmaps", NS, "extra", body, "merge", user="test")
        await anyio.sleep(2)

    live(world, act, collector(world))

    assert owners(world.get("configmaps", "extra")) == ["keeper"]


def test_a_change_that_has_nothing_to_do_with_owners_does_not_save_an_object() -> None:
    world = World()
    between_look_and_delete(world)
    web = a_set(world)
    owned(world, "extra", reference(web))

    async def act() -> None:
        world.delete("statefulsets", "web", propagation="Background")
        await anyio.sleep(0.008)
        world.api.patch("configmaps", NS, "extra", {"data": {"a": "b"}}, "merge", user="test")
        await anyio.sleep(0.018)

    live(world, act, collector(world))

    assert world.names("configmaps") == []


def test_two_owners_in_foreground_deletion_that_own_each_other_do_not_wait_for_ever() -> None:
    world = World()
    one = owned(world, "one")
    two = owned(world, "two", reference(one))
    body = {"metadata": {"ownerReferences": [{**reference(two), "controller": False}]}}
    world.api.patch("configmaps", NS, "one", body, "merge", user="test")

    async def act() -> None:
        world.delete("configmaps", "one", propagation="Foreground")
        await anyio.sleep(10)

    live(world, act, collector(world))

    assert world.names("configmaps") == []
