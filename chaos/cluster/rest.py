"""The cluster port over raw HTTP: bytes out, bytes in, each request sent once.

It knows paths, parameters and how to read a watch; it does not know where credentials come from, and it leaves the
effect of an error to `answers`. The typed client is not used: it costs a 320 ms stall per list of 500 pods, raises
nothing on a 404 with raw bodies, and its watch loses events when it reconnects.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import anyio
import msgspec

from chaos.cluster import exec as streams
from chaos.cluster.answers import document, failure, judged, translated
from chaos.cluster.port import (
    GROUPS,
    ExecChannel,
    ExecResult,
    Expired,
    Json,
    Listing,
    PatchType,
    Propagation,
    Uncertain,
    WatchEvent,
)

PAGE = 500
WATCH_S = 240
SILENCE_S = 90.0
"""A watch without a byte for so long is dead: servers send bookmarks every 60 to 75 s (k8s.io/apiserver cacher.go)."""

CONNECT_S = 5.0

PATCH_TYPES: Mapping[PatchType, str] = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}

_encode = msgspec.json.Encoder().encode


async def _anonymous() -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Server:
    """How to reach an API server: its address, and a coroutine that gives the headers which say who asks."""

    url: str
    headers: Callable[[], Awaitable[dict[str, str]]] = _anonymous
    proxy: str | None = None
    tls_name: str | None = None


class Kube:
    """An API server behind an aiohttp session; implements `chaos.cluster.port.Cluster`."""

    def __init__(
        self, session: aiohttp.ClientSession, server: Server, *, timeout_s: float = 10.0, silence_s: float = SILENCE_S
    ) -> None:
        """Use `session`, which stays the caller's.

        Args:
            timeout_s: for one request with its whole answer; a watch or an attached command has no such end.
            silence_s: after so long without a byte a watch raises `Uncertain`.
        """
        # aiohttp re-sends an idempotent request when a kept-alive connection turns out to be dropped. A first DELETE
        # that worked would then look like a 404.
        session._retry_connection = False
        self._session = session
        self._server = server
        self._timeout_s = timeout_s
        self._silence_s = silence_s

    async def version(self) -> str:
        """The server's gitVersion without the v."""
        return str((await self._json("GET", "/version", "GET version"))["gitVersion"]).removeprefix("v")

    async def get(self, resource: str, namespace: str, name: str) -> Json:
        """One object."""
        return await self._json("GET", path(resource, namespace, name), f"GET {resource}/{name}")

    async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
        """All objects, in pages of 500; kind and apiVersion, which lists leave out of items, are put back."""
        try:
            return await self._pages(resource, namespace, field_selector)
        except Expired:
            # The continue token outlived its version. A second try starts afresh; nothing was changed.
            return await self._pages(resource, namespace, field_selector)

    @asynccontextmanager
    async def watch(
        self, resource: str, namespace: str, rv: str, field_selector: str = ""
    ) -> AsyncIterator[AsyncIterator[WatchEvent]]:
        """Events after `rv`, until the server ends the watch; see the port."""
        what = f"WATCH {resource}"
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": rv,
            "timeoutSeconds": str(WATCH_S),
            **({"fieldSelector": field_selector} if field_selector else {}),
        }
        # Nothing is translated around the yield: an error of whoever reads the events is not the cluster's.
        with translated(what), anyio.fail_after(self._timeout_s):
            response = await self._send("GET", path(resource, namespace), params, silence_s=self._silence_s)
        # Not `async with response`, which would wait for the rest of an endless answer.
        try:
            if response.status != 200:
                with translated(what), anyio.fail_after(self._timeout_s):
                    raise failure(what, response.status, await response.read())
            async with aclosing(_events(what, response.content)) as events:
                yield events
        finally:
            response.close()

    async def create(self, resource: str, namespace: str, body: Json) -> Json:
        """The object as the server made it."""
        what = f"POST {resource}/{body.get('metadata', {}).get('name', '')}"
        return await self._json("POST", path(resource, namespace), what, body)

    async def evict(self, namespace: str, pod: str, body: Json) -> Json:
        """A Status."""
        return await self._json("POST", path("pods", namespace, pod) + "/eviction", f"POST evictions/{pod}", body)

    async def update(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        """The object after the update."""
        return await self._json("PUT", path(resource, namespace, name), f"PUT {resource}/{name}", body)

    async def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType = "merge",
        subresource: str = "",
    ) -> Json:
        """The object after the patch."""
        target = path(resource, namespace, name) + (f"/{subresource}" if subresource else "")
        return await self._json("PATCH", target, f"PATCH {resource}/{name}", body, PATCH_TYPES[patch_type])

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
        """The object with its deletionTimestamp, or a Status."""
        options: Json = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace_s is not None:
            options["gracePeriodSeconds"] = grace_s
        if propagation is not None:
            options["propagationPolicy"] = propagation
        return await self._json("DELETE", path(resource, namespace, name), f"DELETE {resource}/{name}", options)

    async def allowed(self, verb: str, resource: str, namespace: str) -> bool:
        """Whether this user may do it; a subresource is asked for as `pods/exec`."""
        plain, _, subresource = resource.partition("/")
        attributes = {
            "verb": verb,
            "resource": plain,
            "subresource": subresource,
            "group": _group(plain),
            "namespace": namespace,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = await self._json("POST", path("selfsubjectaccessreviews", ""), f"may I {verb} {resource}", review)
        return bool(answer.get("status", {}).get("allowed"))

    async def metrics(self, path: str) -> str:
        """The text at `path`."""
        return (await self._bytes("GET", path, f"GET {path}")).decode(errors="replace")

    async def ask(self, method: Literal["GET", "POST", "DELETE"], path: str) -> Json:
        """The document at `path`."""
        return await self._json(method, path, f"{method} {path}")

    async def run(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> ExecResult:
        """Run a command to its end."""
        what = f"exec in {pod}"
        with translated(what), anyio.fail_after(self._timeout_s):
            async with self._socket(namespace, pod, container, command, stdin=False) as socket:
                return await streams.finish(what, socket)

    def attach(
        self, namespace: str, pod: str, container: str, command: tuple[str, ...]
    ) -> AbstractAsyncContextManager[ExecChannel]:
        """Start a command that stays; leaving the context closes its standard input, then the connection."""
        return streams.attached(f"exec in {pod}", self._socket(namespace, pod, container, command, stdin=True))

    @asynccontextmanager
    async def _socket(
        self, namespace: str, pod: str, container: str, command: tuple[str, ...], *, stdin: bool
    ) -> AsyncIterator[streams.Socket]:
        what = f"exec in {pod}"
        with translated(what), anyio.fail_after(self._timeout_s):
            socket = await streams.connect(
                what,
                self._session,
                self._server.url + path("pods", namespace, pod) + "/exec",
                streams.parameters(container, command, stdin=stdin),
                headers=await self._server.headers(),
                proxy=self._server.proxy,
                tls_name=self._server.tls_name,
            )
        try:
            yield socket
        finally:
            with anyio.move_on_after(1, shield=True):
                await socket.close()

    async def _pages(self, resource: str, namespace: str, field_selector: str) -> Listing:
        items: list[Json] = []
        selection = {"fieldSelector": field_selector} if field_selector else {}
        params = {"limit": str(PAGE), **selection}
        while True:
            page = await self._json("GET", path(resource, namespace), f"LIST {resource}", params=params)
            kind = str(page.get("kind", "")).removesuffix("List")
            items.extend(
                {"kind": kind, "apiVersion": page.get("apiVersion"), **item} for item in page.get("items") or ()
            )
            meta = page.get("metadata", {})
            if not meta.get("continue"):
                return Listing(rv=meta["resourceVersion"], items=tuple(items))
            params = {"limit": str(PAGE), "continue": meta["continue"], **selection}

    async def _json(
        self,
        method: str,
        target: str,
        what: str,
        body: Any = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> Json:
        return document(what, await self._bytes(method, target, what, body, content_type, params))

    async def _bytes(
        self,
        method: str,
        target: str,
        what: str,
        body: Any = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        with translated(what), anyio.fail_after(self._timeout_s):
            data = None if body is None else _encode(body)
            async with await self._send(method, target, params, data, content_type) as response:
                answer = await response.read()
        if not 200 <= response.status < 300:
            raise failure(what, response.status, answer)
        return answer

    async def _send(
        self,
        method: str,
        target: str,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        content_type: str = "application/json",
        silence_s: float | None = None,
    ) -> aiohttp.ClientResponse:
        headers = {"Accept": "application/json", **await self._server.headers()}
        if data is not None:
            headers["Content-Type"] = content_type
        return await self._session.request(
            method,
            self._server.url + target,
            params=params,
            data=data,
            headers=headers,
            allow_redirects=False,
            proxy=self._server.proxy,
            server_hostname=self._server.tls_name,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=silence_s),
        )


def path(resource: str, namespace: str, name: str = "") -> str:
    """The path of a resource or an object; namespace "" is cluster-wide. `namespaces` themselves live in none."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{GROUPS[resource]}{scope}/{resource}" + (f"/{name}" if name else "")


def _group(resource: str) -> str:
    prefix = GROUPS[resource]
    return "" if prefix == "/api/v1" else prefix.split("/")[2]


async def _events(what: str, content: aiohttp.StreamReader) -> AsyncGenerator[WatchEvent, None]:
    async with aclosing(_lines(what, content)) as lines:
        async for line in lines:
            event = document(what, line)
            state = event.get("object")
            kind = event.get("type")
            if kind == "ERROR" and isinstance(state, dict):
                raise judged(what, _code(state), str(state.get("reason") or ""), str(state.get("message") or ""))
            if kind not in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK") or not isinstance(state, dict):
                raise Uncertain(f"{what}: not a watch event")
            yield WatchEvent(type=kind, object=state)


def _code(status: Json) -> int:
    # Only 410 has a meaning of its own in a stream; every other error is the server's trouble, not a refusal of ours.
    return 410 if status.get("code") == 410 else 500


async def _lines(what: str, content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    # Not `readline`, which fails on a line longer than its buffer: an object can have 1.5 MB.
    parts: list[bytes] = []
    with translated(what):
        while chunk := await content.readany():
            head, *rest = chunk.split(b"\n")
            parts.append(head)
            for piece in rest:
                line = b"".join(parts)
                parts = [piece]
                if line:
                    yield line
    if any(parts):
        raise Uncertain(f"{what}: cut within an event")
