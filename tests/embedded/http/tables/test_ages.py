"""How long ago something was, as people tell it."""

import pytest

from chaos.embedded.http.tables.ages import DAY, HOUR, MINUTE, YEAR, human, since
from tests.embedded.server import AT


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0.9, "0s"),
        (119, "119s"),
        (2 * MINUTE, "2m"),
        (2 * MINUTE + 5, "2m5s"),
        (10 * MINUTE + 5, "10m"),
        (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 61, "3h1m"),
        (8 * HOUR + 61, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (8 * DAY + HOUR, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR + DAY, "2y1d"),
        (8 * YEAR + DAY, "8y"),
    ],
)
def test_a_duration_is_told_in_two_figures(seconds: float, told: str) -> None:
    assert human(seconds) == told


@pytest.mark.parametrize("told", [None, "", 7, "yesterday"])
def test_what_is_no_time_was_an_unknown_time_ago(told: object) -> None:
    assert since(told, AT) == "<unknown>"


def test_times_of_events_have_parts_of_seconds() -> None:
    assert since("2025-12-31T23:59:57.500000Z", AT) == "2s"
