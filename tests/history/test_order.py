"""One order out of several streams, and states out of patches."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.history.entries import Entry
from chaos.history.order import Broken, Event, Merger, Objects


def event(rv: int, stream: str, i: int = 0, type: str = "modified") -> Event:
    return Event(rv, i, 0.0, stream, type, "u", None, {})


def released(merger: Merger) -> list[int]:
    found = []
    while (event := merger.peek()) is not None:
        assert merger.pop() == event
        found.append(event.rv)
    return found


def test_an_event_waits_until_every_stream_has_shown_its_version() -> None:
    merger = Merger(("pods", "sets"))
    merger.push(event(5, "pods"))
    waiting = released(merger)
    merger.push(event(3, "sets"))
    early = released(merger)
    merger.shown("sets", 5)

    assert (waiting, early, released(merger)) == ([], [3], [5])


def test_a_stream_never_shows_less_than_before() -> None:
    merger = Merger(("pods", "sets"))
    merger.shown("sets", 9)
    merger.shown("sets", 2)
    merger.push(event(5, "pods"))

    assert (merger.certain, released(merger)) == (5, [5])


def test_a_list_shows_nothing_until_it_is_complete() -> None:
    merger = Merger(("pods",))
    merger.push(event(7, "pods", type="listed"))
    merger.push(event(4, "pods", 1, type="listed"))
    waiting = released(merger)
    merger.shown("pods", 8)

    assert (waiting, released(merger)) == ([], [4, 7])


def test_a_stream_that_is_dropped_is_waited_for_no_more() -> None:
    merger = Merger(("pods", "sets"))
    merger.push(event(5, "pods"))
    merger.drop("sets")

    assert released(merger) == [5]


def test_streams_without_a_place_in_the_order_show_nothing() -> None:
    merger = Merger(("pods",))
    merger.shown("nodes", 9)

    assert merger.certain == -1


def test_events_of_one_version_keep_their_order_of_receipt() -> None:
    merger = Merger(("pods", "sets"))
    for i, stream in enumerate(("sets", "pods", "sets")):
        # What a new LIST no longer holds is gone by its version, all of it.
        merger.push(event(5, stream, i, "deleted"))

    assert [merger.pop().i for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(("type", "rv"), [("added", 5), ("modified", 5), ("modified", 4)])
def test_a_change_that_its_stream_had_passed_breaks_the_record(type: str, rv: int) -> None:
    merger = Merger(("pods", "sets"))
    merger.push(event(4, "pods"))
    merger.shown("pods", 5)
    merger.push(event(3, "pods", 1, "listed"))
    merger.push(event(rv, "sets", 2, type))

    with pytest.raises(Broken) as caught:
        merger.push(event(rv, "pods", 3, type))

    assert (str(caught.value), caught.value.since) == ("entry 3 comes after pods had shown 5", -1)


@given(st.lists(st.sampled_from(["pods", "sets", "claims"]), min_size=1, max_size=20), st.integers(0, 10**6))
def test_whatever_the_arrival_the_order_is_by_version(streams: list[str], seed: int) -> None:
    chance = random.Random(seed)
    queues: dict[str, list[Event]] = {}
    for rv, stream in enumerate(streams, start=1):
        queues.setdefault(stream, []).append(event(rv, stream, rv))
    merger = Merger(("pods", "sets", "claims"))
    found: list[int] = []
    while queues:
        stream = chance.choice(sorted(queues))
        merger.push(queues[stream].pop(0))
        found += released(merger)
        if not queues[stream]:
            del queues[stream]
    for stream in ("pods", "sets", "claims"):
        merger.shown(stream, len(streams))
    found += released(merger)

    assert found == list(range(1, len(streams) + 1))


def entry(type: str, rv: str, data: Any, uid: str = "u") -> Entry:
    return Entry(i=3, t=0.5, stream="pods", rv=rv, uid=uid, type=type, data=data)


def state(rv: int, **more: Any) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(rv)}, **more}


def whole(rv: int, uid: str = "u", type: str = "added") -> Entry:
    return entry(type, str(rv), {"whole": state(rv)}, uid)


def test_a_change_gives_the_states_before_and_after() -> None:
    objects = Objects()
    first = objects.event(whole(1))
    second = objects.event(entry("modified", "2", {"patch": state(2, phase="Running"), "from": "1"}))
    third = objects.event(entry("deleted", "3", {"patch": state(3), "from": "2"}))

    status, version = ("metadata", "phase", "resourceVersion"), ("metadata", "resourceVersion")
    assert [first, second, third] == [
        Event(1, 3, 0.5, "pods", "added", "u", None, state(1)),
        Event(2, 3, 0.5, "pods", "modified", "u", state(1), state(2, phase="Running"), 3, status),
        Event(3, 3, 0.5, "pods", "deleted", "u", state(2, phase="Running"), state(3, phase="Running"), 3, version),
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (entry("modified", "9", {"patch": {}}, "stranger"), "entry 3 changes stranger, which was never seen whole"),
        (entry("deleted", "9", {"patch": {}}, "stranger"), "entry 3 changes stranger, which was never seen whole"),
        (entry("modified", "9", None), "entry 3 has no object"),
        (entry("modified", "", {"patch": {}}), "entry 3 has no object"),
        (entry("modified", "nine", {"patch": {}}), "entry 3 has no object"),
        (entry("modified", "9", {"from": "5"}), "entry 3 has no object"),
        (
            entry("modified", "9", {"whole": state(9)}, "stranger"),
            "entry 3 changes stranger, which was never seen whole",
        ),
        (
            entry("listed", "9", {"patch": {}, "from": "5"}, "stranger"),
            "entry 3 changes stranger, which was never seen whole",
        ),
        (entry("modified", "4", {"patch": {}, "from": "5"}), "entry 3 takes u back to resourceVersion 4"),
        (entry("modified", "9", {"patch": {}, "from": "7"}), "entry 3 does not change u as entry 3 left it"),
        (entry("modified", "9", {"patch": {}}), "entry 3 does not change u as entry 3 left it"),
        (entry("listed", "9", {"whole": state(9)}), "entry 3 does not change u as entry 3 left it"),
        (entry("added", "9", {"whole": state(9)}), "entry 3 adds u, which entry 3 had told of"),
    ],
)
def test_a_change_that_cannot_follow_breaks_the_record(change: Entry, why: str) -> None:
    objects = Objects()
    objects.event(whole(5))

    with pytest.raises(Broken) as caught:
        objects.event(change)

    assert str(caught.value) == why


def test_what_was_deleted_can_only_come_back_whole() -> None:
    objects = Objects()
    objects.event(whole(1))
    objects.event(entry("deleted", "2", {"patch": state(2), "from": "1"}))

    with pytest.raises(Broken):
        objects.event(entry("modified", "3", {"patch": state(3), "from": "2"}))


@pytest.mark.parametrize(
    ("listed", "rv", "agrees"),
    [
        ({"u": "5"}, 9, True),
        ({"u": "4"}, 9, True),
        ({"u": "6"}, 9, False),
        ({}, 9, False),
        ({}, 4, True),
        ({"u": "5", "gone": "3"}, 7, True),
        ({"u": "5", "gone": "3"}, 8, False),
        ({"u": "5", "stranger": "3"}, 9, False),
    ],
)
def test_a_list_agrees_if_the_record_lacks_nothing_of_it(listed: dict[str, str], rv: int, agrees: bool) -> None:
    """The record holds u at 5, and `gone` was removed at 8; it may be ahead of the LIST."""
    objects = Objects()
    objects.event(whole(3, "gone"))
    objects.event(whole(5))
    objects.event(entry("deleted", "8", {"patch": state(8), "from": "3"}, "gone"))

    assert objects.agrees(listed, rv) is agrees


def test_a_removal_is_forgotten_after_ten_minutes_and_a_list_that_holds_it_disagrees() -> None:
    objects = Objects()
    objects.event(whole(1, "gone"))
    objects.event(entry("deleted", "8", {"patch": state(8), "from": "1"}, "gone"))
    objects.event(whole(9))
    assert objects.agrees({"u": "9", "gone": "1"}, 7)

    late = msgspec.structs.replace(entry("deleted", "10", {"patch": state(10), "from": "9"}), t=601.0)
    objects.event(late)

    assert not objects.agrees({"gone": "1"}, 7)
