"""What the server says of itself: version, health, groups and resources, feature gates."""

from aiohttp import web

from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.http.answers import document
from chaos.embedded.interface import ApiError, Json
from chaos.embedded.release import Release

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def answer(path: str, release: Release) -> web.Response:
    """The answer to a path that names no resource.

    Raises:
        ApiError: 404.
    """
    match path.strip("/").split("/"):
        case ["version"]:
            major, minor, _ = release.version.split(".")
            git = f"v{release.version}"
            return document({"major": major, "minor": minor, "gitVersion": git, "platform": "linux/amd64"})
        case ["healthz" | "livez" | "readyz"]:
            return web.Response(text="ok")
        case ["metrics"]:
            return web.Response(text=_metrics(release))
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
        "verbs": _verbs(each),
    }
    if each.short:
        row["shortNames"] = list(each.short)
    if each.categories:
        row["categories"] = list(each.categories)
    return row


def _verbs(each: Resource) -> list[str]:
    if not each.stored:
        return ["create"]
    return [verb for verb in VERBS if verb != "deletecollection" or each.name != "namespaces"]


_GROUPS = {"scale": ("autoscaling", "v1"), "eviction": ("policy", "v1")}
_KINDS = {"scale": "Scale", "eviction": "Eviction", "binding": "Binding", "exec": "PodExecOptions"}
_SUBRESOURCE_VERBS = {
    "binding": ["create"],
    "eviction": ["create"],
    "exec": ["create", "get"],
    "finalize": ["update"],
    "log": ["get"],
}


def _subresource(each: Resource, name: str) -> Json:
    row: Json = {"name": f"{each.name}/{name}", "singularName": "", "namespaced": each.namespaced}
    if name in _GROUPS:
        row["group"], row["version"] = _GROUPS[name]
    return {
        **row,
        "kind": _KINDS.get(name, each.kind),
        "verbs": _SUBRESOURCE_VERBS.get(name, ["get", "patch", "update"]),
    }


def _metrics(release: Release) -> str:
    """The gates, as a real 1.37.2 reports them."""
    rows = [
        f'kubernetes_feature_enabled{{name="{name}",stage="{gate.stage}"}} {int(gate.is_on)}'
        for name, gate in release.gates.items()
    ]
    return "\n".join(["# TYPE kubernetes_feature_enabled gauge", *rows, ""])
