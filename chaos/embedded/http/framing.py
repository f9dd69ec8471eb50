"""One event of a watch as bytes: a line of JSON, or a frame of protobuf."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from aiohttp import web

from chaos.embedded.http import protobuf
from chaos.embedded.http.answers import JSON, Encoded, status_object
from chaos.embedded.http.negotiation import prefers_protobuf
from chaos.embedded.interface import ApiError, Json

_encode = msgspec.json.Encoder().encode


class Framing(NamedTuple):
    """`stored` takes an event's type and an object of the store, `other` one that is in no store: a bookmark, a Status."""

    content_type: str
    stored: Callable[[str, Json], bytes]
    other: Callable[[str, Json], bytes]


def framing(request: web.BaseRequest, encoded: Encoded) -> Framing:
    """How a client wants to be told."""
    if prefers_protobuf(request):
        return Framing(protobuf.WATCH, _frame, _frame)
    return Framing(
        JSON, lambda kind, item: _line(kind, encoded.of(item)), lambda kind, item: _line(kind, _encode(item))
    )


def _frame(kind: str, item: Json) -> bytes:
    try:
        return protobuf.frame(kind, item)
    except protobuf.Malformed as error:
        # Whoever wrote the object sent JSON of a type that its kind does not have.
        told = ApiError(500, "InternalError", f"unable to encode watch object: {error}")
        return protobuf.frame("ERROR", status_object(told))


def _line(kind: str, item: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), item)
