"""How long a container rests between its runs."""

from chaos.embedded.node.backoff import Backoff


def test_the_first_restart_is_at_once_then_pauses_double_up_to_five_minutes() -> None:
    backoff, now, pauses = Backoff(), 100.0, []

    for _ in range(9):
        left = backoff.left(now, now)
        pauses.append(left)
        now += left
        backoff.start(now - left, now)

    assert pauses == [0, 10, 20, 40, 80, 160, 300, 300, 300]


def test_what_already_passed_since_the_end_counts() -> None:
    backoff = Backoff()
    backoff.start(0.0, 0.0)

    assert (backoff.left(1.0, 4.0), backoff.left(1.0, 11.0), backoff.left(1.0, 50.0)) == (7, 0, 0)


def test_a_run_of_more_than_ten_minutes_is_forgiven() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.start(0.0, 0.0)

    assert backoff.left(600.0, 600.0) == 160
    assert backoff.left(600.1, 600.1) == 0
    backoff.start(600.1, 600.1)
    assert backoff.left(601.0, 601.0) == 10
