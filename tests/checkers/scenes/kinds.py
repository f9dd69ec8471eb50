"""Sets that are not plain: minReadySeconds, a start ordinal, Parallel, maxUnavailable, Recreate."""

from typing import Any

from tests.checkers.scenes.lesson import phase
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import World


def newborn(replicas: int, **spec: Any) -> World:
    """A set with its first status and no pod yet; markers tell how the clocks stand."""
    world = World()
    world.show()
    world.create_set(replicas, **spec)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    return world


def parallel(replicas: int, **spec: Any) -> World:
    """A Parallel set whose pods are Ready."""
    world = newborn(replicas, podManagementPolicy="Parallel", **spec)
    for ordinal in range(replicas):
        world.create_pod(ordinal, "a")
    for ordinal in range(replicas):
        world.ready(ordinal)
    world.counted("a", "a", available=0 if spec.get("minReadySeconds") else replicas)
    return world


def waits_for_availability() -> World:
    world = newborn(2, minReadySeconds=30)
    world.create_pod(0, "a")
    world.counted("a", "a")
    world.ready(0)
    world.counted("a", "a", available=0)
    return world


def made_above_a_young_one() -> Broken:
    world = waits_for_availability()
    world.wait(20)
    world.show()
    return broken(world, world.create_pod(1, "a"), "web-0 must be Ready for minReadySeconds (30 s)")


def begins_above_zero() -> World:
    world = newborn(1, ordinals={"start": 3})
    world.create_pod(3, "a")
    world.counted("a", "a")
    return world


def begins_at_zero() -> Broken:
    world = newborn(1, ordinals={"start": 3})
    return broken(world, world.create_pod(0, "a"), "ordinals begin at 3: 3 to 3")


def made_at_once() -> World:
    world = newborn(3, podManagementPolicy="Parallel")
    for ordinal in range(3):
        world.create_pod(ordinal, "a")
    world.counted("a", "a")
    return world


def made_one_after_another() -> Broken:
    """The first pod never becomes Ready, and the others never come."""
    world = newborn(3, podManagementPolicy="Parallel")
    phase(world)
    world.create_pod(0, "a")
    world.counted("a", "a")
    world.show()
    world.live(200)
    # Its state is told again and again, and wakes the controller each time.
    world.change("pods", "web-0", {"status": {"reason": "ImagePullBackOff"}})
    return Broken(world, world.show(), ("ordinals [1, 2] are missing and the set is Parallel", "200 s"))


def budgeted(limit: int | str, replicas: int = 4) -> World:
    """An OrderedReady set with a budget, and a new template that the status has seen."""
    world = World()
    world.settled(replicas, updateStrategy=rolling(limit))
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


def rolling(limit: int | str, partition: int = 0) -> dict[str, Any]:
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": partition, "maxUnavailable": limit}}


def updated_two_at_once() -> World:
    world = budgeted(2)
    world.terminate(3)
    world.terminate(2)
    world.counted("a", "b")
    return world


def updated_three_at_once() -> Broken:
    world = budgeted(2)
    world.terminate(3)
    world.terminate(2)
    return broken(world, world.terminate(1), "at most 2 at once, and ordinals [2, 3] are updated")


def recreating(replicas: int = 2) -> World:
    """All pods of the old revision are deleted; the last is still there."""
    world = World()
    world.settled(replicas, type="Recreate")
    world.new_template("b")
    world.revision("b")
    for ordinal in range(replicas):
        world.terminate(ordinal)
    world.counted("a", "b")
    for ordinal in range(1, replicas):
        world.gone(ordinal)
    return world


def old_pods_go_first() -> World:
    world = recreating()
    world.counted("a", "b")
    return world


def made_beside_an_old_one() -> Broken:
    world = old_pods_go_first()
    return broken(world, world.create_pod(1, "b"), "web-0 (terminating) of an old revision must be gone")


SCENES = (
    Scene("ordering.min-ready-seconds", waits_for_availability, made_above_a_young_one),
    Scene("ordering.start-ordinal", begins_above_zero, begins_at_zero, needs="statefulsets"),
    Scene("ordering.parallel", made_at_once, made_one_after_another, needs="statefulsets"),
    Scene("update.max-unavailable", updated_two_at_once, updated_three_at_once),
    Scene("recreate.old-first", old_pods_go_first, made_beside_an_old_one),
)
