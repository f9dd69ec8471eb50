"""The reflector: what it records of a list and a watch, and how it tells when something may be missing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import TaskStatus

from chaos.cluster.marks import MARKER, MARKER_NAME
from chaos.cluster.port import Expired, Refused, Uncertain, Unreachable
from chaos.cluster.reflector import Changes, Reflector
from tests.cluster.recording import Recording, recording
from tests.cluster.scripted import Scripted, Watch, bookmark, event, listing, thing

EXPIRED = Expired(410, "Expired", "too old")


@asynccontextmanager
async def reflecting(folder: Path, cluster: Scripted, **options: Any) -> AsyncIterator[tuple[Reflector, Recording]]:
    """A reflector that has gone through its script."""
    with recording(folder) as record:
        reflector = Reflector(cluster, record.history, None, "pods", "ns", **options)

        async def run(*, task_status: TaskStatus[None]) -> None:
            await reflector.run(task_status=task_status)
            cluster.told_all.set()

        async with anyio.create_task_group() as group:
            await group.start(run)
            with anyio.fail_after(5):
                await cluster.told_all.wait()
            yield reflector, record
            group.cancel_scope.cancel()


async def test_it_lists_then_records_every_event(tmp_path: Path) -> None:
    cluster = Scripted(
        [listing(10, thing("b", 9), thing("a", 3))],
        [
            Watch(
                event("ADDED", thing("c", 11)),
                event("MODIFIED", thing("a", 12, spec={"x": 1})),
                event("DELETED", thing("b", 13)),
                bookmark(20),
                stays=True,
            )
        ],
    )

    async with reflecting(tmp_path, cluster) as (reflector, record):
        assert record.told() == [
            ("listed", "3", "u-a"),
            ("listed", "9", "u-b"),
            ("synced", "10", None),
            ("added", "11", "u-c"),
            ("modified", "12", "u-a"),
            ("deleted", "13", "u-b"),
            ("progress", "20", None),
        ]
        assert reflector.objects == {"u-a": thing("a", 12, spec={"x": 1}), "u-c": thing("c", 11)}
        assert reflector.rv == "20"
    assert cluster.calls == [("list", "pods", "ns"), ("watch", "10")]


async def test_it_reconnects_at_the_last_version_and_drops_what_is_shown_again(tmp_path: Path) -> None:
    cluster = Scripted(
        [listing(10)],
        [
            Watch(event("ADDED", thing("a", 11)), event("DELETED", thing("a", 12)), Uncertain("cut")),
            Watch(event("ADDED", thing("a", 11)), event("DELETED", thing("a", 12)), event("ADDED", thing("b", 13))),
            Watch(event("ADDED", thing("b", 13)), event("MODIFIED", thing("b", 14)), Unreachable("down")),
        ],
    )

    async with reflecting(tmp_path, cluster) as (_, record):
        assert record.told() == [
            ("synced", "10", None),
            ("added", "11", "u-a"),
            ("deleted", "12", "u-a"),
            ("added", "13", "u-b"),
            ("modified", "14", "u-b"),
        ]
    assert cluster.calls == [("list", "pods", "ns"), ("watch", "10"), ("watch", "12"), ("watch", "13"), ("watch", "14")]


async def test_a_forgotten_version_is_a_gap_and_a_new_list(tmp_path: Path) -> None:
    cluster = Scripted(
        [
            listing(10, thing("same", 1), thing("changed", 2), thing("vanished", 3)),
            listing(30, thing("same", 1), thing("changed", 25), thing("new", 20)),
        ],
        [Watch(bookmark(15), EXPIRED), Watch(event("MODIFIED", thing("same", 31)), stays=True)],
    )

    async with reflecting(tmp_path, cluster) as (reflector, record):
        assert record.told()[4:] == [
            ("progress", "15", None),
            ("gap", "15", {"why": "the server no longer has resourceVersion 15: Expired"}),
            ("listed", "20", "u-new"),
            ("listed", "25", "u-changed"),
            ("deleted", "30", "u-vanished"),
            ("synced", "30", None),
            ("modified", "31", "u-same"),
        ]
        assert sorted(reflector.objects) == ["u-changed", "u-new", "u-same"]


@pytest.mark.parametrize(
    "shown",
    [
        event("MODIFIED", thing("unseen", 11)),
        event("DELETED", thing("unseen", 11)),
        event("ADDED", thing("a", 11)),
        event("ADDED", thing("late", 9)),
    ],
    ids=["modified before added", "deleted before added", "added twice", "older than the stream"],
)
async def test_an_event_that_does_not_follow_is_a_gap(tmp_path: Path, shown: Any) -> None:
    cluster = Scripted([listing(10, thing("a", 5)), listing(12, thing("a", 5))], [Watch(shown, stays=True)])

    async with reflecting(tmp_path, cluster) as (_, record):
        assert [entry.type for entry in record.entries()] == ["listed", "synced", "missed", "synced"]


async def test_a_denied_watch_says_so_and_ends(tmp_path: Path) -> None:
    forbidden = Refused(403, "Forbidden", "no")

    async with reflecting(tmp_path, Scripted([forbidden])) as (reflector, record):
        await reflector.final()

        assert record.told() == [("denied", "", {"why": "403 Forbidden: no"})]
        assert reflector.denied == "403 Forbidden: no"


async def test_rights_that_are_taken_away_end_the_stream(tmp_path: Path) -> None:
    cluster = Scripted([listing(10)], [Watch(bookmark(11), Refused(403, "Forbidden", "no"))])

    async with reflecting(tmp_path, cluster) as (_, record):
        assert [entry.type for entry in record.entries()] == ["synced", "progress", "denied"]


async def test_it_waits_for_a_server_that_is_not_there_yet(tmp_path: Path) -> None:
    down = [Unreachable("down"), Uncertain("502"), Refused(429, "TooManyRequests", "busy")]

    async with reflecting(tmp_path, Scripted([*down, listing(10)])) as (_, record):
        assert record.told() == [("synced", "10", None)]


async def test_a_silent_watch_is_opened_anew(tmp_path: Path) -> None:
    cluster = Scripted([listing(10)], [Watch(bookmark(11), stays=True), Watch(bookmark(12), stays=True)])

    async with reflecting(tmp_path, cluster, quiet_s=0.02) as (_, record):
        assert record.told()[:3] == [("synced", "10", None), ("progress", "11", None), ("progress", "12", None)]
    assert cluster.calls[:3] == [("list", "pods", "ns"), ("watch", "10"), ("watch", "11")]


async def test_one_name_only(tmp_path: Path) -> None:
    cluster = Scripted([listing(10, thing("mine", 5))])

    async with reflecting(tmp_path, cluster, name="mine") as (reflector, _):
        assert list(reflector.objects) == ["u-mine"]
    assert cluster.selectors == ["metadata.name=mine"]
    assert cluster.calls[-1] == ("watch", "10", "metadata.name=mine")


async def test_markers_and_what_belongs_to_them_are_progress_only(tmp_path: Path) -> None:
    def labelled(rv: int) -> Any:
        state = thing("m", rv)
        state["metadata"]["labels"] = {MARKER: "r"}
        return state

    owned = thing("rev", 12)
    owned["metadata"]["ownerReferences"] = [{"name": f"{MARKER_NAME}-r"}]
    about = thing("ev", 13, involvedObject={"name": f"{MARKER_NAME}-r"})
    cluster = Scripted(
        [listing(10, labelled(9)), listing(12, labelled(11))],
        [
            Watch(
                event("MODIFIED", labelled(11)),
                event("ADDED", owned),
                event("ADDED", about),
                event("DELETED", labelled(14)),
                stays=True,
            )
        ],
    )

    with recording(tmp_path) as record:
        reflector = Reflector(cluster, record.history, None, "pods", "ns")
        async with anyio.create_task_group() as group:
            await group.start(reflector.run)
            await anyio.wait_all_tasks_blocked()
            await reflector.final()
            group.cancel_scope.cancel()

        assert record.told() == [
            ("synced", "10", None),
            ("progress", "11", None),
            ("progress", "12", None),
            ("progress", "13", None),
            ("progress", "14", None),
            ("final", "12", {}),
        ]
        assert reflector.objects == {}


async def test_the_final_list_waits_for_the_stream(tmp_path: Path) -> None:
    cluster = Scripted([listing(10, thing("a", 5))], [Watch(bookmark(11), stays=True)])
    async with reflecting(tmp_path, cluster) as (reflector, record):
        cluster.lists.append(listing(11, thing("a", 5)))

        await reflector.final()

        assert record.told()[-1] == ("final", "11", {"u-a": "5"})


async def test_a_final_list_that_is_refused_for_a_while_is_asked_for_again(tmp_path: Path) -> None:
    cluster = Scripted([listing(10, thing("a", 5))], [Watch(bookmark(11), stays=True)])
    async with reflecting(tmp_path, cluster) as (reflector, record):
        cluster.lists.extend(
            [Refused(429, "TooManyRequests", "wait"), Uncertain("503", 503), listing(11, thing("a", 5))]
        )

        await reflector.final()

        assert record.told()[-1] == ("final", "11", {"u-a": "5"})


async def test_a_final_list_that_is_forbidden_is_not(tmp_path: Path) -> None:
    cluster = Scripted([listing(10, thing("a", 5))], [Watch(bookmark(11), stays=True)])
    async with reflecting(tmp_path, cluster) as (reflector, _):
        cluster.lists.extend([Refused(403, "Forbidden", "no"), listing(11, thing("a", 5))])

        with pytest.raises(Refused):
            await reflector.final()


async def test_a_stream_without_ticks_that_agrees_needs_no_gap(tmp_path: Path) -> None:
    cluster = Scripted([listing(10, thing("a", 5))])
    async with reflecting(tmp_path, cluster) as (reflector, record):
        cluster.lists.append(listing(99, thing("a", 5)))

        await reflector.final(within_s=0.01)

        assert record.told()[-1] == ("final", "99", {"u-a": "5"})
        assert "gap" not in [entry.type for entry in record.entries()]


@pytest.mark.parametrize("held", [(), (thing("a", 6),), (thing("a", 5), thing("b", 8))])
async def test_a_final_list_that_the_stream_did_not_show_is_a_gap(tmp_path: Path, held: tuple[Any, ...]) -> None:
    cluster = Scripted([listing(10, thing("a", 5))])
    async with reflecting(tmp_path, cluster) as (reflector, record):
        cluster.lists.append(listing(12, *held))

        await reflector.final(within_s=0.01)

        types = [entry.type for entry in record.entries()]
        assert types[2] == "gap"
        assert types[-2:] == ["synced", "final"]
        assert reflector.objects == {state["metadata"]["uid"]: state for state in held}


async def test_what_changed_after_the_final_list_is_no_gap(tmp_path: Path) -> None:
    shown = [event("MODIFIED", thing("a", 13)), event("DELETED", thing("b", 14)), event("ADDED", thing("c", 15))]
    cluster = Scripted([listing(10, thing("a", 5), thing("b", 6))], [Watch(*shown, stays=True)])
    async with reflecting(tmp_path, cluster) as (reflector, record):
        cluster.lists.append(listing(12, thing("a", 5), thing("b", 6)))

        await reflector.final()

        assert record.told()[-1] == ("final", "12", {"u-a": "5", "u-b": "6"})
        assert "gap" not in [entry.type for entry in record.entries()]


async def test_whoever_waits_is_woken_by_a_change(tmp_path: Path) -> None:
    woken: list[str] = []
    changes = Changes()

    async def wait(name: str, bell: Any) -> None:
        await bell()
        woken.append(name)

    with recording(tmp_path) as record:
        reflector = Reflector(Scripted([listing(10)]), record.history, None, "pods", "ns", changes=changes)
        async with anyio.create_task_group() as group:
            group.start_soon(wait, "own", reflector.wait_changed)
            group.start_soon(wait, "all", changes.wait)
            await anyio.wait_all_tasks_blocked()
            await group.start(reflector.run)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()

    assert sorted(woken) == ["all", "own"]
