"""A cluster that answers from a script, for tests of whatever speaks through the port."""

from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio

from chaos.cluster.port import (
    Cluster,
    ExecChannel,
    ExecResult,
    Json,
    Listing,
    PatchType,
    Propagation,
    WatchEvent,
)

Shown = WatchEvent | Exception


class Watch:
    """What one watch shows: events and errors, then its normal end, or silence if `stays`."""

    def __init__(self, *shown: Shown, stays: bool = False) -> None:
        self.shown = shown
        self.stays = stays


class Scripted(Cluster):
    """Answers each kind of call from its own queue; an exception in a queue is raised. `calls` says what was asked.

    A watch beyond the script shows nothing and stays. A create, patch or delete beyond the script succeeds.
    `told_all` is set when a watch stays and no list or watch is left in the script.
    """

    def __init__(self, lists: Iterable[Listing | Exception] = (), watches: Iterable[Watch] = ()) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.told_all = anyio.Event()
        self.lists = deque(lists)
        self.selectors: list[str] = []
        self.watches = deque(watches)
        self.creates: deque[Exception] = deque()
        self.patches: deque[Exception | None] = deque()
        self.channels: deque[AbstractAsyncContextManager[ExecChannel]] = deque()

    async def version(self) -> str:
        return "1.37.2"

    async def get(self, resource: str, namespace: str, name: str) -> Json:
        raise NotImplementedError

    async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
        self.calls.append(("list", resource, namespace))
        self.selectors.append(field_selector)
        answer = self.lists.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def watch(
        self, resource: str, namespace: str, rv: str, field_selector: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[WatchEvent]]:
        self.calls.append(("watch", rv, field_selector) if field_selector else ("watch", rv))
        script = self.watches.popleft() if self.watches else Watch(stays=True)

        async def events() -> AsyncIterator[WatchEvent]:
            for shown in script.shown:
                if isinstance(shown, Exception):
                    raise shown
                yield shown
            if script.stays:
                if not self.lists and not self.watches:
                    self.told_all.set()
                await anyio.sleep_forever()

        @asynccontextmanager
        async def opened() -> AsyncIterator[AsyncIterator[WatchEvent]]:
            yield events()

        return opened()

    async def evict(self, namespace: str, pod: str, body: Json) -> Json:
        self.calls.append(("evict", "pods", pod))
        return {"kind": "Status", "status": "Success"}

    async def update(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        self.calls.append(("update", resource, name))
        return body

    async def create(self, resource: str, namespace: str, body: Json) -> Json:
        self.calls.append(("create", resource, body["metadata"]["name"]))
        if self.creates:
            raise self.creates.popleft()
        return body

    async def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType = "merge",
        subresource: str = "",
    ) -> Json:
        self.calls.append(("patch", resource, name, body))
        answer = self.patches.popleft() if self.patches else None
        if answer is not None:
            raise answer
        return {}

    async def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        self.calls.append(("delete", resource, name))
        return {}

    async def allowed(self, verb: str, resource: str, namespace: str) -> bool:
        return True

    async def metrics(self, path: str) -> str:
        return ""

    async def ask(self, method: str, path: str) -> Json:
        raise NotImplementedError

    async def run(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> ExecResult:
        raise NotImplementedError

    def attach(
        self, namespace: str, pod: str, container: str, command: tuple[str, ...]
    ) -> AbstractAsyncContextManager[ExecChannel]:
        self.calls.append(("attach", pod, container))
        return self.channels.popleft()


def thing(name: str, rv: int, **more: Any) -> Json:
    """An object whose uid is `u-NAME`."""
    return {"metadata": {"name": name, "uid": f"u-{name}", "resourceVersion": str(rv)}, **more}


def listing(rv: int, *items: Json) -> Listing:
    """A LIST at this version."""
    return Listing(rv=str(rv), items=items)


def event(kind: Any, state: Json) -> WatchEvent:
    """A watch event."""
    return WatchEvent(type=kind, object=state)


def bookmark(rv: int) -> WatchEvent:
    """A BOOKMARK."""
    return WatchEvent(type="BOOKMARK", object={"metadata": {"resourceVersion": str(rv)}})
