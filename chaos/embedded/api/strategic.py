"""Strategic merge patches: lists whose items have a key are merged item by item.

Which lists are merged, and by which key, is in the table of the served kinds; fields that it does not know are replaced.
Facts: the directives of k8s.io/apimachinery 0.37.2 pkg/util/strategicpatch.
"""

from collections.abc import Mapping
from typing import Any

from chaos.embedded.api.patches import PatchError, kind_of
from chaos.embedded.api.schema import Field, Message, messages

_DIRECTIVES = ("$patch", "$retainKeys")
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic(message: Message | None, target: Any, patch: Any) -> Any:
    """The target, of the kind that `message` describes, with the patch applied.

    Raises:
        PatchError: an item of a list lacks its merge key, or a directive is unknown.
    """
    if not isinstance(patch, dict):
        raise PatchError(
            400, f"json: cannot unmarshal {kind_of(patch)} into Go value of type map[string]interface {{}}"
        )
    return _merge(message, target if isinstance(target, dict) else {}, patch)


def _merge(message: Message | None, target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any] | None:
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
            _set(message.fields.get(key) if message else None, done, key, value, patch.get(_ORDER + key))
    return done


def _set(field: Field | None, done: dict[str, Any], key: str, value: Any, order: Any) -> None:
    if value is None:
        done.pop(key, None)
    elif isinstance(value, dict):
        old = done.get(key)
        inner = messages().get(field.type) if field and field.shape == "one" else None
        merged = _merge(inner, old if isinstance(old, dict) else {}, value)
        if merged is None:
            done.pop(key, None)
        else:
            done[key] = merged
    elif isinstance(value, list):
        old_items = done.get(key)
        done[key] = _list(field, old_items if isinstance(old_items, list) else [], value, order)
    else:
        done[key] = value


def _list(field: Field | None, old: list[Any], patch: list[Any], order: Any) -> list[Any]:
    if field is None or "merge" not in field.patch:
        return patch
    merge_key = field.merge_key
    if not merge_key:
        return [*old, *(each for each in patch if each not in old)]
    if not all(isinstance(each, dict) for each in [*patch, *old]):
        return patch
    item = messages().get(field.type)
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if "$patch" not in each]
    items = {each.get(merge_key): each for each in old}
    for each in patch:
        if merge_key not in each:
            raise PatchError(400, f"map: {each} does not contain declared merge key: {merge_key}")
        merged = _merge(item, items.get(each[merge_key], {}), each)
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
