"""Strategic merge patches: lists whose items have a key are merged item by item.

Facts: the patchMergeKey tags of k8s.io/api 0.37 core/v1, apps/v1 and meta/v1 types, and the directives of
k8s.io/apimachinery strategicpatch.
"""

from collections.abc import Mapping
from typing import Any

from chaos.embedded.api.patches import PatchError

KEYS: Mapping[str, str] = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "secrets": "name",
    "hostAliases": "ip",
    "ownerReferences": "uid",
    "conditions": "type",
    "addresses": "type",
    "topologySpreadConstraints": "topologyKey",
    "podIPs": "ip",
    "taints": "key",
}
"""Field -> the key that tells its items apart. `ports` has one of two."""

PRIMITIVE = ("finalizers",)
"""Lists of strings that are merged as sets."""

_DIRECTIVES = ("$patch", "$retainKeys")
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic(target: Any, patch: Any) -> Any:
    """The target with the patch applied.

    Raises:
        PatchError: an item of a list lacks its merge key, or a directive is unknown.
    """
    if not isinstance(patch, dict):
        raise PatchError(400, "a strategic merge patch must be an object")
    return _merge(target if isinstance(target, dict) else {}, patch)


def _merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any] | None:
    match patch.get("$patch"):
        case "replace":
            return {key: value for key, value in patch.items() if key != "$patch"}
        case "delete":
            return None
        case None | "merge":
            pass
        case other:
            raise PatchError(400, f"Unknown patch type found: {other}")
    done = dict(target)
    if "$retainKeys" in patch:
        done = {key: value for key, value in done.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key in _DIRECTIVES or key.startswith(_ORDER):
            continue
        if key.startswith(_DELETE):
            field = key.removeprefix(_DELETE)
            done[field] = [each for each in done.get(field, ()) if each not in value]
        else:
            _set(done, key, value, patch.get(_ORDER + key))
    return done


def _set(done: dict[str, Any], key: str, value: Any, order: Any) -> None:
    if value is None:
        done.pop(key, None)
    elif isinstance(value, dict):
        old = done.get(key)
        merged = _merge(old if isinstance(old, dict) else {}, value)
        if merged is None:
            done.pop(key, None)
        else:
            done[key] = merged
    elif isinstance(value, list):
        old_items = done.get(key)
        done[key] = _list(key, old_items if isinstance(old_items, list) else [], value, order)
    else:
        done[key] = value


def _list(field: str, old: list[Any], patch: list[Any], order: Any) -> list[Any]:
    if field in PRIMITIVE:
        return [*old, *(each for each in patch if each not in old)]
    merge_key = _merge_key(field, [*patch, *old])
    if not merge_key:
        return patch
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if "$patch" not in each]
    items = {each.get(merge_key): each for each in old}
    for each in patch:
        if merge_key not in each:
            raise PatchError(400, f"map: {each} does not contain declared merge key: {merge_key}")
        merged = _merge(items.get(each[merge_key], {}), each)
        if merged is None:
            items.pop(each[merge_key], None)
        else:
            items[each[merge_key]] = merged
    if isinstance(order, list):
        return _ordered(items, [each.get(merge_key) for each in order if isinstance(each, dict)])
    # New items come first, as Kubernetes puts them.
    new = [key for key in items if not any(each.get(merge_key) == key for each in old)]
    return [*(items[key] for key in new), *(item for key, item in items.items() if key not in new)]


def _ordered(items: dict[Any, Any], order: list[Any]) -> list[Any]:
    return [*(items[key] for key in order if key in items), *(item for key, item in items.items() if key not in order)]


def _merge_key(field: str, items: list[Any]) -> str:
    if not all(isinstance(each, dict) for each in items):
        return ""
    if field == "ports":
        return "containerPort" if any("containerPort" in each for each in items) else "port"
    return KEYS.get(field, "")
