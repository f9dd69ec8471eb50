"""A container's log as a client asks for it: its end, since when, with times, up to a size, and as it grows.

Facts: k8s.io/kubernetes 1.37.2 pkg/apis/core/validation (ValidatePodLogOptions), pkg/kubelet/server; k8s.io/cri-client 0.37.2
pkg/logs; and a real 1.37.2's answers.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import anyio
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.interface import ApiError, ContainerLog

LOOK_S = 15.0
"""How often it is looked whether the client of a log that does not grow is still there."""

Piece = tuple[datetime.datetime, bytes]


class Options(NamedTuple):
    """What is wanted of a log. `since` is the time of the first line that counts."""

    tail: int | None
    limit: int | None
    since: datetime.datetime | None
    timestamps: bool
    follow: bool


def options(request: web.BaseRequest, pod: str, now: datetime.datetime) -> Options:
    """The options of a request for the log of a container of `pod`.

    Raises:
        ApiError: 400 one cannot be read, 422 one makes no sense.
    """
    tail, limit = _number(request, "tailLines"), _number(request, "limitBytes")
    seconds, since = _number(request, "sinceSeconds"), _time(request, "sinceTime")
    wrong = []
    if tail is not None and tail < 0:
        wrong.append(("tailLines", "FieldValueInvalid", f"Invalid value: {tail}: must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        wrong.append(("limitBytes", "FieldValueInvalid", f"Invalid value: {limit}: must be greater than 0"))
    if seconds is not None and since is not None:
        told = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        wrong.append(("[]", "FieldValueForbidden", told))
    elif seconds is not None and seconds < 1:
        wrong.append(("sinceSeconds", "FieldValueInvalid", f"Invalid value: {seconds}: must be greater than 0"))
    if "stream" in request.query:
        wrong.append(("stream", "FieldValueForbidden", "Forbidden: may not be specified"))
    if wrong:
        raise _refused(pod, wrong)
    if seconds is not None:
        since = now - datetime.timedelta(seconds=min(seconds, 10**9))
    return Options(tail, limit, since, flag(request, "timestamps"), flag(request, "follow"))


def flag(request: web.BaseRequest, name: str) -> bool:
    """An option that is on unless it is said not to be (k8s.io/apimachinery 0.37 pkg/runtime/conversion.go)."""
    return request.query.get(name, "false").lower() not in ("", "false", "0")


def shown(pieces: Iterable[Piece], wanted: Options) -> bytes:
    """What is shown of what was written, `limit` apart."""
    lines = list(_lines(pieces))
    if wanted.tail is not None:
        lines = lines[len(lines) - wanted.tail :] if wanted.tail < len(lines) else lines
    kept = [each for each in lines if wanted.since is None or each[0] >= wanted.since]
    return b"".join(_stamped(*each) if wanted.timestamps else each[1] for each in kept)


async def answer(request: web.BaseRequest, log: ContainerLog | None, wanted: Options) -> web.StreamResponse:
    """A log, to its present end or, followed, to its end; nothing of a container that was never there."""
    text = shown(log.pieces if log else (), wanted)[: wanted.limit]
    if log is None or not wanted.follow:
        return web.Response(body=text, content_type="text/plain")
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    rest, seen = wanted._replace(tail=None), len(log.pieces)
    left = wanted.limit
    while True:
        if text:
            await response.write(text)
        left = None if left is None else left - len(text)
        if left == 0 or (log.is_over and seen == len(log.pieces)):
            return response
        if seen == len(log.pieces):
            with anyio.move_on_after(LOOK_S):
                await log.changed()
        if request.transport is None or request.transport.is_closing():
            return response
        text, seen = shown(log.pieces[seen:], rest)[:left], len(log.pieces)


def _lines(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """What was written, line by line, each with when it was begun; the last one may have no end."""
    begun, rest = None, b""
    for at, data in pieces:
        *whole, last = data.split(b"\n")
        for each in whole:
            yield begun or at, rest + each + b"\n"
            begun, rest = None, b""
        if last:
            begun, rest = begun or at, rest + last
    if begun is not None:
        yield begun, rest


def _stamped(at: datetime.datetime, line: bytes) -> bytes:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z ").encode() + line


def _number(request: web.BaseRequest, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _time(request: web.BaseRequest, name: str) -> datetime.datetime | None:
    text = request.query.get(name)
    if not text:
        return None
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        form = "2006-01-02T15:04:05Z07:00"
        raise bad_request(f'parsing time "{text}" as "{form}": cannot parse "{text}" as "2006"')
    return found


def _refused(pod: str, wrong: list[tuple[str, str, str]]) -> ApiError:
    """422, as of any other object."""
    told = [f"{field}: {message}" for field, _, message in wrong]
    causes = [{"reason": reason, "message": message, "field": field} for field, reason, message in wrong]
    message = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details = {"name": pod, "kind": "PodLogOptions", "causes": causes}
    return ApiError(422, "Invalid", f'PodLogOptions "{pod}" is invalid: {message}', details)
