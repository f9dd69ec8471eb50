"""From HTTP requests to verbs and back: every error is a Status, never a traceback."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_args

import anyio
import msgspec
import structlog
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.selectors import Matches, field_selector, label_selector
from chaos.embedded.http import commands, describing, discovery, fieldvalidation, negotiation, options
from chaos.embedded.http.answers import Encoded, document, failure, raw
from chaos.embedded.http.bodies import body_of, object_of
from chaos.embedded.http.faults import EdgeFaults
from chaos.embedded.http.paths import Target, target
from chaos.embedded.http.watching import TIMEOUT_S, Wanted, stream
from chaos.embedded.interface import Api, ApiError, Json, Kubelet, PatchType, Propagation
from chaos.embedded.release import Release

log = structlog.get_logger()

USER = "admin"

PATCHES: Mapping[str, PatchType] = {
    "application/merge-patch+json": "merge",
    "application/json-patch+json": "json",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}

Handler = Callable[[web.BaseRequest, Target], Awaitable[web.StreamResponse]]


class Edge:
    """An HTTP server for an API; `server` makes what listens, or what is connected to in memory."""

    def __init__(
        self,
        api: Api,
        kubelet: Kubelet,
        faults: EdgeFaults,
        release: Release | None = None,
        admin: Callable[[web.BaseRequest], web.Response] | None = None,
    ) -> None:
        """`admin` answers what is not part of Kubernetes, under /chaos; no fault touches that."""
        self._api = api
        self._kubelet = kubelet
        self._faults = faults
        self._release = release or Release()
        self._admin = admin
        self._encoded = Encoded()
        self._verbs: Mapping[str, Handler] = {
            "GET": self._read,
            "POST": self._create,
            "PUT": self._update,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }

    def server(self) -> web.Server:
        """A server for any number of connections."""
        return web.Server(self._handle, access_log=None)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if self._admin is not None and request.path.startswith("/chaos/"):
                return self._admin(request)
            if (latency := self._faults.latency()) > 0:
                await anyio.sleep(latency)
            self._faults.refuse()
            answer = negotiation.answered(request, await self._route(request))
            if request.method != "GET" and self._faults.loses_answer():
                raise ApiError(500, "InternalError", "Internal error occurred: etcdserver: request timed out")
            return answer
        except ApiError as error:
            return failure(error)
        except ConnectionError:
            # The client left in the middle of its request: nobody reads this.
            return failure(bad_request("the client is gone"))
        except web.HTTPException:
            raise
        except Exception as error:
            log.exception("embedded.internal-error", path=request.path)
            return failure(ApiError(500, "InternalError", f"Internal error occurred: {type(error).__name__}: {error}"))

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        found = target(request.path)
        if found is None:
            return describing.answer(request) or discovery.answer(request.path, self._release)
        verb = self._verbs.get(request.method)
        if verb is None:
            message = "the server does not allow this method on the requested resource"
            raise ApiError(405, "MethodNotAllowed", message)
        return await verb(request, found)

    async def _read(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        if what.subresource == "exec":
            return await commands.answer(request, self._kubelet, what.namespace, what.name)
        if what.subresource == "log":
            return self._log(request, what)
        if what.name:
            item = self._api.get(what.resource.name, what.namespace, what.name, subresource=what.subresource)
            return document(item) if what.subresource == "scale" else raw(self._encoded.of(item))
        if _flag(request, "watch"):
            return await stream(request, self._api, _wanted(request, what), self._encoded, self._faults)
        return self._list(request, what)

    def _list(self, request: web.BaseRequest, what: Target) -> web.Response:
        listing = self._api.list(what.resource.name, what.namespace)
        selects = _selection(request, what)
        items = [item for item in listing.items if selects is None or selects(item)]
        offset, rv = _continued(request, listing.rv)
        limit = _number(request, "limit")
        page = items[offset : offset + limit] if limit else items[offset:]
        meta: Json = {"resourceVersion": str(rv)}
        left = len(items) - offset - len(page)
        if left > 0:
            meta.update({"continue": f"{rv}.{offset + len(page)}", "remainingItemCount": left})
        head = msgspec.json.encode(
            {"kind": f"{what.resource.kind}List", "apiVersion": what.resource.api_version, "metadata": meta}
        )
        body = b",".join(self._encoded.of(item) for item in page)
        return raw(head[:-1] + b',"items":[' + body + b"]}")

    def _log(self, request: web.BaseRequest, what: Target) -> web.Response:
        text = self._kubelet.logs(
            what.namespace, what.name, request.query.get("container", ""), previous=_flag(request, "previous")
        )
        return web.Response(body=text, content_type="text/plain")

    async def _create(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        if what.subresource == "exec":
            raise ApiError(400, "BadRequest", "commands are served over WebSockets only")
        if bool(what.name) != bool(what.subresource):
            raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        body, warnings = fieldvalidation.check(request, what, await object_of(request))
        return _warning(
            warnings,
            self._verbs_for(request).create(
                what.resource.name,
                what.namespace,
                body,
                user=USER,
                subresource=what.subresource,
                name=what.name,
                manager=options.manager(request),
            ),
            201,
        )

    async def _update(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        body, warnings = fieldvalidation.check(request, what, await object_of(request))
        return _warning(
            warnings,
            self._verbs_for(request).update(
                what.resource.name,
                what.namespace,
                _one(what),
                body,
                user=USER,
                subresource=what.subresource,
                manager=options.manager(request),
            ),
        )

    async def _patch(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        kind = PATCHES.get(request.content_type)
        if kind is None:
            raise ApiError(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                + ", ".join(sorted(PATCHES)),
            )
        body, warnings = fieldvalidation.check_patch(request, what, await body_of(request), kind)
        force, manager = options.apply(request, kind)
        status = 201 if kind == "apply" and not self._exists(what) else 200
        return _warning(
            warnings,
            self._verbs_for(request).patch(
                what.resource.name,
                what.namespace,
                _one(what),
                body,
                kind,
                user=USER,
                subresource=what.subresource,
                manager=manager,
                force=force,
            ),
            status,
        )

    async def _delete(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        told = await object_of(request) if request.can_read_body else {}
        if what.name:
            return document(self._delete_one(request, what, what.name, told))
        if what.resource.name == "namespaces":
            raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        # A collection goes one by one; the answer has what there was.
        answer = self._list(request, what)
        selects = _selection(request, what)
        for item in self._api.list(what.resource.name, what.namespace).items:
            if selects is None or selects(item):
                meta = item["metadata"]
                self._delete_one(request, what._replace(namespace=meta.get("namespace", "")), meta["name"], told)
        return answer

    def _delete_one(self, request: web.BaseRequest, what: Target, name: str, told: Json) -> Json:
        conditions = told.get("preconditions") or {}
        grace = request.query.get("gracePeriodSeconds")
        return self._verbs_for(request, told.get("dryRun")).delete(
            what.resource.name,
            what.namespace,
            name,
            user=USER,
            uid=conditions.get("uid"),
            rv=conditions.get("resourceVersion"),
            grace_s=int(grace) if grace is not None else told.get("gracePeriodSeconds"),
            propagation=_propagation(told.get("propagationPolicy") or request.query.get("propagationPolicy")),
        )

    def _verbs_for(self, request: web.BaseRequest, dry_run: Any = None) -> Api:
        return self._api.rehearsal() if options.is_dry_run(request, dry_run) else self._api

    def _exists(self, what: Target) -> bool:
        try:
            self._api.get(what.resource.name, what.namespace, what.name)
        except ApiError:
            return False
        return True


def _warning(warnings: Sequence[str], item: Json, status: int = 200) -> web.Response:
    """An object as an answer, with what was disregarded of the request."""
    answer = document(item, status)
    for each in warnings:
        answer.headers.add("Warning", f"299 - {fieldvalidation.quoted(each)}")
    return answer


def _one(what: Target) -> str:
    if not what.name:
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    return what.name


def _propagation(text: Any) -> Propagation | None:
    if text not in (None, *get_args(Propagation)):
        raise bad_request(f'invalid propagationPolicy "{text}"')
    policy: Propagation | None = text
    return policy


def _flag(request: web.BaseRequest, name: str) -> bool:
    return request.query.get(name, "").lower() in ("true", "1")


def _number(request: web.BaseRequest, name: str) -> int:
    text = request.query.get(name, "") or "0"
    if not text.isdigit():
        raise bad_request(f'invalid value "{text}" of {name}')
    return int(text)


def _continued(request: web.BaseRequest, rv: int) -> tuple[int, int]:
    """Where a page begins, and the version of the first page."""
    token = request.query.get("continue", "")
    if not token:
        return 0, rv
    first, _, offset = token.partition(".")
    if not (first.isdigit() and offset.isdigit()):
        raise bad_request("continue key is not valid")
    if int(first) != rv:
        # Kubernetes gives the rest of the old list, or says that it cannot: there are no old lists here.
        raise ApiError(410, "Expired", "The provided continue parameter is too old")
    return int(offset), rv


def _selection(request: web.BaseRequest, what: Target) -> Matches | None:
    query = request.query
    tests = [
        test
        for test in (
            label_selector(query.get("labelSelector", "")),
            field_selector(what.resource.name, query.get("fieldSelector", "")),
        )
        if test is not None
    ]
    if len(tests) == 2:
        return lambda item: tests[0](item) and tests[1](item)
    return tests[0] if tests else None


def _wanted(request: web.BaseRequest, what: Target) -> Wanted:
    return Wanted(
        resource=what.resource.name,
        kind=what.resource.kind,
        api_version=what.resource.api_version,
        namespace=what.namespace,
        selects=_selection(request, what),
        since=_number(request, "resourceVersion"),
        bookmarks=_flag(request, "allowWatchBookmarks"),
        timeout_s=_number(request, "timeoutSeconds") or TIMEOUT_S,
        initial=_flag(request, "sendInitialEvents") or not _number(request, "resourceVersion"),
    )
