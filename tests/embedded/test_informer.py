"""A cache that lags: order kept, lag kept, nothing lost while it is frozen."""

from collections.abc import Callable, Iterator

import anyio
import pytest

from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, EventType, Json, Listing, OnEvent
from chaos.embedded.virtual import run


class Source:
    """The two verbs that an informer uses."""

    def __init__(self) -> None:
        self.items: list[Json] = []
        self.watchers: list[OnEvent] = []

    def list(self, resource: str, namespace: str = "") -> Listing:
        return Listing(1, tuple(self.items))

    def watch(self, resource: str, on_event: OnEvent, *, since: int) -> Callable[[], None]:
        self.watchers.append(on_event)
        return lambda: self.watchers.remove(on_event)

    def show(self, kind: EventType, item: Json) -> None:
        for watcher in self.watchers:
            watcher(kind, item)


def pod(name: str, rv: int = 1) -> Json:
    return {"metadata": {"namespace": "ns", "name": name, "resourceVersion": str(rv)}}


class Told(list[tuple[float, str, str, str]]):
    """What the informer's owner heard: (time, event, name, resourceVersion)."""

    def hear(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        self.append((round(anyio.current_time(), 3), kind, meta["name"], meta["resourceVersion"]))


def follow(act: Callable[[Source, Informer], Iterator[float]], lags: list[float]) -> tuple[Told, Informer, Source]:
    """Run an informer while `act` does something and yields the seconds to wait until its next step."""
    source, told, left = Source(), Told(), list(lags)

    async def main() -> Informer:
        api: Api = source  # type: ignore[assignment]
        informer = Informer(api, "pods", lambda: left.pop(0) if left else 0.0, told.hear)
        source.items.append(pod("web-0"))
        async with anyio.create_task_group() as group:
            await group.start(informer.run)
            for pause in act(source, informer):
                await anyio.sleep(pause)
            group.cancel_scope.cancel()
        return informer

    return told, run(main), source


def test_what_was_there_is_there_from_the_start() -> None:
    told, informer, _ = follow(lambda source, informer: iter([1.0]), [])

    assert informer.synced
    assert list(informer.objects) == [("ns", "web-0")]
    assert told == [(0.0, "ADDED", "web-0", "1")]


def test_an_event_arrives_after_its_lag() -> None:
    def act(source: Source, informer: Informer) -> Iterator[float]:
        source.show("ADDED", pod("web-1", 2))
        assert ("ns", "web-1") not in informer.objects
        yield 0.1
        assert ("ns", "web-1") not in informer.objects
        yield 0.2
        assert ("ns", "web-1") in informer.objects

    told, _, _ = follow(act, [0.25])

    assert told[1:] == [(0.25, "ADDED", "web-1", "2")]


def test_a_fast_event_does_not_overtake_a_slow_one() -> None:
    def act(source: Source, informer: Informer) -> Iterator[float]:
        source.show("MODIFIED", pod("web-0", 2))
        source.show("MODIFIED", pod("web-0", 3))
        yield 2.0

    told, informer, _ = follow(act, [1.0, 0.1])

    assert told[1:] == [(1.0, "MODIFIED", "web-0", "2"), (1.0, "MODIFIED", "web-0", "3")]
    assert informer.objects["ns", "web-0"]["metadata"]["resourceVersion"] == "3"


def test_a_removal_empties_the_cache() -> None:
    def act(source: Source, informer: Informer) -> Iterator[float]:
        source.show("DELETED", pod("web-0", 2))
        yield 1.0

    _, informer, _ = follow(act, [])

    assert informer.objects == {}


@pytest.mark.parametrize("lag", [0.0, 0.5])
def test_what_happens_while_it_is_frozen_comes_afterwards_in_order(lag: float) -> None:
    def act(source: Source, informer: Informer) -> Iterator[float]:
        informer.frozen = True
        source.show("MODIFIED", pod("web-0", 2))
        yield 5.0
        source.show("DELETED", pod("web-0", 3))
        yield 5.0
        informer.frozen = False
        yield 5.0

    told, _, _ = follow(act, [lag, lag])

    assert [each[1:] for each in told[1:]] == [("MODIFIED", "web-0", "2"), ("DELETED", "web-0", "3")]
    assert {when for when, *_ in told[1:]} == {10.0}


def test_it_stops_watching_when_it_ends() -> None:
    _, _, source = follow(lambda source, informer: iter([1.0]), [])

    assert source.watchers == []
