"""A status that was computed for a set that is gone, written onto the next one of its name after a conflict."""

from tests.checkers.verdicts import breached
from tests.checkers.world import World


def made_again() -> World:
    """A set that was orphaned, while its pods were being let go, and made again at once."""
    world = World()
    world.settled(2)
    world.set_deleting("orphan")
    world.orphan(0)
    world.show()
    world.set_gone()
    world.create_set(2, text="a")
    return world


def written_late(world: World) -> None:
    """The last status of the set that was orphaned, and then what its successor does."""
    world.status(1, 1, 1, 1, "a", "a", observed=2)
    world.show()
    world.adopt(0)
    world.adopt(1)
    world.counted("a", "a")
    world.show()


def test_the_last_status_of_the_set_before_is_no_violation() -> None:
    world = made_again()
    written_late(world)

    assert breached(world) == []


def test_another_set_may_have_come_and_gone_meanwhile() -> None:
    world = made_again()
    world.set_gone()
    world.create_set(2, text="a")
    written_late(world)

    assert breached(world) == []


def test_only_the_first_write_can_be_one() -> None:
    world = made_again()
    world.status(0, 0, 0, 0, "a", "a")
    world.status(1, 1, 1, 1, "a", "a", observed=2)
    world.show()

    assert breached(world) == ["status.observed-generation"]


def test_a_status_that_neither_set_explains_is_a_violation() -> None:
    world = made_again()
    world.status(2, 2, 1, 1, "a", "a", observed=7)
    world.show()

    assert breached(world) != []
