"""Revisions that the controller made, and whose cache did not show them when it made the next one (S32)."""

import pytest
from msgspec.structs import replace

from chaos.checkers.controller.revisions import Revisions
from chaos.history.order import Event


def added(name: str, number: int, t: float = 1.0) -> Event:
    template = {"metadata": {"annotations": {"at": name}}}
    after = {"metadata": {"name": name, "uid": name}, "data": {"spec": {"template": template}}, "revision": number}
    return Event(number, number, t, "controllerrevisions", "added", name, None, after)


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


def made_again(t: float = 1.0) -> Revisions:
    """A revision that went with its set, and came again with the next one."""
    revisions = Revisions()
    first = added("web-a", 1)
    revisions.on_event(first)
    revisions.on_event(replace(first, type="deleted", before=first.after))
    revisions.on_event(added("web-a", 1, t))
    revisions.on_event(added("web-b", 2, t))
    return revisions


def test_a_revision_that_a_status_names_beside_another_was_seen() -> None:
    revisions = made_again()
    before = revisions.current("web-a", "web-b")
    revisions.saw("web-a", "web-b", 12.0)

    assert (before, revisions.current("web-a", "web-b")) == (("web-a", "web-b"), ("web-a",))


@pytest.mark.parametrize(("current", "t"), [("web-b", 1.0), ("web-a", 3.0)])
def test_one_that_it_names_alone_or_that_is_young_may_not_have_been(current: str, t: float) -> None:
    """Of the same name there was another one, which the cache may show for a while."""
    revisions = made_again(t)
    revisions.saw(current, "web-b", 12.0)

    assert revisions.current("web-a", "web-b") == ("web-a", "web-b")


def test_what_was_seen_may_be_unseen_after_a_restart_and_for_earlier_writes() -> None:
    revisions = made_again()
    revisions.saw("web-a", "web-b", 12.0)
    with revisions.unfound():
        earlier = revisions.current("web-a", "web-b")
    again = revisions.current("web-a", "web-b")
    revisions.restart()

    assert (earlier, again) == (("web-a", "web-b"), ("web-a",))
    assert revisions.current("web-a", "web-b") == ("web-a", "web-b")
