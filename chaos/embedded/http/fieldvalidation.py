"""What the bodies of writes are made of: values of a wrong type are refused, unknown fields refused or told, as is asked.

A request that does not ask for unknown fields is not looked at for them, where Kubernetes warns: nobody reads the warnings of
a run in virtual time.
Source: k8s.io/apiserver 0.37.2 pkg/endpoints/handlers (rest.go transformDecodeError, patch.go applyPatchToObject).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.mistyped import mistake, mistake_at
from chaos.embedded.api.nulls import without_nulls
from chaos.embedded.api.patches import kind_of
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
        ApiError: 400, the object is of another kind, has a value of a wrong type, or has an unknown field and the request is
            strict.
    """
    wrong = _other_kind(what, body) or mistake(_message(what), body)
    if wrong:
        raise bad_request(f"{_cannot(what, body)}: {wrong}")
    body = without_nulls(_message(what), body)
    unknown = _unknown(request, what, body)
    if unknown and _directive(request) == "Strict":
        raise bad_request(f"{_cannot(what, body)}: strict decoding error: {', '.join(unknown)}")
    return Checked(known(_message(what), body) if unknown else body, unknown)


def check_patch(request: web.BaseRequest, what: Target, body: Any, kind: PatchType) -> Checked:
    """The same of a patch. Unknown fields of a JSON patch are not looked at, an apply has none in any case.

    Raises:
        ApiError: 400, a patch of an object is none; 422, as above.
    """
    if kind != "json" and not isinstance(body, dict):
        go = "map[string]interface {}"
        raise bad_request(f"error decoding patch: json: cannot unmarshal {kind_of(body)} into Go value of type {go}")
    wrong = _mistake_of_operations(what, body) if kind == "json" else mistake(_message(what), body)
    if wrong:
        told = f"Invalid value: {quoted(_encode(body).decode())}: {wrong}"
        causes = [{"reason": "FieldValueInvalid", "message": told, "field": "patch"}]
        raise ApiError(422, "Invalid", f' "" is invalid: patch: {told}', {"causes": causes})
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


def _cannot(what: Target, body: Json) -> str:
    message = _message(what)
    version = str(body.get("apiVersion", message.api_version)).rpartition("/")[2]
    return f'{body.get("kind", message.kind)} in version "{version}" cannot be handled as a {message.kind}'


def _other_kind(what: Target, body: Json) -> str:
    """Why an object is not of the kind that the path serves; empty if it is, or does not say what it is."""
    message = _message(what)
    kind, api_version = body.get("kind", message.kind), str(body.get("apiVersion", message.api_version))
    # An older version of the group is converted.
    if (kind, api_version.rpartition("/")[0]) == (message.kind, message.api_version.rpartition("/")[0]):
        return ""
    group, version = message.name.partition(".")[0], api_version.rpartition("/")[2]
    return f"converting ({version}.{kind}) to ({group}.{message.kind}): unknown conversion"


def _mistake_of_operations(what: Target, body: Any) -> str:
    """What is wrong with the first value that a JSON patch would set."""
    if not isinstance(body, list):
        return ""
    for each in body:
        if isinstance(each, dict) and each.get("value") is not None and isinstance(each.get("path"), str):
            wrong = mistake_at(_message(what), each["path"].split("/")[1:], each["value"])
            if wrong and each.get("op") in ("add", "replace"):
                return wrong
    return ""


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
