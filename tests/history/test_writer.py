"""What is written is what is read: entries, and objects as whole states and patches."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chaos.history import reader
from chaos.history.entries import End, Entry, Header
from chaos.history.order import Event, Objects
from chaos.history.redaction import APPLIED, Redactor
from chaos.history.writer import HistoryWriter, ObjectRecorder
from tests.history.test_mergepatch import OBJECTS
from tests.history.ticks import Ticks

HEADER = Header(schema=1, run="r", began="2026-01-01T00:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / reader.FILE


@pytest.fixture
def history(path: Path) -> Iterator[HistoryWriter]:
    with HistoryWriter(path, HEADER, Ticks()) as writer:
        yield writer


def test_every_entry_is_on_disk_when_append_returns(history: HistoryWriter, path: Path) -> None:
    for i in range(3):
        assert history.append("run", "note", {"n": i}) == i
        assert [entry.data["n"] for entry in reader.read(path)] == list(range(i + 1))


def test_entries_have_the_time_of_their_clock_and_consecutive_indices(history: HistoryWriter, path: Path) -> None:
    history.append("pods", "progress", rv="7")
    history.append("operations", "end", End(start=0, outcome="ok", status=200), rv="9", uid="u")

    assert list(reader.read(path)) == [
        Entry(i=0, t=0.001, stream="pods", rv="7", uid="", type="progress"),
        Entry(
            i=1,
            t=0.002,
            stream="operations",
            rv="9",
            uid="u",
            type="end",
            data={"start": 0, "outcome": "ok", "status": 200},
        ),
    ]


def test_a_tap_sees_what_a_reader_will(history: HistoryWriter, path: Path) -> None:
    seen: list[Entry] = []
    history.append("run", "note")
    history.tap(seen.append)
    history.append("operations", "end", End(start=0, outcome="unknown"))
    history.append("run", "note", {"n": (1, 2)})

    assert seen == list(reader.read(path))[1:]


def test_a_history_is_never_written_over(history: HistoryWriter, path: Path) -> None:
    with pytest.raises(FileExistsError):
        HistoryWriter(path, HEADER, Ticks())


def state(name: str, rv: int, **more: Any) -> dict[str, Any]:
    return {**more, "metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": str(rv)}}


def test_an_object_is_whole_at_first_sight_and_then_a_patch(history: HistoryWriter, path: Path) -> None:
    pods = ObjectRecorder(history, "pods", None)
    pods.object("added", state("a", 1, spec={"x": 1, "y": 1}))
    pods.object("modified", state("a", 2, spec={"x": 2}))
    pods.object("modified", state("a", 3, spec={"x": None}))
    pods.object("deleted", state("a", 4, spec={"x": 2}))
    pods.object("added", state("a", 5))
    pods.mark("progress", "6")

    assert [(entry.type, entry.rv, entry.uid, entry.data) for entry in reader.read(path)] == [
        ("added", "1", "uid-a", {"whole": state("a", 1, spec={"x": 1, "y": 1})}),
        (
            "modified",
            "2",
            "uid-a",
            {"patch": {"metadata": {"resourceVersion": "2"}, "spec": {"x": 2, "y": None}}, "from": "1"},
        ),
        ("modified", "3", "uid-a", {"whole": state("a", 3, spec={"x": None}), "from": "2"}),
        ("deleted", "4", "uid-a", {"patch": {"metadata": {"resourceVersion": "4"}, "spec": {"x": 2}}, "from": "3"}),
        ("added", "5", "uid-a", {"whole": state("a", 5)}),
        ("progress", "6", "", None),
    ]


def test_what_is_redacted_never_reaches_the_file(history: HistoryWriter, path: Path) -> None:
    pods = ObjectRecorder(history, "pods", Redactor(b"key"))
    for rv, value in enumerate(("hunter2", "hunter2", "hunter3"), start=1):
        pods.object("added" if rv == 1 else "modified", state("a", rv, env=[{"name": "P", "value": value}]))

    assert b"hunter" not in path.read_bytes()
    assert [set(entry.data.get("patch", ())) for entry in reader.read(path)] == [
        set(),
        {"metadata"},
        {"metadata", "env"},
    ]


SECRETS = st.fixed_dictionaries(
    {},
    optional={
        "env": st.lists(
            st.fixed_dictionaries({"name": st.just("P"), "value": st.sampled_from(["", "a", "b"])}), max_size=2
        ),
        "annotations": st.dictionaries(st.sampled_from(["x", APPLIED]), st.sampled_from(["a", "b"]), max_size=2),
        "data": st.dictionaries(st.just("key"), st.sampled_from(["a", "b"]), max_size=1),
    },
)


@given(st.sampled_from(["Pod", "Secret"]), st.lists(SECRETS, min_size=1))
def test_redacted_patches_lead_to_redacted_states(
    tmp_path_factory: pytest.TempPathFactory, kind: str, states: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("run") / reader.FILE
    redactor = Redactor(b"key")
    told = [{**state("a", rv, spec={}), "kind": kind, **fields} for rv, fields in enumerate(states, start=1)]
    with HistoryWriter(path, HEADER, Ticks()) as history:
        recorder = ObjectRecorder(history, "things", redactor)
        for number, each in enumerate(told):
            recorder.object("modified" if number else "added", each)

    objects = Objects()

    assert [objects.event(entry).after for entry in reader.read(path)] == [redactor.object(each) for each in told]


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Keys, of an object and of its metadata, whose values are not the same objects."""
    pairs = ((before, after), (before["metadata"], after["metadata"]))
    return {key for old, new in pairs for key in {**old, **new} if old.get(key, old) is not new.get(key, new)}


CHANGES = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["set", "set", "set", "delete"]), OBJECTS))


@given(CHANGES)
def test_a_reader_rebuilds_every_state_that_was_recorded(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    path = tmp_path_factory.mktemp("run") / reader.FILE
    last: dict[str, dict[str, Any]] = {}
    told: dict[str, int] = {}
    expected: list[Event] = []
    with HistoryWriter(path, HEADER, Ticks()) as history:
        pods = ObjectRecorder(history, "pods", None)
        for rv, (name, kind, fields) in enumerate(changes, start=1):
            before = last.get(name)
            type = "added" if before is None else "deleted" if kind == "delete" else "modified"
            after = state(name, rv, spec=fields)
            pods.object(type, copy.deepcopy(after))
            expected.append(Event(rv, rv - 1, 0.0, "pods", type, f"uid-{name}", before, after, told.get(name, -1)))
            last[name], told[name] = after, rv - 1
            if type == "deleted":
                del last[name], told[name]

    objects = Objects()
    found = [objects.event(entry) for entry in reader.read(path)]

    assert [structs.replace(event, t=0.0, touched=None) for event in found] == expected
    for event in found:
        if event.touched is not None:
            assert differing(event.before, event.after) <= set(event.touched)
    assert objects.agrees({s["metadata"]["uid"]: s["metadata"]["resourceVersion"] for s in last.values()}, len(changes))
