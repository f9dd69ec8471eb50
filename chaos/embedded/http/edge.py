"""From HTTP requests to verbs and back: every error is a Status, never a traceback."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.labels import label_selector
from chaos.embedded.api.selectors import Matches, field_selector
from chaos.embedded.http import commands, describing, discovery, fieldvalidation, logs, negotiation, options, views
from chaos.embedded.http.answers import Encoded, document, failure, raw
from chaos.embedded.http.bodies import body_of, object_of
from chaos.embedded.http.faults import EdgeFaults
from chaos.embedded.http.paths import Target, target
from chaos.embedded.http.watching import TIMEOUT_S, Wanted, stream
from chaos.embedded.interface import Api, ApiError, Json, Kubelet, Now, PatchType
from chaos.embedded.release import Release
from chaos.embedded.waiting import Pause

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
        now: Now,
        release: Release | None = None,
        admin: Callable[[web.BaseRequest], web.Response] | None = None,
    ) -> None:
        """`admin` answers what is not part of Kubernetes, under /chaos; no fault touches that."""
        self._api = api
        self._kubelet = kubelet
        self._faults = faults
        self._now = now
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
                await Pause(latency)
            await self._faults.passed()
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
            raise _not_allowed()
        wanted = views.view(request)
        answer = views.viewed(wanted, await verb(request, found), self._now())
        if found.resource.deprecated and not answer.prepared:
            _warn(answer, [found.resource.deprecated])
        return answer

    async def _read(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        if what.subresource == "exec":
            return await commands.answer(request, self._kubelet, what.namespace, what.name)
        if what.subresource == "log":
            return await self._log(request, what)
        if not what.resource.stored:
            raise _not_allowed()
        if what.name:
            item = self._api.get(what.resource.name, what.namespace, what.name, subresource=what.subresource)
            return document(item) if what.subresource == "scale" else raw(self._encoded.of(item))
        if _flag(request, "watch"):
            return await stream(request, self._api, _wanted(request, what), self._encoded, self._faults, self._now)
        return self._list(request, what)

    def _list(self, request: web.BaseRequest, what: Target) -> web.Response:
        options.version(request)
        selects = _selection(request, what)
        listing = self._api.list(what.resource.name, what.namespace)
        offset, rv = _continued(request, listing.rv)
        listed = listing.items if rv == listing.rv else self._listed_then(what, rv)
        items = [item for item in listed if selects is None or selects(item)]
        limit = options.number(request, "limit")
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

    def _listed_then(self, what: Target, rv: int) -> list[Json]:
        """A collection as it was when its first page was given."""
        items = self._api.list_at(what.resource.name, rv)
        return [item for item in items if what.namespace in ("", item["metadata"].get("namespace"))]

    async def _log(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        wanted = logs.options(request, what.name, self._now())
        log = self._kubelet.logs(
            what.namespace, what.name, request.query.get("container", ""), previous=logs.flag(request, "previous")
        )
        return await logs.answer(request, log, wanted)

    async def _create(self, request: web.BaseRequest, what: Target) -> web.StreamResponse:
        if what.subresource == "exec":
            return await commands.answer(request, self._kubelet, what.namespace, what.name)
        if bool(what.name) != bool(what.subresource):
            raise _not_allowed()
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
        if not (body.get("metadata") or {}).get("name"):
            told = f"the name of the object ({_one(what)} based on URL) was undeterminable: name must be provided"
            raise bad_request(told)
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
            raise ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type")
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
            raise _not_allowed()
        # A collection goes one by one; the answer has what there was.
        answer = self._list(request, what)
        selects = _selection(request, what)
        for item in self._api.list(what.resource.name, what.namespace).items:
            if selects is None or selects(item):
                meta = item["metadata"]
                self._delete_one(request, what._replace(namespace=meta.get("namespace", "")), meta["name"], told)
        return answer

    def _delete_one(self, request: web.BaseRequest, what: Target, name: str, told: Json) -> Json:
        wanted = options.deletion(request, told)
        return self._verbs_for(request, told.get("dryRun")).delete(
            what.resource.name, what.namespace, name, user=USER, **wanted._asdict()
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
    _warn(answer, warnings)
    return answer


def _warn(answer: web.StreamResponse, warnings: Sequence[str]) -> None:
    for each in warnings:
        answer.headers.add("Warning", f"299 - {fieldvalidation.quoted(each)}")


def _not_allowed() -> ApiError:
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def _one(what: Target) -> str:
    if not what.name:
        raise _not_allowed()
    return what.name


def _flag(request: web.BaseRequest, name: str) -> bool:
    return request.query.get(name, "").lower() in ("true", "1")


def _continued(request: web.BaseRequest, rv: int) -> tuple[int, int]:
    """Where a page begins, and the version of the first page."""
    token = request.query.get("continue", "")
    if not token:
        return 0, rv
    first, _, offset = token.partition(".")
    if not (first.isdigit() and offset.isdigit()):
        raise bad_request("continue key is not valid")
    return int(offset), int(first)


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
    bookmarks, initial = _flag(request, "allowWatchBookmarks"), _flag(request, "sendInitialEvents")
    since = options.version(request)
    return Wanted(
        resource=what.resource.name,
        kind=what.resource.kind,
        api_version=what.resource.api_version,
        namespace=what.namespace,
        selects=_selection(request, what),
        since=since,
        bookmarks=bookmarks,
        timeout_s=options.number(request, "timeoutSeconds") or TIMEOUT_S,
        initial=initial or not since,
        marks_initial=initial and bookmarks,
    )
