"""Versioned objects and the log of their changes, as etcd and the watch cache give them: no rules, no defaults.

One counter numbers every change of every object. What is stored is never changed, only replaced.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from chaos.embedded.interface import EventType, Json, OnEvent

LOGGED = 2000
"""Changes of one resource that a watch can go back to. Kubernetes' watch cache holds 100 to 102,400, by load."""


class Change(NamedTuple):
    """One change: `item` is the object after it, or its last state with the resourceVersion of the removal.

    `before` is what was there until then; None if nothing was.
    """

    rv: int
    type: EventType
    item: Json
    before: Json | None


class Compacted(Exception):
    """The log does not reach back so far; `oldest` is the version from which it does."""

    def __init__(self, oldest: int) -> None:
        super().__init__(oldest)
        self.oldest = oldest


class _Table:
    """The objects of one resource, its log and who watches it."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Json] = {}
        self.log: deque[Change] = deque()
        self.compacted = 0
        # A dict, since the order in which watchers hear of a change must not depend on where they lie in memory.
        self.watchers: dict[int, OnEvent] = {}


class Store:
    """All objects. `rv` is the version of the last change."""

    def __init__(self, resources: tuple[str, ...]) -> None:
        self.rv = 1
        self._tables = {resource: _Table() for resource in resources}
        self._watches = 0

    def get(self, resource: str, namespace: str, name: str) -> Json | None:
        """The object, or None."""
        return self._tables[resource].items.get((namespace, name))

    def list(self, resource: str, namespace: str = "") -> tuple[Json, ...]:
        """All objects of a resource, or of one namespace, by namespace and name."""
        items = self._tables[resource].items
        return tuple(items[key] for key in sorted(items) if not namespace or key[0] == namespace)

    def list_at(self, resource: str, rv: int) -> tuple[Json, ...]:
        """All objects of a resource as they were at version `rv`, by namespace and name.

        Raises:
            Compacted: the log begins later.
        """
        table = self._tables[resource]
        if rv < table.compacted:
            raise Compacted(table.compacted)
        items = dict(table.items)
        for change in reversed(table.log):
            if change.rv <= rv:
                break
            key = (change.item["metadata"].get("namespace", ""), change.item["metadata"]["name"])
            items.pop(key, None)
            if change.before is not None:
                items[key] = change.before
        return tuple(items[key] for key in sorted(items))

    def put(self, resource: str, item: Json) -> Json:
        """Create or replace an object under the next version; the object as it is stored."""
        self.rv += 1
        meta = item["metadata"]
        stored = {**item, "metadata": {**meta, "resourceVersion": str(self.rv)}}
        table = self._tables[resource]
        key = (meta.get("namespace", ""), meta["name"])
        before = table.items.get(key)
        table.items[key] = stored
        self._tell(table, Change(self.rv, "MODIFIED" if before is not None else "ADDED", stored, before))
        return stored

    def remove(self, resource: str, item: Json) -> Json:
        """Remove an object; its last state under the version of the removal."""
        self.rv += 1
        meta = item["metadata"]
        last = {**item, "metadata": {**meta, "resourceVersion": str(self.rv)}}
        table = self._tables[resource]
        before = table.items.pop((meta.get("namespace", ""), meta["name"]))
        self._tell(table, Change(self.rv, "DELETED", last, before))
        return last

    def watch(self, resource: str, on_event: OnEvent, since: int) -> Callable[[], None]:
        """Tell of every change after version `since`, past ones at once; returns what ends it.

        Raises:
            Compacted: the log begins later.
        """
        table = self._tables[resource]
        if since < table.compacted:
            raise Compacted(table.compacted)
        for change in [change for change in table.log if change.rv > since]:
            on_event(change.type, change.item)
        self._watches += 1
        number = self._watches
        table.watchers[number] = on_event
        return lambda: _forget(table, number)

    def compact(self, rv: int) -> None:
        """Forget every change up to version `rv`."""
        for table in self._tables.values():
            while table.log and table.log[0].rv <= rv:
                table.log.popleft()
            table.compacted = max(table.compacted, min(rv, self.rv))

    def _tell(self, table: _Table, change: Change) -> None:
        if len(table.log) == LOGGED:
            table.compacted = table.log.popleft().rv
        table.log.append(change)
        # A copy: who hears of a change may end its watch.
        for on_event in tuple(table.watchers.values()):
            on_event(change.type, change.item)


class Rehearsal(Store):
    """The objects of another store, of which nothing that is written stays."""

    def __init__(self, store: Store) -> None:
        self.rv = store.rv
        self._tables = store._tables
        self._watches = store._watches

    def put(self, resource: str, item: Json) -> Json:
        """The object, under the version that it had."""
        return item

    def remove(self, resource: str, item: Json) -> Json:
        """The object as it is."""
        return item


def _forget(table: _Table, number: int) -> None:
    table.watchers.pop(number, None)
