"""Creation and scale-down, one pod after another."""

from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import World


def settled(replicas: int) -> World:
    world = World()
    world.settled(replicas)
    return world


def newborn(replicas: int) -> World:
    """A set with its first status and no pod yet."""
    world = World()
    world.create_set(replicas)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    return world


def made_in_order() -> World:
    return settled(3)


def made_out_of_range() -> Broken:
    world = settled(2)
    return broken(world, world.create_pod(2, "a"), "in range (0 to 1)")


def made_above_a_missing_one() -> Broken:
    world = newborn(2)
    return broken(world, world.create_pod(1, "a"), "ordinal 0 is missing")


def made_above_an_unready_one() -> Broken:
    world = newborn(2)
    world.create_pod(0, "a")
    return broken(world, world.create_pod(1, "a"), "web-0 (Pending, not Ready)")


def removed_in_order() -> World:
    world = settled(4)
    world.spec(replicas=1)
    world.terminate(3)
    world.counted("a", "a")
    return world


def removed_while_a_higher_one_ends() -> Broken:
    world = settled(4)
    world.spec(replicas=1)
    world.terminate(3)
    return broken(world, world.terminate(2), "web-3")


def scale_down_waits_for_the_range() -> World:
    world = settled(3)
    world.unready(0)
    world.spec(replicas=1)
    world.counted("a", "a")
    return world


def removed_while_the_range_is_unready() -> Broken:
    world = scale_down_waits_for_the_range()
    return broken(world, world.terminate(2), "web-0 (Running, not Ready)")


def scale_down_waits_for_a_lower_unready_one() -> World:
    world = settled(4)
    world.unready(3)
    world.unready(1)
    world.spec(replicas=1)
    world.counted("a", "a")
    return world


def removed_while_a_lower_one_is_unready() -> Broken:
    world = scale_down_waits_for_a_lower_unready_one()
    return broken(world, world.terminate(3), "web-1 (Running, not Ready)")


SCENES = (
    Scene("ordering.range", made_in_order, made_out_of_range),
    Scene("ordering.create-order", made_in_order, made_above_a_missing_one, needs="statefulsets"),
    Scene("ordering.create-gate", made_in_order, made_above_an_unready_one),
    Scene("ordering.scale-down-order", removed_in_order, removed_while_a_higher_one_ends),
    Scene("ordering.scale-down-gate", scale_down_waits_for_the_range, removed_while_the_range_is_unready),
    Scene(
        "ordering.scale-down-unhealthy", scale_down_waits_for_a_lower_unready_one, removed_while_a_lower_one_is_unready
    ),
)
