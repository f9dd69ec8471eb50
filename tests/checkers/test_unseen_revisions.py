"""Revisions that the controller made, and whose cache did not show them when it made the next one (S32)."""

import pytest

from chaos.checkers.controller.revisions import Revisions
from chaos.history.order import Event


def added(name: str, number: int) -> Event:
    template = {"metadata": {"annotations": {"at": name}}}
    after = {"metadata": {"name": name, "uid": name}, "data": {"spec": {"template": template}}, "revision": number}
    return Event(number, number, 1.0, "controllerrevisions", "added", name, None, after)


@pytest.mark.parametrize(("number", "seen"), [(2, ("web-a",)), (1, ("web-a", "web-b"))])
def test_a_revision_that_the_next_one_did_not_count_may_not_have_been_seen(number: int, seen: tuple[str, ...]) -> None:
    revisions = Revisions()
    revisions.on_event(added("web-a", 1))
    revisions.on_event(added("web-b", number))

    assert revisions.current("web-a", "web-b") == seen


def test_revisions_of_other_sets_are_counted_apart() -> None:
    revisions = Revisions()
    revisions.on_event(added("web-a", 7))
    revisions.on_event(added("other-b", 1))

    assert revisions.current("web-a", "web-c") == ("web-a",)
