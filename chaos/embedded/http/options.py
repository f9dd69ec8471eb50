"""What a request is told in its URL and headers: numbers, the manager, force, whether it is only tried, how to delete. Pure."""

import re
from typing import Any, NamedTuple, get_args

from aiohttp import web

from chaos.embedded.api.errors import bad_request
from chaos.embedded.interface import ApiError, Json, PatchType, Propagation

LONGEST_MANAGER = 128


def manager(request: web.BaseRequest) -> str:
    """The name under which a write owns fields: as told, or the User-Agent up to its version.

    Source: k8s.io/apiserver 0.37.2 pkg/endpoints/handlers/create.go (managerOrUserAgent).
    """
    told = request.query.get("fieldManager", "")
    if told:
        return _valid_manager(told)
    agent = request.headers.get("User-Agent", "").split("/")[0]
    printable = "".join(each for each in agent if each.isprintable())
    return printable.encode()[:LONGEST_MANAGER].decode(errors="ignore")


def apply(request: web.BaseRequest, kind: PatchType) -> tuple[bool, str]:
    """Whether an apply is forced, and its manager.

    Raises:
        ApiError: 422, an apply names no manager, or another patch is forced.
    """
    force = request.query.get("force", "").lower() in ("true", "1")
    if kind != "apply":
        if "force" in request.query:
            raise wrong(
                "PatchOptions", "force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch"
            )
        return False, manager(request)
    if not request.query.get("fieldManager"):
        raise wrong("PatchOptions", "fieldManager", "FieldValueRequired", "Required value: is required for apply patch")
    return force, manager(request)


class Deletion(NamedTuple):
    """How something is to be deleted, as `Api.delete` takes it."""

    uid: str | None
    rv: str | None
    grace_s: int | None
    propagation: Propagation | None


def deletion(request: web.BaseRequest, told: Json) -> Deletion:
    """How to delete, from the DeleteOptions in the body and from the URL, which wins.

    Raises:
        ApiError: 400 it cannot be read, 422 there is no such policy.
    """
    conditions, grace = told.get("preconditions") or {}, told.get("gracePeriodSeconds")
    if not isinstance(conditions, dict) or not (grace is None or (isinstance(grace, int) and grace is not True)):
        raise bad_request("the body of the request is not a DeleteOptions object")
    if "gracePeriodSeconds" in request.query:
        grace = number(request, "gracePeriodSeconds")
    policy: Any = request.query.get("propagationPolicy") or told.get("propagationPolicy")
    if policy not in (None, *get_args(Propagation)):
        why = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        raise wrong("DeleteOptions", "propagationPolicy", "FieldValueNotSupported", why)
    return Deletion(conditions.get("uid"), conditions.get("resourceVersion"), grace, policy)


def number(request: web.BaseRequest, name: str) -> int:
    """A number from 0 on, 0 if there is none.

    Raises:
        ApiError: 400, it is no number.
    """
    text = request.query.get(name, "") or "0"
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return max(int(text), 0)


def version(request: web.BaseRequest) -> int:
    """The resourceVersion that a list or watch begins at, 0 if none is told.

    Raises:
        ApiError: 422, how it is to be matched makes no sense; 500, it is no number (that is what Kubernetes answers).
    """
    told, match = request.query.get("resourceVersion", ""), request.query.get("resourceVersionMatch", "")
    if match not in ("", "Exact", "NotOlderThan"):
        why = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
        raise wrong("ListOptions", "resourceVersionMatch", "FieldValueNotSupported", why)
    if told and not re.fullmatch(r"[0-9]{1,19}", told):
        why = f'strconv.ParseUint: parsing "{told}": invalid syntax'
        raise ApiError(500, "InternalError", f'resourceVersion: Invalid value: "{told}": {why}')
    return int(told or "0")


def is_dry_run(request: web.BaseRequest, in_body: Any = None) -> bool:
    """Whether nothing may be kept of a write.

    Raises:
        ApiError: 422, it is told in a way that is not known.
    """
    told = [*request.query.getall("dryRun", []), *(in_body or ())]
    for each in told:
        if each != "All":
            supported = 'supported values: "All"'
            raise wrong("PatchOptions", "dryRun", "FieldValueNotSupported", f'Unsupported value: "{each}": {supported}')
    return bool(told)


def _valid_manager(name: str) -> str:
    if len(name) > LONGEST_MANAGER:
        told = f"Too long: may not be more than {LONGEST_MANAGER} bytes"
        raise wrong("PatchOptions", "fieldManager", "FieldValueTooLong", told)
    if not name.isprintable():
        raise wrong(
            "PatchOptions",
            "fieldManager",
            "FieldValueInvalid",
            f'Invalid value: "{name}": should only contain printable characters',
        )
    return name


def wrong(options: str, field: str, reason: str, message: str) -> ApiError:
    """422: an option makes no sense; `options` is their kind, such as PatchOptions."""
    causes = [{"reason": reason, "message": message, "field": field}]
    details = {"group": "meta.k8s.io", "kind": options, "causes": causes}
    return ApiError(422, "Invalid", f'{options}.meta.k8s.io "" is invalid: {field}: {message}', details)
