"""One resource, listed and then watched: what a run knows of it now, and its part of the history.

It reconnects where it stopped, lists again when the server has forgotten that place, and says so with a `gap`: between
two gaps the stream holds every event, in the order of resourceVersions, once. It knows nothing of StatefulSets.
"""

import random
from collections.abc import Callable
from enum import Enum, auto
from typing import Literal

import anyio
import structlog
from anyio.abc import TaskStatus

from chaos import chance
from chaos.cluster.marks import is_marker, sent
from chaos.cluster.port import Cluster, ClusterError, Expired, Json, Listing, Refused, WatchEvent
from chaos.history.redaction import Redactor
from chaos.history.writer import HistoryWriter, ObjectRecorder

log = structlog.get_logger()

FORBIDDEN = (403, 404, 405)
"""Answers that trying again will not change: no right to read, or no such resource here."""

BACKOFF_S = (0.1, 10.0)

CLOSING_S = 15.0
"""How long a closing LIST that fails is tried again."""


class _Seen(Enum):
    """What an event means for the order of a stream."""

    NEW = auto()
    REPLAYED = auto()
    MISSED = auto()


class Changes:
    """A bell that is rung at every change; whoever waits is woken by the next ring."""

    def __init__(self) -> None:
        self._next: anyio.Event | None = None

    def ring(self) -> None:
        """Wake everybody who waits."""
        if self._next is not None:
            self._next.set()
            self._next = None

    async def wait(self) -> None:
        """Wait for the next ring; none is lost between a look at the objects and this call if no `await` is between."""
        if self._next is None:
            self._next = anyio.Event()
        await self._next.wait()


