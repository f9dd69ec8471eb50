"""The documents themselves: of each group in version 3, of everything in version 2.

Facts: k8s.io/kubernetes 1.37.2 api/openapi-spec; what kubectl reads of them: k8s.io/cli-runtime pkg/resource
(query_param_verifier*.go), k8s.io/kubectl pkg/explain/v2.
"""

from functools import cache

from chaos.embedded.api.openapi.schemas import Version, group_version_kind, list_schema, reference, schemas
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.api.schema import Message, message_of, messages
from chaos.embedded.interface import Json

_JSON = "application/json"
_PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_OPTIONS = {"get": (), "list": (), "post": ("dryRun", "fieldManager", "fieldValidation"), "delete": ("dryRun",)}
_OPTIONS["put"] = _OPTIONS["post"]
_OPTIONS["patch"] = (*_OPTIONS["post"], "force")
_SUBRESOURCES = {"scale": "autoscaling.v1.Scale", "eviction": "policy.v1.Eviction", "binding": "core.v1.Binding"}
_ALWAYS = ("meta.v1.DeleteOptions", "meta.v1.ListMeta", "meta.v1.Status")


def groups() -> tuple[str, ...]:
    """The paths of the groups that are described: `api/v1`, `apis/apps/v1`."""
    return tuple(sorted({_prefix(each) for each in RESOURCES.values()}))


@cache
def version_3(group: str) -> Json:
    """The OpenAPI 3 document of a group, by its path."""
    rows = [each for each in RESOURCES.values() if _prefix(each) == group]
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": _paths(rows, 3),
        "components": {"schemas": _schemas(rows, 3)},
    }


@cache
def version_2() -> Json:
    """The OpenAPI 2 document of everything."""
    rows = list(RESOURCES.values())
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": _paths(rows, 2),
        "definitions": _schemas(rows, 2),
    }


def _prefix(row: Resource) -> str:
    return f"apis/{row.api_version}" if row.group else f"api/{row.version}"


def _schemas(rows: list[Resource], version: Version) -> Json:
    kinds = [message_of(each.name) for each in rows]
    extra = [_SUBRESOURCES[name] for each in rows for name in each.subresources if name in _SUBRESOURCES]
    done = schemas([*(each.name for each in kinds), *extra, *_ALWAYS], version)
    for row, kind in zip(rows, kinds, strict=True):
        if row.stored:
            done[f"io.k8s.api.{kind.name}List"] = list_schema(kind, version)
    return dict(sorted(done.items()))


def _paths(rows: list[Resource], version: Version) -> Json:
    paths: Json = {}
    for row in rows:
        message = message_of(row.name)
        place = f"/{_prefix(row)}/" + ("namespaces/{namespace}/" if row.namespaced else "")
        collection = f"{place}{row.name}"
        if not row.stored:
            paths[collection] = {"post": _operation("post", message, version)}
            continue
        paths[collection] = {
            "get": _operation("list", message, version),
            "post": _operation("post", message, version),
        }
        paths[f"{collection}/{{name}}"] = {
            verb: _operation(verb, message, version) for verb in ("get", "put", "patch", "delete")
        }
        for name in row.subresources:
            paths.update(_subresource(f"{collection}/{{name}}/{name}", name, message, version))
    return dict(sorted(paths.items()))


def _subresource(path: str, name: str, message: Message, version: Version) -> Json:
    if name in ("exec", "log"):
        return {}
    kind = messages()[_SUBRESOURCES[name]] if name in _SUBRESOURCES else message
    verbs = {"eviction": ("post",), "binding": ("post",), "finalize": ("put",)}.get(name, ("get", "put", "patch"))
    return {path: {verb: _operation(verb, kind, version) for verb in verbs}}


def _operation(verb: str, message: Message, version: Version) -> Json:
    answer = f"{message.name}List" if verb == "list" else "meta.v1.Status" if verb == "delete" else message.name
    parameters = [_parameter(name, version) for name in _OPTIONS[verb]]
    done: Json = {
        "parameters": parameters,
        "x-kubernetes-action": verb,
        "x-kubernetes-group-version-kind": group_version_kind(message),
    }
    if version == 2:
        return {
            **done,
            "consumes": list(_PATCHES) if verb == "patch" else ["*/*"],
            "produces": [_JSON],
            "responses": {"200": {"description": "OK", "schema": reference(answer, 2)}},
        }
    if verb in ("post", "put", "patch"):
        taken = _PATCHES if verb == "patch" else (_JSON,)
        body = {"type": "object"} if verb == "patch" else reference(message.name, 3)
        done["requestBody"] = {"content": {each: {"schema": body} for each in taken}, "required": True}
    responses = {"200": {"description": "OK", "content": {_JSON: {"schema": reference(answer, 3)}}}}
    return {**done, "responses": responses}


def _parameter(name: str, version: Version) -> Json:
    kind = {"type": "boolean" if name == "force" else "string", "uniqueItems": True}
    return {"in": "query", "name": name, **(kind if version == 2 else {"schema": kind})}
