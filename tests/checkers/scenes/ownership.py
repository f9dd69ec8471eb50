"""Pods that change hands, and pods that somebody meddles with."""

from typing import Any

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import NAME, World

POD_NAME = "statefulset.kubernetes.io/pod-name"


def patched(world: World, ordinal: int, meta: dict[str, Any]) -> int:
    """This run changes the metadata of a pod; gives the entry of the change."""
    name = f"{NAME}-{ordinal}"
    start = world.start("patch", "pods", name, {"kind": "orphan-pods", "ordinals": [ordinal]}, world.pod_uid(ordinal))
    entry = world.change("pods", name, {"metadata": meta})
    world.finish(start, rv=world.rv)
    return entry


def disowned(world: World, ordinal: int) -> int:
    """This run takes a pod's owner away."""
    return patched(world, ordinal, {"ownerReferences": None})


def relabelled(world: World, ordinal: int, label: str | None = "other") -> int:
    """This run changes the label that the selector asks for."""
    return patched(world, ordinal, {"labels": {"app": label}})


def adopted() -> World:
    world = settled(2)
    disowned(world, 1)
    world.adopt(1)
    world.counted("a", "a")
    return world


def adopted_without_a_match() -> Broken:
    world = settled(2)
    patched(world, 1, {"ownerReferences": None, "labels": {"app": "other"}})
    return broken(world, world.adopt(1), "labels do not match")


def released() -> World:
    world = settled(2)
    relabelled(world, 1)
    world.orphan(1)
    world.counted("a", "a")
    return world


def released_without_a_cause() -> Broken:
    world = settled(2)
    return broken(world, world.orphan(1), "its labels matched")


def put_back() -> World:
    world = settled(1)
    patched(world, 0, {"labels": {POD_NAME: "web-1"}})
    world.change("pods", "web-0", {"metadata": {"labels": {POD_NAME: "web-0"}}})
    return world


def never_put_back() -> Broken:
    world = settled(1)
    patched(world, 0, {"labels": {POD_NAME: "web-1"}})
    world.live(1)
    for _ in range(5):
        world.unready(0)
        world.counted("a", "a")
        world.ready(0)
        entry = world.counted("a", "a")
        world.live(9)
    world.show()
    return Broken(world, entry, ("web-0", POD_NAME))


SCENES = (
    Scene("ownership.adoption", adopted, adopted_without_a_match, also=("status.counters",)),
    Scene("ownership.release", released, released_without_a_cause),
    Scene("ownership.repair", put_back, never_put_back),
)