class Reflector:
    """Keeps the objects of one resource and records its stream.

    `objects` maps uid to the last state, without markers. `rv` is the version up to which the stream has shown
    everything. `awaited` is the version that all streams have to show before everything of this one can be judged: that of its
    last change, or of its closing LIST. `shown_s` is when it last showed anything, by the loop's clock; `is_closing` says whether
    its end waits for `awaited`. `denied` says why there is no stream, or is empty.
    """

    def __init__(
        self,
        cluster: Cluster,
        history: HistoryWriter,
        redactor: Redactor | None,
        resource: str,
        namespace: str,
        *,
        name: str = "",
        quiet_s: float = 100.0,
        seed: int = 0,
        changes: Changes | None = None,
    ) -> None:
        """Prepare; nothing is asked until `run`.

        Args:
            namespace: "" for cluster-wide.
            name: only the object of this name.
            quiet_s: a watch that shows nothing for so long is opened anew, at the same place.
            seed: of the jitter between attempts.
            changes: rung at every change, besides the reflector's own.
        """
        self.resource = resource
        self.objects: dict[str, Json] = {}
        self.rv = ""
        self.awaited = 0
        self.shown_s = 0.0
        self.is_closing = False
        self.denied = ""
        self._cluster = cluster
        self._recorder = ObjectRecorder(history, resource, redactor)
        self._namespace = namespace
        self._selector = f"metadata.name={name}" if name else ""
        self._quiet_s = quiet_s
        self._jitter = chance.stream(seed, f"reconnect/{resource}")
        self._changes = changes
        self._own_changes = Changes()
        self._gone: dict[str, int] = {}
        self._relist = True

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """List and watch until cancelled, or until rights forbid it (`denied`). Started once the first LIST is in."""
        started = False
        backoff = _Backoff(self._jitter)
        while not self.denied:
            try:
                if self._relist:
                    self._adopt(await self._list())
                    if not started:
                        task_status.started()
                        started = True
                await self._watch(backoff.reset)
            except Expired as error:
                self._lose("gap", f"the server no longer has resourceVersion {self.rv}: {error.reason}")
            except (ClusterError, TimeoutError) as error:
                if isinstance(error, Refused) and error.status in FORBIDDEN:
                    self._deny(str(error))
                    break
                log.warning("watch.broken", resource=self.resource, rv=self.rv, error=str(error) or "silent")
            # Also after a normal end: a server that ends every watch at once must not be asked 1,000 times a second.
            await backoff.sleep()
        if not started:
            task_status.started()

    async def wait_changed(self) -> None:
        """Wait for the next change of `objects`, `rv` or `denied`."""
        await self._own_changes.wait()

    async def final(self, within_s: float = 5.0) -> None:
        """Record the closing LIST: `final`, `{uid: rv}` of what exists, without markers.

        It first waits until the stream has shown the version of the LIST. A stream that does not get there (only
        markers make it sure to) still counts as complete if it shows the same objects as the LIST; otherwise the LIST
        is recorded after `missed`. A denied stream records nothing.

        Raises:
            ClusterError: the LIST is refused for good, or failed for `CLOSING_S` seconds.
        """
        if self.denied:
            return
        listing = await self._closing_list()
        self.awaited = _number(listing.rv)
        self.is_closing = True
        with anyio.move_on_after(within_s):
            while self.is_behind(self.awaited):
                await self.wait_changed()
        if not self._agrees(listing):
            # A stream that has shown as much as the LIST lost something before; one that is behind, from there on.
            self._lose("gap" if self.is_behind(self.awaited) else "missed", "the closing LIST and the watch disagree")
            self._adopt(listing)
        held = {_uid(item): _rv(item) for item in listing.items}
        self._recorder.mark("final", listing.rv, held)

    async def _closing_list(self) -> Listing:
        """A LIST that an API server in trouble may refuse for a while: without it the whole stream would prove nothing."""
        backoff = _Backoff(self._jitter)
        deadline = anyio.current_time() + CLOSING_S
        while True:
            try:
                return await self._list()
            except ClusterError as error:
                is_final = isinstance(error, Refused) and error.status in FORBIDDEN
                if is_final or anyio.current_time() >= deadline:
                    raise
            await backoff.sleep()

    async def _list(self) -> Listing:
        listing = await self._cluster.list(self.resource, self._namespace, self._selector)
        wanted = (item for item in listing.items if not is_marker(item))
        return Listing(rv=listing.rv, items=tuple(sorted(wanted, key=lambda item: _number(_rv(item)))))

    async def _watch(self, alive: Callable[[], None]) -> None:
        async with self._cluster.watch(self.resource, self._namespace, self.rv, self._selector) as events:
            with anyio.fail_after(self._quiet_s) as silence:
                while not self._relist:
                    event = await anext(events, None)
                    if event is None:
                        return
                    self.shown_s = anyio.current_time()
                    silence.deadline = self.shown_s + self._quiet_s
                    alive()
                    self._take(event)

    def _adopt(self, listing: Listing) -> None:
        """Record a LIST: what is new or changed since the last state, and what vanished unseen."""
        listed = {_uid(item) for item in listing.items}
        for item in listing.items:
            known = self.objects.get(_uid(item))
            if known is None or _rv(known) != _rv(item):
                self._recorder.object("listed", item)
                self.objects[_uid(item)] = item
        for uid in [uid for uid in self.objects if uid not in listed]:
            self._vanish(uid, listing.rv)
        self.rv = listing.rv
        self.awaited = max(self.awaited, _number(listing.rv))
        self._relist = False
        self._recorder.mark("synced", listing.rv)
        self._ring()

    def _vanish(self, uid: str, rv: str) -> None:
        # Nobody saw at which version it went: the LIST that no longer holds it bounds that from above.
        last = self.objects[uid]
        self._forget(uid, {**last, "metadata": {**last["metadata"], "resourceVersion": rv}})

    def _forget(self, uid: str, last: Json) -> None:
        self._recorder.object("deleted", last)
        self.objects.pop(uid, None)
        self._gone[uid] = _number(_rv(last))

    def _take(self, event: WatchEvent) -> None:
        if event.type == "BOOKMARK" or is_marker(event.object):
            self._progress(_rv(event.object), sent(event.object))
            return
        seen = self._place(event)
        if seen is _Seen.MISSED:
            name = event.object["metadata"].get("name")
            self._lose("missed", f"{event.type} of {name} at {_rv(event.object)} does not follow")
        elif seen is _Seen.NEW:
            self._record(event)

    def _place(self, event: WatchEvent) -> _Seen:
        """Where an event stands: after everything seen, seen before, or proof that something was missed."""
        uid, rv = _uid(event.object), _number(_rv(event.object))
        known = self.objects.get(uid)
        last = self._gone.get(uid) if known is None else _number(_rv(known))
        if last is not None and rv <= last:
            return _Seen.REPLAYED
        if rv <= _number(self.rv):
            return _Seen.MISSED
        is_first = event.type == "ADDED"
        return _Seen.NEW if (known is None) == is_first else _Seen.MISSED

    def _record(self, event: WatchEvent) -> None:
        uid = _uid(event.object)
        if event.type == "DELETED":
            self._forget(uid, event.object)
        else:
            self._recorder.object(event.type.lower(), event.object)
            self.objects[uid] = event.object
        self.rv = _rv(event.object)
        self.awaited = max(self.awaited, _number(self.rv))
        self._ring()

    def _progress(self, rv: str, sent_at: float | None) -> None:
        if _number(rv) > _number(self.rv):
            self.rv = rv
            self._recorder.mark("progress", rv, None if sent_at is None else {"sent": sent_at})
            self._ring()

    def is_behind(self, rv: int) -> bool:
        """Whether the stream has yet to show everything up to a version."""
        return not self.denied and _number(self.rv) < rv

    def _agrees(self, listing: Listing) -> bool:
        """Whether the stream, now at the LIST's version or later, could have had exactly these objects then."""
        at = _number(listing.rv)
        listed = {_uid(item): _number(_rv(item)) for item in listing.items}
        kept = all(
            uid in self.objects and _number(_rv(self.objects[uid])) >= rv
            for uid, rv in listed.items()
            if uid not in self._gone
        )
        ended_since = all(self._gone[uid] > at for uid in listed if uid in self._gone)
        made_since = all(_number(_rv(state)) > at for uid, state in self.objects.items() if uid not in listed)
        return kept and ended_since and made_since

    def _lose(self, what: Literal["gap", "missed"], why: str) -> None:
        log.error("watch.gap", resource=self.resource, why=why)
        self._recorder.mark(what, self.rv, {"why": why})
        self._relist = True

    def _deny(self, why: str) -> None:
        log.warning("watch.denied", resource=self.resource, why=why)
        self.denied = why
        self._recorder.mark("denied", data={"why": why})
        self._ring()

    def _ring(self) -> None:
        self._own_changes.ring()
        if self._changes is not None:
            self._changes.ring()


class _Backoff:
    """Pauses that double while nothing is heard, each drawn between half of it and the whole."""

    def __init__(self, jitter: random.Random) -> None:
        self._jitter = jitter
        self._pause_s = BACKOFF_S[0]

    def reset(self) -> None:
        self._pause_s = BACKOFF_S[0]

    async def sleep(self) -> None:
        pause_s = self._pause_s * self._jitter.uniform(0.5, 1.0)
        self._pause_s = min(self._pause_s * 2, BACKOFF_S[1])
        await anyio.sleep(pause_s)


def _uid(state: Json) -> str:
    uid: str = state["metadata"]["uid"]
    return uid


def _rv(state: Json) -> str:
    rv: str = state["metadata"]["resourceVersion"]
    return rv


def _number(rv: str) -> int:
    """Decimal, of any length (KEP-5504); nothing seen yet comes before everything."""
    return int(rv or 0)
