"""Bodies of requests as plain values: JSON, and YAML or protobuf where it is said to be that."""

from typing import Any

import msgspec
import yaml
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.http import protobuf
from chaos.embedded.interface import ApiError, Json

LIMIT = 3 * 2**20
"""Bytes of a request's body (k8s.io/apiserver MaxRequestBodyBytes)."""

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
    if request.content_type == protobuf.PROTOBUF:
        return _of_protobuf(bytes(data))
    try:
        return _decode(data)
    except msgspec.DecodeError as error:
        if "patch+json" in request.content_type:
            raise bad_request("invalid JSON patch") from error
        if request.content_type.endswith("yaml"):
            return _of_yaml(bytes(data))
        raise bad_request(f"error decoding the body of the request: {error}") from error


async def object_of(request: web.BaseRequest) -> Json:
    """The decoded body, which must be an object.

    Raises:
        ApiError: 400, also as `body_of` does.
    """
    body = await body_of(request)
    if not isinstance(body, dict) or not isinstance(body.get("metadata", {}), dict):
        raise bad_request("the body of the request is not an object")
    return body


def _of_protobuf(data: bytes) -> Json:
    try:
        return protobuf.decoded(data)
    except protobuf.Malformed as error:
        raise bad_request(f"error decoding protobuf: {error}") from error


def _of_yaml(data: bytes) -> Any:
    try:
        return yaml.load(data, _Loader)
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
