"""The served messages as OpenAPI schemas, version 2 or 3. Without descriptions: those are Kubernetes' own prose.

Facts: names and extensions as in k8s.io/kubernetes 1.37.2 api/openapi-spec.
"""

from collections.abc import Iterable
from typing import Any, Literal

from chaos.embedded.api.schema import SCALARS, SPECIAL, Field, Message, messages
from chaos.embedded.interface import Json

Version = Literal[2, 3]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_FULL = {
    "Quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "IntOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
    **{name: f"{_META}.{name}" for name in ("Time", "MicroTime", "FieldsV1")},
}
_SCALARS: Json = {
    "string": {"type": "string"},
    "bytes": {"type": "string", "format": "byte"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number", "format": "double"},
}
_SPECIAL: Json = {
    "Time": {"type": "string", "format": "date-time"},
    "MicroTime": {"type": "string", "format": "date-time"},
    "FieldsV1": {"type": "object"},
    "RawExtension": {"type": "object"},
}
_EITHER: Json = {
    "Quantity": {2: {"type": "string"}, 3: {"oneOf": [{"type": "string"}, {"type": "number"}]}},
    "IntOrString": {
        2: {"type": "string", "format": "int-or-string"},
        3: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    },
}
_LIST_META = Field("metadata", 1, "meta.v1.ListMeta", present=True)
_PLACES = {2: "#/definitions/", 3: "#/components/schemas/"}


def full_name(name: str) -> str:
    """The name that a message has in the documents: `io.k8s.api.core.v1.Pod`."""
    if name in _FULL:
        return _FULL[name]
    if name.startswith("meta.v1."):
        return _META + name.removeprefix("meta.v1")
    return f"io.k8s.api.{name}"


def reference(name: str, version: Version) -> Json:
    """A reference to a message's schema."""
    return {"$ref": _PLACES[version] + full_name(name)}


def schemas(roots: Iterable[str], version: Version) -> Json:
    """The schemas of these messages and of all that they hold, by full name."""
    found: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += [each.type for each in _fields(name) if each.type not in SCALARS]
    return {full_name(name): _schema(name, version) for name in sorted(found, key=full_name)}


def list_schema(message: Message, version: Version) -> Json:
    """The schema of a list of a kind."""
    properties = {
        **_type_meta(),
        "metadata": _property(_LIST_META, version),
        "items": {"type": "array", "items": reference(message.name, version)},
    }
    kind = [{**group_version_kind(message), "kind": f"{message.kind}List"}]
    return {
        "type": "object",
        "required": ["items"],
        "properties": properties,
        "x-kubernetes-group-version-kind": kind,
    }


def group_version_kind(message: Message) -> Json:
    """Group, version and kind as the extensions have them."""
    group, _, version = message.api_version.rpartition("/")
    return {"group": group, "version": version, "kind": message.kind}


def _fields(name: str) -> Iterable[Field]:
    return messages()[name].fields.values() if name in messages() else ()


def _schema(name: str, version: Version) -> Json:
    if name in SPECIAL:
        found: Json = _EITHER[name][version] if name in _EITHER else _SPECIAL[name]
        return found
    message = messages()[name]
    done: Json = {"type": "object", "properties": _properties(message, version)}
    required = [each.name for each in message.fields.values() if each.required]
    if required:
        done["required"] = sorted(required)
    if message.atomic:
        done["x-kubernetes-map-type"] = "atomic"
    if message.api_version:
        done["x-kubernetes-group-version-kind"] = [group_version_kind(message)]
    return done


def _properties(message: Message, version: Version) -> Json:
    kind = _type_meta() if message.api_version or message.name == "meta.v1.DeleteOptions" else {}
    return {**kind, **{each.name: _property(each, version) for each in message.fields.values()}}


def _type_meta() -> Json:
    return {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}


def _property(field: Field, version: Version) -> Json:
    value = _SCALARS[field.type] if field.type in SCALARS else reference(field.type, version)
    if field.shape == "list":
        return {"type": "array", "items": value, **_list_rules(field), **_patch_rules(field)}
    if field.shape == "map":
        return {"type": "object", "additionalProperties": value, **_map_rules(field), **_patch_rules(field)}
    told = {**_map_rules(field), **_patch_rules(field)}
    if field.default is not None and version == 3:
        told["default"] = field.default
    if "$ref" in value and version == 3:
        # A reference may have no siblings in version 3.
        return {"allOf": [value], **({"default": {}} if field.present else {}), **told}
    return {**value, **told}


def _list_rules(field: Field) -> Json:
    if field.keys:
        return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(field.keys)}
    return {"x-kubernetes-list-type": "set" if field.unique else "atomic"}


def _map_rules(field: Field) -> dict[str, Any]:
    kind = "atomic" if field.atomic else "granular" if field.granular else ""
    return {"x-kubernetes-map-type": kind} if kind else {}


def _patch_rules(field: Field) -> dict[str, Any]:
    done: dict[str, Any] = {}
    if field.patch:
        done["x-kubernetes-patch-strategy"] = ",".join(field.patch)
    if field.merge_key:
        done["x-kubernetes-patch-merge-key"] = field.merge_key
    return done
