"""A history is trusted exactly as far as its lines follow one another."""

from pathlib import Path

import msgspec
import pytest

from chaos.history.entries import Entry, Header
from chaos.history.reader import NotAHistory, parse, read
from tests.history.lines import lines


def entry(i: int, t: float | None = None) -> Entry:
    return Entry(i=i, t=float(i) if t is None else t, stream="run", rv="", uid="", type="note", data={"n": i})


def broken(i: int, t: float, why: str) -> Entry:
    return Entry(i=i, t=t, stream="run", rv="", uid="", type="broken", data={"why": why})


LINES = lines(entry(i) for i in range(4))
HEADER = LINES[0]
NEXT = lines(entry(i) for i in range(5))[5]


def test_a_whole_history_is_read_as_it_was_written() -> None:
    assert list(parse(LINES)) == [entry(i) for i in range(4)]


def test_a_history_may_be_empty() -> None:
    assert list(parse([HEADER])) == []


@pytest.mark.parametrize("torn", [b"", NEXT[:-1], NEXT[:7], b"\x00\xff"])
def test_a_torn_last_line_ends_the_history(torn: bytes) -> None:
    assert list(parse([*LINES, torn])) == [entry(i) for i in range(4)]


def test_a_removed_line_breaks_it_where_it_was() -> None:
    left = [*LINES[:2], *LINES[3:]]

    assert list(parse(left)) == [entry(0), broken(1, 0.0, "line 3 holds entry 2, expected 1")]


def test_a_repeated_line_breaks_it() -> None:
    told = [*LINES[:3], LINES[2], *LINES[3:]]

    assert list(parse(told)) == [entry(0), entry(1), broken(2, 1.0, "line 4 holds entry 1, expected 2")]


def test_swapped_lines_break_it() -> None:
    told = [LINES[0], LINES[1], LINES[3], LINES[2], LINES[4]]

    assert list(parse(told)) == [entry(0), broken(1, 0.0, "line 3 holds entry 2, expected 1")]


@pytest.mark.parametrize(
    "foreign",
    [
        b"\n",
        b"hello\n",
        b"{}\n",
        b"[1]\n",
        b'{"i":"1"}\n',
        LINES[2][:9] + b"\n",
        b"\xff\xfe\n",
        b'{"t":"\xff"}\n',
        HEADER,
    ],
)
def test_a_foreign_line_breaks_it(foreign: bytes) -> None:
    found = list(parse([*LINES[:2], foreign, *LINES[2:]]))

    assert found[0] == entry(0)
    assert (found[1].type, found[1].i, found[1].data["why"][:19]) == ("broken", 1, "line 3 is no entry:")
    assert len(found) == 2


def test_a_line_of_another_time_breaks_it() -> None:
    found = list(parse(lines([entry(0, 5.0), entry(1, 4.0)])))

    assert [each.type for each in found] == ["note", "broken"]


@pytest.mark.parametrize(
    "told",
    [
        [*LINES[:2], *lines([entry(5), entry(1)])[2:]],
        [*LINES[:2], msgspec.json.encode(entry(1)) + b"\n"],
        [*lines([], Header(1, "other", "")), *LINES[1:]],
    ],
    ids=["of another history", "without a seal", "after another header"],
)
def test_a_line_that_was_not_written_after_those_before_it_breaks_it(told: list[bytes]) -> None:
    found = list(parse(told))

    assert found[-1].data == {"why": f"line {len(found) + 1} does not follow the lines before it"}
    assert found[:-1] == [entry(i) for i in range(len(found) - 1)]


def test_two_entries_may_have_one_time() -> None:
    assert len(list(parse(lines([entry(0, 5.0), entry(1, 5.0)])))) == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "the first line is no header of a history"),
        ([b"\n"], "the first line is no header of a history"),
        (LINES[1:], "the first line is no header of a history"),
        ([b'{"schema":2,"run":"r","began":""}\n'], "schema 2; this program reads schema 1"),
    ],
)
def test_without_a_header_of_this_version_it_is_no_history(told: list[bytes], why: str) -> None:
    with pytest.raises(NotAHistory) as caught:
        list(parse(told))

    assert str(caught.value) == why


def test_a_file_is_read_as_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"".join(LINES))

    assert list(read(path)) == [entry(i) for i in range(4)]
