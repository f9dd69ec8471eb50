"""An OpenAPI 2 document in protobuf, which kubectl up to 1.28 asks for and takes nothing else.

Covers what the documents of this server hold. Facts: field numbers of github.com/google/gnostic-models 0.7.0
openapiv2/OpenAPIv2.proto.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from chaos.embedded.http.protobuf.wire import block, integer
from chaos.embedded.interface import Json

ASKED_OPENAPI_2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
OPENAPI_2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""As clients ask for it, and as it is answered: Go refuses a media type with an @ in it."""

_VERBS = (("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8))

_encode = msgspec.json.Encoder().encode


def openapi_2(document: Json) -> bytes:
    """The document as its message."""
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    paths = _named(2, document["paths"], _path)
    return (
        _text(1, document["swagger"])
        + block(2, info)
        + block(8, paths)
        + block(9, _named(1, document["definitions"], _schema))
    )


def _path(item: Json) -> bytes:
    return b"".join(block(number, _operation(item[verb])) for verb, number in _VERBS if verb in item)


def _operation(given: Json) -> bytes:
    parameters = b"".join(block(8, block(1, block(2, block(3, _query(each))))) for each in given["parameters"])
    return (
        _texts(6, given["produces"])
        + _texts(7, given["consumes"])
        + parameters
        + block(9, _named(1, given["responses"], _response))
        + _extensions(13, given)
    )


def _query(given: Json) -> bytes:
    return _text(2, given["in"]) + _text(4, given["name"]) + _text(6, given["type"]) + integer(20, given["uniqueItems"])


def _response(given: Json) -> bytes:
    schema = block(2, block(1, _schema(given["schema"])))
    return block(1, _text(1, given["description"]) + schema)


def _schema(given: Json) -> bytes:
    done = b"".join(_text(number, given[name]) for name, number in (("$ref", 1), ("format", 2)) if name in given)
    done += _texts(19, given.get("required", ()))
    if "additionalProperties" in given:
        done += block(21, block(1, _schema(given["additionalProperties"])))
    if "type" in given:
        done += block(22, _text(1, given["type"]))
    if "items" in given:
        done += block(23, block(1, _schema(given["items"])))
    if "properties" in given:
        done += block(25, _named(1, given["properties"], _schema))
    return done + _extensions(31, given)


def _extensions(number: int, given: Json) -> bytes:
    """Extensions hold their value as YAML, of which JSON is a part."""
    found = {name: each for name, each in given.items() if name.startswith("x-")}
    return _named(number, found, lambda value: block(2, _encode(value)))


def _named(number: int, values: Mapping[str, Any], written: Callable[[Any], bytes]) -> bytes:
    pairs = (_text(1, name) + block(2, written(value)) for name, value in values.items())
    return b"".join(block(number, pair) for pair in pairs)


def _text(number: int, value: str) -> bytes:
    return block(number, value.encode())


def _texts(number: int, values: Iterable[str]) -> bytes:
    return b"".join(_text(number, each) for each in values)
