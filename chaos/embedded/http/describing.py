"""Answers to requests for OpenAPI documents."""

import hashlib
from functools import cache

import msgspec
from aiohttp import web

from chaos.embedded.api import openapi
from chaos.embedded.http.answers import raw
from chaos.embedded.interface import ApiError

_encode = msgspec.json.Encoder().encode


def answer(request: web.BaseRequest) -> web.Response | None:
    """The document that a path names; None if it names none.

    Raises:
        ApiError: 404 there is no such group, 406 version 2 is asked for in protobuf only.
    """
    path = request.path.strip("/")
    if path == "openapi/v2":
        return _version_2(request.headers.get("Accept", ""))
    if path == "openapi/v3":
        return raw(_index())
    if not path.startswith("openapi/v3/"):
        return None
    group = path.removeprefix("openapi/v3/")
    if group not in openapi.groups():
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    return raw(_version_3(group))


def _version_2(accepted: str) -> web.Response:
    kinds = [each.split(";")[0].strip() for each in accepted.split(",") if each.strip()]
    if kinds and not any(each in ("application/json", "application/*", "*/*") for each in kinds):
        raise ApiError(406, "NotAcceptable", "only the following media types are accepted: application/json")
    return raw(_whole())


@cache
def _index() -> bytes:
    places = {
        group: {"serverRelativeURL": f"/openapi/v3/{group}?hash={hashlib.sha256(_version_3(group)).hexdigest()}"}
        for group in openapi.groups()
    }
    return _encode({"paths": places})


@cache
def _version_3(group: str) -> bytes:
    return _encode(openapi.version_3(group))


@cache
def _whole() -> bytes:
    return _encode(openapi.version_2())
