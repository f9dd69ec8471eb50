"""A record with one line amiss proves nothing more than it did before that line, and holds nothing."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.checkers.judge import Judge, fold
from chaos.cli import main as chaos_sts
from chaos.history import reader, run
from chaos.history.entries import SCHEMA, WATCHED, Entry, Header
from chaos.history.order import CHANGES
from chaos.history.reader import NotAHistory, parse
from chaos.verdict import Report
from tests.checkers.lagging import play
from tests.checkers.scenes import SCENES
from tests.checkers.tamper import in_other_order, renumbered
from tests.checkers.test_explain import NEW, create_without_waiting
from tests.checkers.verdicts import ended
from tests.checkers.world import info
from tests.history.lines import lines

PROFILE = """
name: small
target: {statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27", "nginx:1.28"]}
phases:
  - {name: one, for: 2s, tasks: [{delete-pods: {pick: random}, every: 1s}, {probe-dns: {from: 1, names: each-pod}, every: 1s}]}
  - {name: two, do: [{scale: 3}, {set-image: nginx:1.28}], until: settled}
"""


class Record:
    """A history, its lines, and what is proven by it."""

    def __init__(self, facts: run.RunInfo, entries: list[Entry]) -> None:
        self.facts = facts
        # What follows the end of judging is not judged.
        self.entries = entries[: 1 + next(entry.i for entry in entries if entry.type == "judging-ended")]
        self.lines = lines(self.entries, Header(SCHEMA, facts.run, "2026-01-01T00:00:00Z"))
        self.proven = violations(fold(facts, self.entries))


def violations(report: Report) -> set[tuple[str, str]]:
    return {(name, finding.message) for name, each in report.guarantees.items() for finding in each.findings}


def recorded(folder: Path, seed: int) -> Record:
    """A run as this program records it."""
    profile, place = folder / f"{seed}.yaml", folder / f"run-{seed}"
    profile.write_text(PROFILE)
    with pytest.raises(SystemExit):
        chaos_sts(["run", str(profile), "--seed", str(seed), "--out", str(place), "--quiet"])
    return Record(run.read(place), list(reader.read(place / reader.FILE)))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    """Recorded runs, the scenes, and two longer stories of a right and of a wrong controller."""
    folder = tmp_path_factory.mktemp("recorded")
    scenes = [world for scene in SCENES for world in (scene.holds(), scene.breaks().world)]
    worlds = [*scenes, play(1, NEW, 60), play(2, NEW, 60, create_without_waiting)]
    told = [in_other_order(ended(world), random.Random(at)) for at, world in enumerate(worlds)]
    return [recorded(folder, 1), recorded(folder, 2), *(Record(info(), entries) for entries in told)]


def assert_proves_nothing_more(record: Record, told: list[bytes]) -> None:
    """Nothing is held, nobody is accused anew, and whoever judges while it is written says the same."""
    read = list(parse(told))
    report = fold(record.facts, read)
    live = Judge(record.facts)
    for entry in read:
        live.feed(entry)

    assert {each.verdict for each in report.guarantees.values()} <= {"unknown", "violated"}
    assert violations(report) <= record.proven
    assert live.finish() == report


few = settings(max_examples=40)


@few
@given(st.data())
def test_lines_removed_repeated_swapped_or_moved_hold_nothing(records: list[Record], data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records))
    whole = record.lines
    at = data.draw(st.integers(1, len(whole) - 1))
    until = data.draw(st.integers(at + 1, min(at + 5, len(whole))))
    match data.draw(st.sampled_from(["remove", "repeat", "swap", "move", "shuffle"])):
        case "remove":
            told = whole[:at] + whole[until:]
        case "repeat":
            # What follows the end of judging is not judged, so that the last line may well be there twice.
            until = min(until, len(whole) - 1)
            at = min(at, until - 1)
            told = whole[:until] + whole[at:]
        case "swap":
            other = data.draw(st.integers(1, len(whole) - 1).filter(lambda index: index != at))
            told = list(whole)
            told[at], told[other] = whole[other], whole[at]
        case "move":
            rest = whole[:at] + whole[until:]
            to = data.draw(st.integers(1, len(rest)).filter(lambda index: index != at))
            told = rest[:to] + whole[at:until] + rest[to:]
        case _:
            told = [whole[0], *data.draw(st.permutations(whole[1:]).filter(lambda order: order != whole[1:]))]

    assert_proves_nothing_more(record, told)


@few
@given(st.data())
def test_a_record_cut_off_at_any_byte_holds_nothing(records: list[Record], data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records))
    text = b"".join(record.lines)
    cut = text[: data.draw(st.integers(len(record.lines[0]), len(text) - 1))]

    assert_proves_nothing_more(record, cut.splitlines(keepends=True))


@few
@given(st.data())
def test_one_changed_byte_holds_nothing(records: list[Record], data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records))
    text = bytearray(b"".join(record.lines))
    # A last line that changed is the last; nothing follows that would tell.
    at = data.draw(st.integers(len(record.lines[0]), len(text) - len(record.lines[-1]) - 1))
    text[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))

    assert_proves_nothing_more(record, bytes(text).splitlines(keepends=True))


@few
@given(st.data())
def test_a_line_of_another_history_holds_nothing(records: list[Record], data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(records[:2]))
    at = data.draw(st.integers(1, min(len(one.lines), len(other.lines)) - 2))
    told = list(one.lines)
    match data.draw(st.sampled_from(["instead", "besides", "from there on"])):
        case "instead":
            told[at] = other.lines[at]
        case "besides":
            told.insert(at, other.lines[at])
        case _:
            told[at:] = other.lines[at:]

    assert_proves_nothing_more(one, told)


@few
@given(st.data())
def test_a_change_that_is_missing_holds_nothing_even_where_lines_are_counted_anew(
    records: list[Record], data: st.DataObject
) -> None:
    """Nor one that is told twice or too late: the versions of an object, or those of its stream, tell."""
    record = data.draw(st.sampled_from(records[:2]))
    followed = [
        entry
        for entry in record.entries
        if entry.type in CHANGES and entry.stream in ("pods", "statefulsets") and entry.uid in _later(record, entry)
    ]
    lost = data.draw(st.sampled_from(followed))
    rest = [entry for entry in record.entries if entry is not lost]
    match data.draw(st.sampled_from(["missing", "twice", "late"])):
        case "missing":
            told = rest
        case "twice":
            told = [*record.entries[: lost.i + 1], *record.entries[lost.i :]]
        case _:
            after = 1 + next(e.i for e in record.entries[lost.i + 1 :] if e.uid == lost.uid and e.stream == lost.stream)
            told = [*record.entries[: lost.i], *record.entries[lost.i + 1 : after], lost, *record.entries[after:]]
    report = fold(record.facts, renumbered(told))

    needing = [each for name, each in report.guarantees.items() if name.startswith(("ordering.", "status.", "update."))]
    assert {each.verdict for each in needing} == {"unknown"}
    assert violations(report) <= record.proven


def _later(record: Record, entry: Entry) -> set[str]:
    return {each.uid for each in record.entries[entry.i + 1 :] if each.stream == entry.stream}


@few
@given(st.data())
def test_a_record_under_another_header_is_none_or_holds_nothing(records: list[Record], data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records))
    schema = data.draw(st.integers(0, 3))
    header = Header(schema, data.draw(st.sampled_from([record.facts.run, "other"])), "2026-01-01T00:00:00Z")
    told = [lines([], header)[0], *record.lines[1:]]

    if schema != SCHEMA:
        with pytest.raises(NotAHistory):
            list(parse(told))
    elif header.run == "other":
        assert_proves_nothing_more(record, told)


def test_without_its_header_a_record_is_none(records: list[Record]) -> None:
    with pytest.raises(NotAHistory):
        list(parse(records[0].lines[1:]))


def test_what_is_recorded_is_proven_by_all_of_it(records: list[Record]) -> None:
    for record in records[:2]:
        assert fold(record.facts, parse(record.lines)) == fold(record.facts, record.entries)
        assert record.proven == set()
        assert "held" in {each.verdict for each in fold(record.facts, record.entries).guarantees.values()}
        assert {entry.stream for entry in record.entries} > set(WATCHED[:3])
