"""One watch: changes as they come, until the client leaves, the time is over, or it reads too slowly."""

from typing import NamedTuple

import anyio
from aiohttp import web

from chaos.embedded.api.selectors import Matches
from chaos.embedded.http.answers import Encoded, status_object
from chaos.embedded.http.faults import EdgeFaults
from chaos.embedded.http.framing import Framing, framing
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now
from chaos.embedded.waiting import Bell

BOOKMARK_EVERY_S = 60.0
TIMEOUT_S = 1800.0
UNREAD = 5000
"""Events that may wait for a client; one that is further behind is cut off, and lists again."""


class Wanted(NamedTuple):
    """What a client wants to see of a resource; `marks_initial`: it wants to be told when all that was there has been told."""

    resource: str
    kind: str
    api_version: str
    namespace: str
    selects: Matches | None
    since: int
    bookmarks: bool
    timeout_s: float
    initial: bool
    marks_initial: bool


class Watch:
    """Collects what one client is to be told."""

    def __init__(self, wanted: Wanted, told: Framing) -> None:
        self._wanted = wanted
        self._told = told
        self._lines: list[bytes] = []
        self._shown: set[str] = set()
        self._bell = Bell()
        self.is_cut = False
        self.error: ApiError | None = None

    def fail(self, error: ApiError | None) -> None:
        """See `OpenWatch`."""
        self.is_cut, self.error = error is None, error
        self._bell.ring()

    def begin(self, api: Api) -> None:
        """Take in what is there now, if the client wants to begin with that; else what it has seen at its place in the log.

        Raises:
            ApiError: 410, its place is forgotten.
        """
        wanted = self._wanted
        if wanted.initial:
            for item in api.list(wanted.resource, wanted.namespace).items:
                if self._selects(item):
                    self._add("ADDED", item)
                    self._shown.add(item["metadata"]["uid"])
        elif wanted.selects is not None:
            seen = api.list_at(wanted.resource, wanted.since)
            self._shown.update(item["metadata"]["uid"] for item in seen if wanted.selects(item))

    def receive(self, kind: EventType, item: Json) -> None:
        """A change of the resource: with a selector an object comes and goes as it begins and ceases to match."""
        namespace = self._wanted.namespace
        if namespace and item["metadata"].get("namespace") != namespace:
            return
        if self._wanted.selects is None:
            self._add(kind, item)
            return
        uid = item["metadata"]["uid"]
        was, now = uid in self._shown, kind != "DELETED" and self._wanted.selects(item)
        if was and not now:
            self._shown.discard(uid)
            self._add("DELETED", item)
        elif now:
            self._shown.add(uid)
            self._add("MODIFIED" if was else "ADDED", item)

    def bookmark(self, rv: int, *, ends_initial: bool = False) -> None:
        """Tell up to which version everything was told."""
        meta: Json = {"resourceVersion": str(rv), "creationTimestamp": None}
        if ends_initial:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        item = {"kind": self._wanted.kind, "apiVersion": self._wanted.api_version, "metadata": meta}
        self._push(self._told.other("BOOKMARK", item))

    def take(self) -> bytes:
        """Everything that waits, as one piece.

        Raises:
            ConnectionResetError: the client is too far behind.
        """
        if len(self._lines) > UNREAD:
            raise ConnectionResetError("the watcher does not keep up")
        lines, self._lines = self._lines, []
        return b"".join(lines)

    def _selects(self, item: Json) -> bool:
        return self._wanted.selects is None or self._wanted.selects(item)

    def _add(self, kind: EventType, item: Json) -> None:
        self._push(self._told.stored(kind, item))

    async def woken(self) -> None:
        """Wait until there is something to tell, or it has failed."""
        while not (self._lines or self.is_cut or self.error):
            await self._bell.rung()

    def _push(self, line: bytes) -> None:
        self._lines.append(line)
        self._bell.ring()


async def stream(
    request: web.BaseRequest, api: Api, wanted: Wanted, encoded: Encoded, faults: EdgeFaults, now: Now
) -> web.StreamResponse:
    """Answer a watch. A version that is gone is told as an event of the stream, as Kubernetes does."""
    told = framing(request, encoded, now)
    response = web.StreamResponse(headers={"Content-Type": told.content_type})
    response.enable_chunked_encoding()
    await response.prepare(request)
    watch = Watch(wanted, told)
    since = api.list(wanted.resource).rv if wanted.initial or not wanted.since else wanted.since
    try:
        watch.begin(api)
        end = api.watch(wanted.resource, watch.receive, since=since)
    except ApiError as error:
        await response.write(told.other("ERROR", status_object(error)))
        return response
    if wanted.marks_initial:
        watch.bookmark(since, ends_initial=True)
    number = faults.opened(watch)
    try:
        with anyio.move_on_after(wanted.timeout_s):
            async with anyio.create_task_group() as group:
                if wanted.bookmarks:
                    group.start_soon(_bookmarks, watch, api, wanted)
                await _send(response, watch, faults)
                group.cancel_scope.cancel()
        if watch.error is not None:
            await response.write(told.other("ERROR", status_object(watch.error)))
    except* ConnectionResetError:
        if request.transport is not None:
            request.transport.abort()
    finally:
        end()
        del faults.watches[number]
    return response


async def _send(response: web.StreamResponse, watch: Watch, faults: EdgeFaults) -> None:
    """Send what waits, as soon as anything does, until the watch fails.

    Raises:
        ConnectionResetError: it is cut, or the client is too far behind.
    """
    while True:
        await watch.woken()
        if watch.is_cut:
            raise ConnectionResetError("the watch is cut")
        if watch.error is not None:
            return
        if faults.is_mute:
            await anyio.sleep(1.0)
        else:
            await response.write(watch.take())


async def _bookmarks(watch: Watch, api: Api, wanted: Wanted) -> None:
    """Say every now and then how far the watch is, whether or not there was anything to tell."""
    while True:
        await anyio.sleep(BOOKMARK_EVERY_S)
        watch.bookmark(api.list(wanted.resource).rv)
