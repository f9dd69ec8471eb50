"""The refusals that clients tell apart, worded as Kubernetes words them."""

from collections.abc import Sequence
from typing import NamedTuple

from chaos.embedded.api.resources import Resource
from chaos.embedded.interface import ApiError, Json


class Cause(NamedTuple):
    """One field that is wrong: `reason` as in StatusCause, such as FieldValueInvalid."""

    field: str
    reason: str
    message: str


def not_found(resource: Resource, name: str) -> ApiError:
    """404: there is no object of this name."""
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def exists(resource: Resource, name: str) -> ApiError:
    """409 AlreadyExists."""
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _details(resource, name))


def conflict(resource: Resource, name: str, why: str) -> ApiError:
    """409 Conflict: a precondition failed."""
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(resource, name))


def expect(resource: Resource, meta: Json, told: str, wanted: str | None, present: str) -> None:
    """Compare a precondition, if there is one, with the object that `meta` describes.

    Raises:
        ApiError: 409 Conflict, in the words of the storage (k8s.io/apiserver 0.37.2 pkg/storage/errors.go).
    """
    if wanted and wanted != present:
        group = f"{resource.group}/" if resource.group else ""
        key = "/".join(each for each in (resource.name, meta.get("namespace", ""), meta["name"]) if each)
        why = (
            f"StorageError: invalid object, Code: 4, Key: /registry/{group}{key}, ResourceVersion: 0, AdditionalErrorMsg: "
            f"Precondition failed: {told} in precondition: {wanted}, {told} in object meta: {present}"
        )
        raise conflict(resource, meta["name"], why)


def immutable(field: str, value: str) -> Cause:
    """A field that an update may not change."""
    return Cause(field, "FieldValueInvalid", f'Invalid value: "{value}": field is immutable')


def modified(resource: Resource, name: str) -> ApiError:
    """409 Conflict: the writer had read an older version."""
    return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
    )


def forbidden(resource: Resource, name: str, why: str, causes: Sequence[Cause] = ()) -> ApiError:
    """403: admission refused."""
    named = f'{resource.qualified} "{name}"' if name else resource.qualified
    return ApiError(403, "Forbidden", f"{named} is forbidden: {why}", _details(resource, name, causes))


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """422: fields are wrong, all of them named."""
    told = [f"{cause.field}: {cause.message}" for cause in causes]
    message = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details = {**_details(resource, name, causes), "kind": resource.kind}
    return ApiError(422, "Invalid", f'{resource.qualified_kind} "{name}" is invalid: {message}', details)


def bad_request(message: str) -> ApiError:
    """400: the request makes no sense."""
    return ApiError(400, "BadRequest", message)


def expired(rv: int, oldest: int) -> ApiError:
    """410: the version asked for was compacted."""
    return ApiError(410, "Expired", f"too old resource version: {rv} ({oldest})")


def _details(resource: Resource, name: str, causes: Sequence[Cause] = ()) -> Json:
    details: Json = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.name
    if causes:
        details["causes"] = [
            {"reason": cause.reason, "message": cause.message, **({"field": cause.field} if cause.field else {})}
            for cause in causes
        ]
    return details
