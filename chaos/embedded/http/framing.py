"""One event of a watch as bytes: a line of JSON, of an object or of a view of it, or a frame of protobuf."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from aiohttp import web

from chaos.embedded.http import protobuf
from chaos.embedded.http.answers import JSON, Encoded, status_object
from chaos.embedded.http.negotiation import prefers_protobuf
from chaos.embedded.http.views import View, view
from chaos.embedded.interface import ApiError, Json, Now

_encode = msgspec.json.Encoder().encode


class Framing(NamedTuple):
    """`stored` takes an event's type and an object of the store, `other` one that is in no store: a bookmark, a Status."""

    content_type: str
    stored: Callable[[str, Json], bytes]
    other: Callable[[str, Json], bytes]


def framing(request: web.BaseRequest, encoded: Encoded, now: Now) -> Framing:
    """How a client wants to be told.

    Raises:
        ApiError: 406, as `view` does.
    """
    wanted = view(request)
    if wanted is not None:
        shown = _Shown(wanted, now)
        return Framing(JSON, shown.line, shown.line)
    if prefers_protobuf(request):
        return Framing(protobuf.WATCH, _frame, _frame)
    return Framing(
        JSON, lambda kind, item: _line(kind, encoded.of(item)), lambda kind, item: _line(kind, _encode(item))
    )


class _Shown:
    """Events with views of their objects: only the first table has headers."""

    def __init__(self, wanted: View, now: Now) -> None:
        self._wanted = wanted
        self._now = now

    def line(self, kind: str, item: Json) -> bytes:
        """One event."""
        shown = self._wanted.of(item, self._now())
        self._wanted = self._wanted._replace(headers=False)
        return _line(kind, _encode(shown))


def _frame(kind: str, item: Json) -> bytes:
    try:
        return protobuf.frame(kind, item)
    except protobuf.Malformed as error:
        # Whoever wrote the object sent JSON of a type that its kind does not have.
        told = ApiError(500, "InternalError", f"unable to encode watch object: {error}")
        return protobuf.frame("ERROR", status_object(told))


def _line(kind: str, item: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), item)
