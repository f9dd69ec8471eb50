"""A record with one line amiss proves nothing more than it did before that line, and holds nothing."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.checkers.judge import fold
from chaos.history.entries import Entry, Header
from chaos.history.reader import NotAHistory, parse
from tests.checkers.lagging import play
from tests.checkers.scenes import SCENES
from tests.checkers.tamper import in_other_order
from tests.checkers.test_explain import NEW, create_without_waiting
from tests.checkers.verdicts import ended, violations
from tests.checkers.world import info

HEADER = msgspec.json.encode(Header(schema=1, run="test", began="2026-01-01T00:00:00Z")) + b"\n"


def histories() -> list[list[Entry]]:
    """The scenes, and two longer stories, of a right controller and of a wrong one."""
    scenes = [world for scene in SCENES for world in (scene.holds(), scene.breaks().world)]
    return [ended(world) for world in (*scenes, play(1, NEW, 60), play(2, NEW, 60, create_without_waiting))]


HISTORIES = histories()


def lines(entries: list[Entry]) -> list[bytes]:
    return [HEADER, *(msgspec.json.encode(entry) + b"\n" for entry in entries)]


@given(st.data())
def test_a_line_removed_repeated_or_swapped_holds_nothing_and_accuses_nobody_anew(data: st.DataObject) -> None:
    entries = data.draw(st.sampled_from(HISTORIES))
    entries = in_other_order(entries, random.Random(data.draw(st.integers(0, 5))))
    whole = lines(entries)
    proven = violations(entries)
    at = data.draw(st.integers(1, len(whole) - 1))
    match data.draw(st.sampled_from(["remove", "repeat", "swap"])):
        case "remove":
            tampered = whole[:at] + whole[at + 1 :]
        case "repeat":
            # What follows the end of judging is not judged, so that the last line may well be there twice.
            at = min(at, len(whole) - 2)
            tampered = whole[: at + 1] + whole[at:]
        case _:
            other = data.draw(st.integers(1, len(whole) - 1).filter(lambda index: index != at))
            tampered = list(whole)
            tampered[at], tampered[other] = whole[other], whole[at]

    read = list(parse(tampered))

    assert {each.verdict for each in fold(info(), read).guarantees.values()} <= {"unknown", "violated"}
    assert violations(read) <= proven


@given(st.sampled_from(HISTORIES), st.data())
def test_a_record_torn_within_a_line_holds_nothing(entries: list[Entry], data: st.DataObject) -> None:
    whole = lines(entries)
    at = data.draw(st.integers(1, len(whole) - 1))
    torn = whole[at][: data.draw(st.integers(0, len(whole[at]) - 1))]

    read = list(parse([*whole[:at], torn]))

    assert {each.verdict for each in fold(info(), read).guarantees.values()} <= {"unknown", "violated"}


def test_without_its_header_a_record_is_none() -> None:
    with pytest.raises(NotAHistory):
        list(parse(lines(HISTORIES[0])[1:]))
