"""A history is trusted exactly as far as its lines follow one another."""

from pathlib import Path

import msgspec
import pytest

from chaos.history.entries import Entry, Header
from chaos.history.reader import NotAHistory, parse, read

HEADER = msgspec.json.encode(Header(schema=1, run="r", began="2026-01-01T00:00:00Z")) + b"\n"


def line(i: int, t: float | None = None) -> bytes:
    return msgspec.json.encode(entry(i, t)) + b"\n"


def entry(i: int, t: float | None = None) -> Entry:
    return Entry(i=i, t=float(i) if t is None else t, stream="run", rv="", uid="", type="note", data={"n": i})


def broken(i: int, t: float, why: str) -> Entry:
    return Entry(i=i, t=t, stream="run", rv="", uid="", type="broken", data={"why": why})


LINES = [HEADER, *(line(i) for i in range(4))]


def test_a_whole_history_is_read_as_it_was_written() -> None:
    assert list(parse(LINES)) == [entry(i) for i in range(4)]


def test_a_history_may_be_empty() -> None:
    assert list(parse([HEADER])) == []


@pytest.mark.parametrize("torn", [b"", line(4)[:-1], line(4)[:7], b"\x00\xff"])
def test_a_torn_last_line_ends_the_history(torn: bytes) -> None:
    assert list(parse([*LINES, torn])) == [entry(i) for i in range(4)]


def test_a_removed_line_breaks_it_where_it_was() -> None:
    lines = [*LINES[:2], *LINES[3:]]

    assert list(parse(lines)) == [entry(0), broken(1, 0.0, "line 3 holds entry 2, expected 1")]


def test_a_repeated_line_breaks_it() -> None:
    lines = [*LINES[:3], LINES[2], *LINES[3:]]

    assert list(parse(lines)) == [entry(0), entry(1), broken(2, 1.0, "line 4 holds entry 1, expected 2")]


def test_swapped_lines_break_it() -> None:
    lines = [LINES[0], LINES[1], LINES[3], LINES[2], LINES[4]]

    assert list(parse(lines)) == [entry(0), broken(1, 0.0, "line 3 holds entry 2, expected 1")]


@pytest.mark.parametrize(
    "foreign", [b"\n", b"hello\n", b"{}\n", b"[1]\n", b'{"i":"1"}\n', LINES[2][:9] + b"\n", b"\xff\xfe\n", HEADER]
)
def test_a_foreign_line_breaks_it(foreign: bytes) -> None:
    found = list(parse([*LINES[:2], foreign, *LINES[2:]]))

    assert found[0] == entry(0)
    assert (found[1].type, found[1].i, found[1].data["why"][:19]) == ("broken", 1, "line 3 is no entry:")
    assert len(found) == 2


def test_a_line_of_another_time_breaks_it() -> None:
    found = list(parse([HEADER, line(0, 5.0), line(1, 4.0)]))

    assert [each.type for each in found] == ["note", "broken"]


def test_two_entries_may_have_one_time() -> None:
    assert len(list(parse([HEADER, line(0, 5.0), line(1, 5.0)]))) == 2


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "the first line is no header of a history"),
        ([b"\n"], "the first line is no header of a history"),
        (LINES[1:], "the first line is no header of a history"),
        ([b'{"schema":2,"run":"r","began":""}\n'], "schema 2; this program reads schema 1"),
    ],
)
def test_without_a_header_of_this_version_it_is_no_history(lines: list[bytes], why: str) -> None:
    with pytest.raises(NotAHistory) as caught:
        list(parse(lines))

    assert str(caught.value) == why


def test_a_file_is_read_as_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"".join(LINES))

    assert list(read(path)) == [entry(i) for i in range(4)]
