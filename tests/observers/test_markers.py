"""Markers: made once, patched at every tick, and given up aloud."""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from chaos.cluster.marks import is_marker
from chaos.cluster.port import Refused, Uncertain
from chaos.embedded.virtual import run
from chaos.history.entries import MARKED
from chaos.observers.markers import CLOCK, Place, manifest, mark
from tests.cluster.recording import Recording, recording
from tests.cluster.scripted import Scripted

NO_ACCOUNT = Refused(
    403, "Forbidden", 'error looking up service account ns/default: serviceaccount "default" not found'
)


def closing(resource: str) -> Place:
    """A stream whose end waits for a version that it has yet to show."""
    return Place(awaited=1, shown_s=0.0, is_closing=True)


class OnlyPods(Scripted):
    """Refuses every marker but the pod's, so that a test sees one alone; `seen` after `calls_wanted` of its calls."""

    def __init__(self, calls_wanted: int) -> None:
        super().__init__()
        self.calls_wanted = calls_wanted
        self.seen = anyio.Event()

    def _count(self) -> None:
        if len(self.pod_calls()) >= self.calls_wanted:
            self.seen.set()

    def pod_calls(self) -> list[Any]:
        return [(call[0], *call[3:]) for call in self.calls if call[1] == "pods"]

    async def create(self, resource: str, namespace: str, body: Any) -> Any:
        if resource != "pods":
            self.calls.append(("create", resource, ""))
            raise Refused(403, "Forbidden", f"no {resource}")
        self._count()
        return await super().create(resource, namespace, body)

    async def patch(self, resource: str, *rest: Any, **more: Any) -> Any:
        try:
            return await super().patch(resource, *rest, **more)
        finally:
            self._count()


async def marked(cluster: OnlyPods, record: Recording) -> list[Any]:
    """The pod marker's calls until there are as many as wanted."""
    async with anyio.create_task_group() as group:
        group.start_soon(mark, cluster, record.history, record.clock, "ns", "r", closing, 0.005)
        with anyio.fail_after(5):
            await cluster.seen.wait()
        group.cancel_scope.cancel()
    return cluster.pod_calls()[: cluster.calls_wanted]


def notes(record: Recording) -> list[Any]:
    return [entry.data["why"] for entry in record.entries() if entry.data["resource"] == "pods"]


def kinds(calls: list[Any]) -> list[str]:
    """What was asked for, in order; every patch says when it was sent, each later than the one before."""
    sent = [float(call[1]["metadata"]["annotations"]["chaos-sts/sent"]) for call in calls if call[0] == "patch"]
    assert sent == sorted(set(sent))
    return [call[0] for call in calls]


async def test_every_marker_is_made_and_then_patched(tmp_path: Path) -> None:
    cluster = Scripted()
    with recording(tmp_path) as record, anyio.move_on_after(0.1):
        await mark(cluster, record.history, record.clock, "ns", "r", closing, 0.01)

    for resource in MARKED:
        own = [call for call in cluster.calls if call[1] == resource]
        assert own[0] == ("create", resource, "chaos-sts-marker-r")
        assert kinds([(call[0], *call[3:]) for call in own[1:3]]) == ["patch", "patch"]


def patched(place: Callable[[str], Place]) -> dict[str, int]:
    """How often each marker is made or patched in a minute."""
    cluster = Scripted()

    async def minute(folder: Path) -> None:
        with recording(folder) as record, anyio.move_on_after(60.5):
            await mark(cluster, record.history, record.clock, "ns", "r", place)

    with tempfile.TemporaryDirectory() as folder:
        run(minute, Path(folder))
    return {resource: sum(call[1] == resource for call in cluster.calls) for resource in MARKED}


def silent(resource: str) -> Place:
    return Place(awaited=None, shown_s=0.0, is_closing=False)


def talking(resource: str) -> Place:
    return Place(awaited=5, shown_s=anyio.current_time(), is_closing=False)


def test_a_marker_is_patched_when_its_stream_has_shown_nothing_for_ten_seconds() -> None:
    assert patched(silent) == dict.fromkeys(MARKED, 7)


def test_a_stream_that_shows_something_needs_no_marker_but_the_one_that_tells_the_time_follows_the_others() -> None:
    assert patched(talking) == {**dict.fromkeys(MARKED, 1), CLOCK: 31}


def test_a_stream_that_is_to_end_is_brought_to_where_the_others_are() -> None:
    counts = patched(lambda resource: talking(resource)._replace(is_closing=resource == "pods"))

    assert counts == {**dict.fromkeys(MARKED, 1), CLOCK: 31, "pods": 31}


def test_while_other_streams_move_on_a_marker_waits_for_their_rest() -> None:
    versions = itertools.count()

    counts = patched(lambda resource: talking(resource)._replace(awaited=next(versions)))

    # It is made at once, and patched after each 4 s of unrest; in which the next second is the first.
    assert counts[CLOCK] == 1 + 60 // 5


async def test_a_refused_marker_is_noted_and_not_tried_again(tmp_path: Path) -> None:
    cluster = OnlyPods(10)
    with recording(tmp_path) as record:
        await marked(cluster, record)

        assert sorted(entry.data["resource"] for entry in record.entries()) == sorted(set(MARKED) - {"pods"})
        assert {(entry.stream, entry.type) for entry in record.entries()} == {("run", "note")}
    assert sum(call[1] == "statefulsets" for call in cluster.calls) == 1


async def test_a_namespace_without_its_service_account_is_waited_for(tmp_path: Path) -> None:
    cluster = OnlyPods(4)
    cluster.creates.extend([NO_ACCOUNT, NO_ACCOUNT])

    with recording(tmp_path) as record:
        assert kinds(await marked(cluster, record)) == ["create", "create", "create", "patch"]
        assert notes(record) == []


async def test_a_marker_that_was_made_without_an_answer_is_patched(tmp_path: Path) -> None:
    cluster = OnlyPods(3)
    cluster.creates.extend([Uncertain("timeout"), Refused(409, "AlreadyExists", "there")])

    with recording(tmp_path) as record:
        assert kinds(await marked(cluster, record)) == ["create", "create", "patch"]
        assert notes(record) == []


async def test_a_marker_that_somebody_deleted_is_made_again(tmp_path: Path) -> None:
    cluster = OnlyPods(4)
    cluster.patches.append(Refused(404, "NotFound", "gone"))

    with recording(tmp_path) as record:
        assert kinds(await marked(cluster, record)) == ["create", "patch", "create", "patch"]
        assert notes(record) == ["404 NotFound: gone"]


async def test_a_patch_that_is_refused_again_and_again_is_noted_once(tmp_path: Path) -> None:
    cluster = OnlyPods(4)
    cluster.patches.extend([Refused(422, "Invalid", "immutable")] * 2)

    with recording(tmp_path) as record:
        assert kinds(await marked(cluster, record)) == ["create", "patch", "patch", "patch"]
        assert notes(record) == ["422 Invalid: immutable"]


@pytest.mark.parametrize("resource", MARKED)
def test_a_marker_is_known_as_one_and_matches_nobody(resource: str) -> None:
    body = manifest(resource, "r", 1.5)

    assert is_marker(body)
    assert all(key.startswith("chaos-sts/") for key in body["metadata"]["labels"])


def test_the_set_marks_what_its_controller_makes() -> None:
    spec = manifest("statefulsets", "r", 1.5)["spec"]

    assert spec["replicas"] == 0
    assert is_marker({"metadata": {"labels": spec["template"]["metadata"]["labels"]}})
