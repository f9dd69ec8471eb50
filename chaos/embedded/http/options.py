"""What a write is told in its URL and headers: the manager, force, whether it is only tried. Pure."""

from typing import Any

from aiohttp import web

from chaos.embedded.interface import ApiError, PatchType

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
            raise _wrong("force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch")
        return False, manager(request)
    if not request.query.get("fieldManager"):
        raise _wrong("fieldManager", "FieldValueRequired", "Required value: is required for apply patch")
    return force, manager(request)


def is_dry_run(request: web.BaseRequest, in_body: Any = None) -> bool:
    """Whether nothing may be kept of a write.

    Raises:
        ApiError: 422, it is told in a way that is not known.
    """
    told = [*request.query.getall("dryRun", []), *(in_body or ())]
    for each in told:
        if each != "All":
            supported = 'supported values: "All"'
            raise _wrong("dryRun", "FieldValueNotSupported", f'Unsupported value: "{each}": {supported}')
    return bool(told)


def _valid_manager(name: str) -> str:
    if len(name) > LONGEST_MANAGER:
        told = f"Too long: may not be more than {LONGEST_MANAGER} bytes"
        raise _wrong("fieldManager", "FieldValueTooLong", told)
    if not name.isprintable():
        raise _wrong(
            "fieldManager", "FieldValueInvalid", f'Invalid value: "{name}": should only contain printable characters'
        )
    return name


def _wrong(field: str, reason: str, message: str) -> ApiError:
    details = {
        "group": "meta.k8s.io",
        "kind": "PatchOptions",
        "causes": [{"reason": reason, "message": message, "field": field}],
    }
    return ApiError(422, "Invalid", f'PatchOptions.meta.k8s.io "" is invalid: {field}: {message}', details)
