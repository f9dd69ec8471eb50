"""Known bugs annotate findings; they excuse nothing."""

import pytest

from chaos.checkers.known_bugs import known_bug
from chaos.history.run import Controller
from tests.checkers.world import World


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("1.28.3", True),
        ("1.28.4", False),
        ("1.27.3", False),
        ("1.27.7", True),
        ("1.37.2", False),
        ("1.28.3-eks.1", True),
    ],
)
def test_a_bug_belongs_to_ranges_of_releases(version: str, known: bool) -> None:
    assert bool(known_bug(version, "status.completion")) == known


def test_a_finding_names_the_known_bug_and_stays_a_finding() -> None:
    world = World()
    world.settled(2)
    world.partition(1)
    world.new_template("b")
    world.revision("b")
    world.status(2, 2, 2, 0, "a", "b")
    world.status(2, 2, 0, 0, "b", "b")

    (finding,) = world.report(controller=Controller("1.28.3")).guarantees["status.completion"].findings
    assert finding.known_bug.startswith("kubernetes#119685")
