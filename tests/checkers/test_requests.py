"""Own requests: what they may have made, and for how long."""

from typing import Any

import pytest

from chaos.checkers.requests import FEW, KEPT_S, OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event


def asked(own: OwnRequests, start: int, t: float, outcome: str, *, rv: str = "") -> None:
    """A patch of pod web-0, and its end right after it."""
    request = {"verb": "patch", "resource": "pods", "name": "web-0", "uid": "u"}
    own.on_entry(Entry(start, t, "operations", "", "u", "start", {"request": request}))
    own.on_entry(Entry(start + 1, t, "operations", rv, "u", "end", {"start": start, "outcome": outcome}))


def changed(rv: int, i: int, t: float) -> Event:
    after: Any = {"metadata": {"name": "web-0", "uid": "u", "resourceVersion": str(rv)}}
    return Event(rv, i, t, "pods", "modified", "u", after, after)


@pytest.mark.parametrize(
    ("outcome", "rv", "may"), [("ok", "5", True), ("ok", "4", False), ("fail", "", False), ("unknown", "", True)]
)
def test_a_request_may_have_made_the_change_that_it_was_answered_with(outcome: str, rv: str, may: bool) -> None:
    own = OwnRequests("pods")
    asked(own, 1, 1.0, outcome, rv=rv)

    assert own.may_have_made(changed(5, 9, 1.1)) == may


def test_no_request_makes_what_came_before_it() -> None:
    own = OwnRequests("pods")
    asked(own, 5, 1.0, "unknown")

    assert not own.may_have_made(changed(5, 4, 0.9))


def test_old_answers_are_forgotten_and_what_nobody_answered_is_not() -> None:
    own = OwnRequests("pods")
    asked(own, 0, 0.0, "unknown")
    for number in range(1, 10 * FEW):
        asked(own, 2 * number, float(number), "ok", rv=str(number))
    late = KEPT_S + 10 * FEW + 1

    assert own.may_have_made(changed(7, 1000, late))
    assert len(own._by_name["pods", "web-0"]) == 1


def test_many_recent_requests_are_all_remembered() -> None:
    own = OwnRequests("pods")
    for number in range(10 * FEW):
        asked(own, 2 * number, float(number), "ok", rv=str(number))

    assert own.may_have_made(changed(1, 1000, 10.0 * FEW))


def test_old_answers_are_forgotten_although_nobody_asks() -> None:
    own = OwnRequests("pods")
    for number in range(100 * FEW):
        asked(own, 2 * number, 60.0 * number, "ok", rv=str(number))

    assert len(own._by_name["pods", "web-0"]) <= 2 * KEPT_S / 60 + FEW
