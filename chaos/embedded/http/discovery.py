"""What the server says of itself: version, health, groups and resources, feature gates."""

from aiohttp import web

from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.http.answers import document
from chaos.embedded.interface import ApiError, Json

VERSION = "1.37.2"

VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]

GATES = (
    ("MaxUnavailableStatefulSet", "BETA", 1),
    ("StaleControllerConsistencyStatefulSet", "BETA", 1),
    ("StatefulSetRecreateStrategy", "ALPHA", 0),
    ("StatefulSetSemanticRevisionComparison", "BETA", 1),
)
"""As a real 1.37.2 reports them."""


def answer(path: str) -> web.Response:
    """The answer to a path that names no resource.

    Raises:
        ApiError: 404.
    """
    match path.strip("/").split("/"):
        case ["version"]:
            major, minor, _ = VERSION.split(".")
            return document({"major": major, "minor": minor, "gitVersion": f"v{VERSION}", "platform": "linux/amd64"})
        case ["healthz" | "livez" | "readyz"]:
            return web.Response(text="ok")
        case ["metrics"]:
            return web.Response(text=_metrics())
        case ["api"]:
            return document({"kind": "APIVersions", "versions": ["v1"]})
        case ["apis"]:
            groups = [_group(group) for group in _groups()]
            return document({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        case ["api", "v1"]:
            return document(_resources("v1"))
        case ["apis", group] if group in _groups():
            return document({"kind": "APIGroup", "apiVersion": "v1", **_group(group)})
        case ["apis", group, "v1"] if group in _groups():
            return document(_resources(f"{group}/v1"))
    raise ApiError(404, "NotFound", "the server could not find the requested resource")


def _groups() -> list[str]:
    return sorted({each.group for each in RESOURCES.values() if each.group})


def _group(name: str) -> Json:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resources(api_version: str) -> Json:
    found: list[Json] = []
    for each in RESOURCES.values():
        if each.api_version == api_version:
            found += [_resource(each), *(_subresource(each, name) for name in each.subresources)]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": found}


def _resource(each: Resource) -> Json:
    row: Json = {
        "name": each.name,
        "singularName": each.singular,
        "namespaced": each.namespaced,
        "kind": each.kind,
        "verbs": VERBS,
    }
    if each.short:
        row["shortNames"] = list(each.short)
    if each.categories:
        row["categories"] = list(each.categories)
    return row


_KINDS = {"scale": ("autoscaling", "v1", "Scale"), "eviction": ("policy", "v1", "Eviction")}


def _subresource(each: Resource, name: str) -> Json:
    row: Json = {"name": f"{each.name}/{name}", "singularName": "", "namespaced": each.namespaced, "kind": each.kind}
    if name in _KINDS:
        group, version, kind = _KINDS[name]
        row.update(group=group, version=version, kind=kind)
    return {**row, "verbs": ["create"] if name in ("eviction", "binding") else ["get", "patch", "update"]}


def _metrics() -> str:
    rows = [f'kubernetes_feature_enabled{{name="{name}",stage="{stage}"}} {value}' for name, stage, value in GATES]
    return "\n".join(["# TYPE kubernetes_feature_enabled gauge", *rows, ""])
