"""Lower bounds on the time of versions."""

from chaos.checkers.instants import Instants


def test_nothing_is_known_before_the_first_marker() -> None:
    instants = Instants()
    instants.tell(10, 1.0)

    assert instants.not_before(9) == float("-inf")
    assert instants.not_before(10) == 1.0


def test_the_latest_request_below_a_version_counts_in_whatever_order_the_markers_come() -> None:
    instants = Instants()
    # Two requests passed each other on their way.
    for rv, sent in [(30, 3.0), (10, 2.0), (20, 1.0)]:
        instants.tell(rv, sent)

    assert [instants.not_before(rv) for rv in (10, 20, 29, 30, 99)] == [2.0, 2.0, 2.0, 3.0, 3.0]


def test_a_marker_that_is_seen_late_bounds_what_comes_after() -> None:
    instants = Instants()
    assert instants.not_before(50) == float("-inf")
    instants.tell(20, 1.5)

    assert instants.not_before(51) == 1.5
