"""Bodies of requests as plain values: JSON, and YAML or protobuf where it is said to be that."""

from typing import Any

import msgspec
import yaml
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.patches import kind_of
from chaos.embedded.http import protobuf
from chaos.embedded.interface import ApiError, Json

LIMIT = 3 * 2**20
"""Bytes of a request's body (k8s.io/apiserver MaxRequestBodyBytes)."""

SHOWN = 1024
"""Bytes of it that an error repeats."""

_UNRECOGNIZED = "the object provided is unrecognized"
_UNKNOWN_FORMAT = "the body of the request was in an unknown format - accepted media types include"
_ACCEPTED = ("application/json", "application/yaml", protobuf.PROTOBUF)
_HEAD = "struct { APIVersion string; Kind string }"

_decode = msgspec.json.Decoder().decode


class _Loader(yaml.SafeLoader):
    """YAML without dates: Kubernetes' times are text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


async def body_of(request: web.BaseRequest) -> Any:
    """The decoded body.

    Raises:
        ApiError: 413 it is too large, 400 it cannot be decoded.
    """
    data = bytearray()
    async for piece in request.content.iter_any():
        data += piece
        if len(data) > LIMIT:
            raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LIMIT}")
    try:
        if request.content_type == protobuf.PROTOBUF:
            return protobuf.decoded(bytes(data))
        return _decode(data)
    except protobuf.Malformed as error:
        raise _unrecognized(data, f"error decoding protobuf: {error}") from error
    except RecursionError as error:
        raise _unrecognized(data, "couldn't get version/kind; json parse error: exceeded max depth") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "patch+json" in request.content_type:
            raise bad_request("invalid JSON patch") from error
        if request.content_type.endswith("yaml"):
            return _of_yaml(bytes(data))
        raise _unrecognized(data, f"couldn't get version/kind; json parse error: {_fault(error)}") from error


async def object_of(request: web.BaseRequest) -> Json:
    """The decoded body, which must be an object.

    Raises:
        ApiError: 415 it is said to be of a kind that is not read here, 400 it is no object, also as `body_of` does.
    """
    told = request.headers.get("Content-Type", "")
    if told and not request.content_type.endswith(("json", "yaml", protobuf.PROTOBUF)):
        raise ApiError(415, "UnsupportedMediaType", f"{_UNKNOWN_FORMAT}: {', '.join(_ACCEPTED)}")
    body = await body_of(request)
    if body is None:
        return {}
    if not isinstance(body, dict):
        wrong = f"json: cannot unmarshal {kind_of(body)} into Go value of type {_HEAD}"
        raise bad_request(f"{_UNRECOGNIZED}: couldn't get version/kind; json parse error: {wrong}")
    if body.get("metadata", body) is None:
        del body["metadata"]
    return body


def _unrecognized(data: bytes | bytearray, why: str) -> ApiError:
    """400: nobody can say what the body is; it is shown, or its bytes are if it is no text."""
    start = bytes(data[:SHOWN])
    shown = start.decode(errors="ignore")
    return bad_request(f"{_UNRECOGNIZED}: {why} ({(shown if shown.isprintable() else start.hex()) or '<empty>'})")


def _fault(error: Exception) -> str:
    return "unexpected end of JSON input" if "truncated" in str(error) else str(error)


def _of_yaml(data: bytes) -> Any:
    try:
        return yaml.load(data, _Loader)
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
