"""Who hears what: streams, the parts of objects that a checker minds, and that what it does not mind decides nothing."""

import copy
from collections.abc import Callable
from typing import ClassVar

import pytest

from chaos.checkers.authorship import Author
from chaos.checkers.judge import fold
from chaos.checkers.panel import Checker, Panel
from chaos.history.order import Event
from tests.checkers.scenes import SCENES
from tests.checkers.scenes.scene import Scene
from tests.checkers.tamper import retold
from tests.checkers.verdicts import ended
from tests.checkers.world import info


class Listener(Checker):
    """Notes what it is told of."""

    follows = ("pods", "services")
    minds: ClassVar = {"pods": ("labels", "spec")}

    def __init__(self) -> None:
        self.told: list[int] = []

    def on_event(self, event: Event, author: Author | None) -> None:
        self.told.append(event.rv)


def change(rv: int, stream: str, type: str, touched: tuple[str, ...] | None) -> Event:
    return Event(rv, rv, 0.0, stream, type, "u", {}, {}, 0, touched)


def test_of_a_change_that_touches_nothing_that_it_minds_a_checker_is_not_told() -> None:
    make: Callable[[], Listener] = Listener
    listener = make()
    panel = Panel([listener])

    for event in (
        change(1, "pods", "added", None),
        change(2, "pods", "modified", ("metadata", "status", "resourceVersion")),
        change(3, "pods", "modified", ("metadata", "resourceVersion", "labels")),
        change(4, "pods", "modified", ("spec", "metadata", "resourceVersion")),
        change(5, "pods", "modified", None),
        change(6, "pods", "modified", ("metadata", "status", "resourceVersion")),
        change(7, "services", "modified", ("metadata", "status", "resourceVersion")),
        change(8, "statefulsets", "modified", None),
        change(9, "pods", "deleted", ("metadata", "resourceVersion")),
    ):
        panel.on_event(event, None)

    assert listener.told == [1, 3, 4, 5, 7, 9]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.guarantee)
def test_it_is_the_same_whether_a_change_says_what_it_touches_or_not(scene: Scene) -> None:
    for entries in (ended(scene.holds()), ended(scene.breaks()[0])):
        patches = retold(entries, as_patches=True)
        wholes = retold(copy.deepcopy(entries), as_patches=False)

        assert fold(info(), patches) == fold(info(), wholes)
