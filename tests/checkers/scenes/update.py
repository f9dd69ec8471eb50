"""Rolling updates, partitions, OnDelete, and what the status says of them."""

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import World


def updating(replicas: int, partition: int = 0) -> World:
    """A settled set with a new template that the status has seen, and nothing done yet."""
    world = World()
    world.settled(replicas, partition=partition)
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


def updating_by_hand(replicas: int) -> World:
    """As `updating`, of a set of type OnDelete."""
    world = World()
    world.settled(replicas, type="OnDelete")
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    return world


def deleted_to_update() -> World:
    world = updating(3)
    world.terminate(2)
    return world


def deleted_for_nothing() -> Broken:
    world = settled(2)
    return broken(world, world.terminate(1), "at the update revision web-a: it stays")


def updated_from_below() -> Broken:
    world = updating(3)
    return broken(world, world.terminate(0), "web-2 (Ready) is higher")


def walk_waits() -> World:
    """The replaced pod is not Ready yet, and the status shows that the controller knows."""
    world = updating(3)
    world.terminate(2)
    world.gone(2)
    world.create_pod(2, "b")
    world.counted("a", "b")
    return world


def walk_does_not_wait() -> Broken:
    world = walk_waits()
    return broken(world, world.terminate(1), "web-2 (Pending, not Ready)")


def partition_keeps_the_lower() -> World:
    return updating(3, partition=3)


def updated_below_the_partition() -> Broken:
    world = updating(3, partition=3)
    return broken(world, world.terminate(2), "partition 3: index 2 is not updated")


def made_by_partition() -> World:
    """One pod above and one below the partition get successors."""
    world = updating(3, partition=2)
    world.terminate(2)
    world.gone(2)
    world.replace(2, "b")
    world.kill(0)
    world.gone(0)
    world.replace(0, "a")
    return world


def made_new_below_the_partition() -> Broken:
    world = updating(3, partition=2)
    world.kill(0)
    world.gone(0)
    return broken(world, world.create_pod(0, "b"), "revision web-a", "partition 2")


def revision_is_kept() -> World:
    return updating(2)


def revision_goes_back() -> Broken:
    """The update was complete and is said to be under way again."""
    world = World()
    world.settled(1)
    world.new_template("b")
    world.revision("b")
    world.terminate(0)
    world.gone(0)
    world.replace(0, "b")
    world.counted("b", "b")
    return broken(world, world.counted("a", "b"), "currentRevision web-b")


def promoted_too_early() -> Broken:
    world = updating(2)
    return broken(world, world.counted("b", "b"), "currentRevision web-a", "updated = ready = replicas")


def kept_by_hand() -> World:
    return updating_by_hand(2)


def updated_against_on_delete() -> Broken:
    world = updating_by_hand(2)
    return broken(world, world.terminate(1), "OnDelete")


def made_new_by_hand() -> World:
    world = updating_by_hand(2)
    world.kill(0)
    world.gone(0)
    world.replace(0, "b")
    return world


def made_old_by_hand() -> Broken:
    world = updating_by_hand(2)
    world.kill(0)
    world.gone(0)
    return broken(world, world.create_pod(0, "a"), "revision web-b", "OnDelete")


def names_another_revision() -> Broken:
    world = updating(2)
    return broken(world, world.counted("a", "a"), "updateRevision web-b")


def counts_wrong() -> Broken:
    world = settled(2)
    return broken(world, world.counted("a", "a", ready=1), "ready 2")


def observes_the_future() -> Broken:
    world = settled(2)
    return broken(world, world.counted("a", "a", observed=2), "observedGeneration 1")


SCENES = (
    Scene("update.justified-deletes", deleted_to_update, deleted_for_nothing),
    Scene("update.walk-order", deleted_to_update, updated_from_below),
    Scene("update.walk-gate", walk_waits, walk_does_not_wait),
    Scene("partition.update-floor", partition_keeps_the_lower, updated_below_the_partition, needs="statefulsets"),
    Scene("partition.create-revision", made_by_partition, made_new_below_the_partition, needs="controllerrevisions"),
    Scene("partition.current-revision", revision_is_kept, revision_goes_back, needs="controllerrevisions"),
    Scene("ondelete.no-update-deletes", kept_by_hand, updated_against_on_delete, needs="statefulsets"),
    Scene("ondelete.create-revision", made_new_by_hand, made_old_by_hand, needs="controllerrevisions"),
    Scene(
        "revision.update-revision",
        revision_is_kept,
        names_another_revision,
        needs="controllerrevisions",
        also=("revisions.template",),
    ),
    Scene("status.counters", revision_is_kept, counts_wrong),
    Scene("status.completion", revision_is_kept, promoted_too_early),
    Scene("status.observed-generation", revision_is_kept, observes_the_future, needs="statefulsets"),
)
