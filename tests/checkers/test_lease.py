"""Who holds the controller's Lease, and whether the holder was seen to run."""

import pytest

from chaos.checkers.lease import ControllerLease
from chaos.history.entries import Entry

PAUSED = "the controller's Lease was not renewed meanwhile"
TAKEN = "the controller's Lease changed hands"


def told(*versions: tuple[float, str]) -> tuple[ControllerLease, list[bool]]:
    """The Lease as these holders renewed it, and which of them were new."""
    lease = ControllerLease()
    return lease, [lease.on_version(Entry(0, t, "leases", "1", "u", "modified"), holder) for t, holder in versions]


def test_only_another_holder_is_another_process() -> None:
    lease, new = told((0.0, ""), (2.0, "a"), (4.0, "a"), (6.0, "b"), (8.0, "a"))

    assert new == [False, False, False, True, True]
    assert (ControllerLease().is_known, lease.is_known) == (False, True)


@pytest.mark.parametrize(
    ("began", "ended", "why"),
    [
        (0.0, 1.9, ""),
        (0.0, 2.0, PAUSED),
        (3.0, 4.0, PAUSED),
        (8.0, 9.0, PAUSED),
        (8.1, 8.9, ""),
        (8.1, 9.0, TAKEN),
        (11.0, 12.0, TAKEN),
        (11.1, 99.0, ""),
    ],
)
def test_a_pause_or_a_change_of_hands_covers_what_touches_it(began: float, ended: float, why: str) -> None:
    lease, _ = told((0.0, "a"), (2.0, "a"), (8.0, "a"), (9.0, "a"), (11.0, "b"))

    assert lease.covering(began, ended) == why


@pytest.mark.parametrize(
    ("began", "ended", "expected"),
    [(10.0, 20.0, True), (5.0, 25.0, True), (4.9, 20.0, False), (10.0, 25.1, False), (12.0, 15.0, True)],
)
def test_a_holder_ran_as_long_as_it_was_seen_and_a_little_longer(began: float, ended: float, expected: bool) -> None:
    lease, _ = told((10.0, "a"), (15.0, "a"), (20.0, "a"))

    assert lease.ran(began, ended) is expected


def test_who_paused_or_was_never_seen_did_not_run() -> None:
    assert not ControllerLease().ran(1.0, 2.0)
    assert not told((10.0, "a"), (15.1, "a"))[0].ran(10.0, 15.0)
