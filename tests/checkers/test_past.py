"""What a cache of unknown age may have held."""

import pytest

from chaos.checkers.lease import ControllerLease
from chaos.checkers.past import Cursor, Explanation, Past
from chaos.history.entries import Entry


@pytest.fixture
def lease() -> ControllerLease:
    return ControllerLease()


@pytest.fixture
def past(lease: ControllerLease) -> Past[str]:
    """`old` from second 0 on, `new` from second 30 on."""
    made: Past[str] = Past(Cursor(lease))
    made.see(10, 0.0, "old")
    made.see(20, 30.0, "new")
    return made


def renewed(lease: ControllerLease, *times: float) -> None:
    for i, t in enumerate(times):
        lease.on_version(Entry(i, t, "leases", "1", "l", "modified"), "kcm")


def test_the_newest_state_is_no_excuse_needed(past: Past[str]) -> None:
    assert past.explain(31.0, lambda value: value == "new") == Explanation(0.0, True)


def test_an_older_state_is_as_old_as_its_successor(past: Past[str]) -> None:
    found = past.explain(42.0, lambda value: value == "old")

    assert (found, found.is_suspect) == (Explanation(12.0, True), True)


def test_a_state_of_the_last_seconds_is_no_suspect(past: Past[str]) -> None:
    assert not past.explain(35.0, lambda value: value == "old").is_suspect


def test_a_pause_of_the_controller_excuses_an_old_state(past: Past[str], lease: ControllerLease) -> None:
    renewed(lease, 29.0, 41.0)

    assert not past.explain(42.0, lambda value: value == "old").is_suspect


def test_nothing_fits_what_never_was(past: Past[str]) -> None:
    assert past.explain(31.0, lambda value: value == "other").is_refuted


def test_a_state_that_was_replaced_before_an_own_write_is_no_excuse_once_that_is_ten_seconds_old(
    past: Past[str],
) -> None:
    past.cursor.wrote(21, 31.0)

    assert not past.explain(40.0, lambda value: value == "old").is_refuted
    assert past.explain(42.0, lambda value: value == "old").is_refuted


def test_a_floor_falls_with_a_pause(past: Past[str], lease: ControllerLease) -> None:
    past.cursor.wrote(21, 31.0)
    renewed(lease, 32.0, 45.0)

    assert not past.explain(46.0, lambda value: value == "old").is_refuted


def test_what_was_surely_read_counts_at_once(past: Past[str]) -> None:
    past.cursor.showed(20)

    assert past.explain(30.5, lambda value: value == "old").is_refuted


def test_a_new_process_has_no_floor(past: Past[str]) -> None:
    past.cursor.showed(20)
    past.cursor.wrote(21, 31.0)
    past.cursor.restart()

    assert not past.explain(45.0, lambda value: value == "old").is_refuted


def test_states_are_forgotten_ten_minutes_after_they_were_replaced(past: Past[str]) -> None:
    past.see(30, 631.0, "newest")

    assert list(past.readable(631.0)) == ["newest", "new"]
    assert past.explain(631.0, lambda value: value == "old").is_refuted


def test_a_new_process_may_have_read_what_was_forgotten(past: Past[str]) -> None:
    past.see(30, 631.0, "newest")
    past.cursor.restart()

    assert not past.explain(631.0, lambda value: value == "old").is_refuted
