"""Answers to requests for OpenAPI documents."""

import hashlib
from functools import cache

import msgspec
from aiohttp import web

from chaos.embedded.api import openapi
from chaos.embedded.http import protobuf
from chaos.embedded.http.answers import raw
from chaos.embedded.interface import ApiError

_encode = msgspec.json.Encoder().encode


def answer(request: web.BaseRequest) -> web.Response | None:
    """The document that a path names; None if it names none.

    Raises:
        ApiError: 404 there is no such group, 406 version 2 is asked for in neither JSON nor protobuf.
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
    for each in accepted.split(","):
        kind = each.split(";")[0].strip()
        if kind in (protobuf.ASKED_OPENAPI_2, protobuf.OPENAPI_2):
            return web.Response(body=_whole_in_protobuf(), headers={"Content-Type": protobuf.OPENAPI_2})
        if kind in ("", "application/json", "application/*", "*/*"):
            return raw(_whole())
    raise ApiError(406, "NotAcceptable", f"only these media types are accepted: application/json, {protobuf.OPENAPI_2}")


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


@cache
def _whole_in_protobuf() -> bytes:
    return protobuf.openapi_2(openapi.version_2())
