"""Unknown fields in the bodies of writes: refused or told, as the request asks.

A request that does not ask is not looked at, where Kubernetes warns: nobody reads the warnings of a run in virtual time.
Source: k8s.io/apiserver 0.37.2 pkg/endpoints/handlers (rest.go transformDecodeError, patch.go applyPatchToObject).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.schema import Message, message_of, messages
from chaos.embedded.api.strictness import known, unknown_fields
from chaos.embedded.http.paths import Target
from chaos.embedded.interface import ApiError, Json, PatchType

_SUBRESOURCES = {"scale": "autoscaling.v1.Scale", "binding": "core.v1.Binding", "eviction": "policy.v1.Eviction"}

_encode = msgspec.json.Encoder().encode


class Checked(NamedTuple):
    """What is taken of a body, and what the client is to be warned of."""

    body: Any
    warnings: Sequence[str] = ()


def check(request: web.BaseRequest, what: Target, body: Json) -> Checked:
    """An object that a client sent, without its unknown fields where it asked for warnings.

    Raises:
        ApiError: 400, the object has an unknown field and the request is strict.
    """
    unknown = _unknown(request, what, body)
    if unknown and _directive(request) == "Strict":
        message = _message(what)
        version = message.api_version.rpartition("/")[2]
        kind = body.get("kind", message.kind)
        told = f'{kind} in version "{version}" cannot be handled as a {message.kind}'
        raise bad_request(f"{told}: strict decoding error: {', '.join(unknown)}")
    return Checked(known(_message(what), body) if unknown else body, unknown)


def check_patch(request: web.BaseRequest, what: Target, body: Any, kind: PatchType) -> Checked:
    """The same of a patch; a JSON patch is not looked at, an apply has no unknown fields in any case.

    Raises:
        ApiError: 422, as above.
    """
    if kind in ("json", "apply"):
        return Checked(body)
    unknown = _unknown(request, what, body)
    if unknown and _directive(request) == "Strict":
        told = f"Invalid value: {quoted(_encode(body).decode())}: strict decoding error: {', '.join(unknown)}"
        causes = [{"reason": "FieldValueInvalid", "message": told, "field": "patch"}]
        raise ApiError(422, "Invalid", f' "" is invalid: patch: {told}', {"causes": causes})
    return Checked(known(_message(what), body) if unknown else body, unknown)


def quoted(text: str) -> str:
    """A warning as its header has it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unknown(request: web.BaseRequest, what: Target, body: Any) -> list[str]:
    if _directive(request) in ("", "Ignore"):
        return []
    return [f'unknown field "{path}"' for path in unknown_fields(_message(what), body)]


def _directive(request: web.BaseRequest) -> str:
    told = request.query.get("fieldValidation", "")
    if told not in ("", "Ignore", "Warn", "Strict"):
        supported = 'supported values: "Ignore", "Warn", "Strict"'
        raise ApiError(422, "Invalid", f'fieldValidation: Unsupported value: "{told}": {supported}')
    return told


def _message(what: Target) -> Message:
    name = _SUBRESOURCES.get(what.subresource)
    return messages()[name] if name else message_of(what.resource.name)
