"""The set is deleted, with its pods or without, and made again."""

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import World


def waits_for_its_pods() -> World:
    """A foreground delete: the set is there until its pods are gone, and the controller still counts them."""
    world = settled(2)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    world.terminate(1)
    world.counted("a", "a")
    return world


def made_for_a_deleted_set() -> Broken:
    world = waits_for_its_pods()
    world.gone(1)
    return broken(world, world.create_pod(1, "a"), "being deleted")


def collected() -> World:
    """A background delete: the set goes first, then its pods."""
    world = settled(2)
    world.finish(world.delete_set())
    world.set_gone()
    for ordinal in (0, 1):
        world.terminate(ordinal)
        world.gone(ordinal)
    return world


def left_behind() -> Broken:
    world = settled(2)
    start = world.delete_set()
    world.finish(start)
    world.set_gone()
    world.terminate(0)
    world.gone(0)
    world.show()
    world.live(130)
    return Broken(world, start, ("web-1", "130 s"))


def orphaned(replicas: int) -> World:
    """An orphan delete: the pods and the revisions lose their owner, then the set goes."""
    world = settled(replicas)
    world.wait(30)
    world.finish(world.delete_set("orphan"))
    world.set_deleting("orphan")
    for ordinal in range(replicas):
        world.orphan(ordinal)
    world.set_gone()
    return world


def pods_stay() -> World:
    return orphaned(2)


def orphan_is_deleted() -> Broken:
    world = orphaned(2)
    # By now the controller knows that it is an orphan.
    world.live(11)
    return broken(world, world.terminate(1), "orphan delete")


def found_again() -> World:
    world = orphaned(2)
    world.create_set(2)
    world.adopt(0)
    world.counted("a", "a")
    return world


def not_found_again() -> Broken:
    world = orphaned(2)
    world.create_set(2)
    world.revision("c", text="a")
    return broken(world, world.counted("c", "c"), "expected web-a")


SCENES = (
    Scene("cascade.set-deleting", waits_for_its_pods, made_for_a_deleted_set, needs="statefulsets"),
    Scene("cascade.background", collected, left_behind, at_the_end=True),
    Scene("cascade.orphan", pods_stay, orphan_is_deleted),
    Scene(
        "cascade.readoption",
        found_again,
        not_found_again,
        needs="statefulsets",
        also=("revision.update-revision", "revisions.reuse"),
    ),
)
