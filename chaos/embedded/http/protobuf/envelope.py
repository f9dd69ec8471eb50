"""Whole objects, lists and watch events: what stands around the messages.

Facts: k8s.io/apimachinery 0.37.2 pkg/runtime/serializer/protobuf (the four bytes before an Unknown), pkg/runtime
generated.proto (Unknown), pkg/apis/meta/v1 generated.proto (WatchEvent), pkg/util/framer (lengths of frames).
"""

import struct
from typing import Any

from chaos.embedded.api.schema import Message, described, messages
from chaos.embedded.http.protobuf.codec import decode, encode
from chaos.embedded.http.protobuf.wire import Malformed, block, records
from chaos.embedded.interface import Json

PROTOBUF = "application/vnd.kubernetes.protobuf"
WATCH = f"{PROTOBUF};stream=watch"

_MAGIC = b"k8s\x00"
_LENGTH = struct.Struct(">I")
_ANYWHERE = {"Status": "meta.v1.Status", "DeleteOptions": "meta.v1.DeleteOptions"}
"""Kinds of every group."""


def encoded(item: Json) -> bytes | None:
    """An object or a list of a served kind; None for any other kind.

    Raises:
        Malformed: a value does not fit its field.
    """
    kind, version = str(item.get("kind", "")), str(item.get("apiVersion", ""))
    body = _list_body(kind, version, item) if "items" in item else _body(kind, version, item)
    if body is None:
        return None
    meta = block(1, version.encode()) + block(2, kind.encode())
    return _MAGIC + block(1, meta) + block(2, body) + block(3, b"") + block(4, b"")


def decoded(data: bytes) -> Json:
    """The object in a request's body.

    Raises:
        Malformed: it is no object of a served kind.
    """
    if not data.startswith(_MAGIC):
        raise Malformed("the body does not begin with the bytes of Kubernetes' protobuf")
    outer = {each.number: each.value for each in records(data[len(_MAGIC) :])}
    meta = {each.number: each.value for each in records(_bytes(outer.get(1, b"")))}
    version, kind = (_bytes(meta.get(number, b"")).decode() for number in (1, 2))
    message = _message(kind, version)
    if message is None:
        raise Malformed(f'no kind "{kind}" is registered for version "{version}"')
    return {"kind": kind, "apiVersion": version, **decode(message, _bytes(outer.get(2, b"")))}


def frame(event: str, item: Json) -> bytes:
    """One event of a watch, after its length.

    Raises:
        Malformed: the object is of no served kind.
    """
    body = encoded(item)
    if body is None:
        raise Malformed(f"{item.get('kind')} has no protobuf")
    content = block(1, event.encode()) + block(2, block(1, body))
    return _LENGTH.pack(len(content)) + content


def _message(kind: str, version: str) -> Message | None:
    if kind in _ANYWHERE:
        return messages()[_ANYWHERE[kind]]
    try:
        return described(kind, version)
    except KeyError:
        return None


def _body(kind: str, version: str, item: Json) -> bytes | None:
    message = _message(kind, version)
    return encode(message, item) if message else None


def _list_body(kind: str, version: str, item: Json) -> bytes | None:
    message = _message(kind.removesuffix("List"), version)
    if message is None:
        return None
    meta = encode(messages()["meta.v1.ListMeta"], item.get("metadata") or {})
    return block(1, meta) + b"".join(block(2, encode(message, each)) for each in item["items"] or ())


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("a number stands where a message was expected")
    return value
