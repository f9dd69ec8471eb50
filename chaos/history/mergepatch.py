"""JSON merge patches (RFC 7386): how a history stores the second and later states of an object.

A merge patch cannot set a null and cannot tell an absent key from a null one; `diff` then gives `None` and the state is
stored whole.
"""

from typing import Any


def apply(state: Any, patch: Any) -> Any:
    """The state after `patch`. Unchanged parts are shared with `state`, which is left as it was."""
    if not isinstance(patch, dict):
        return patch
    result = dict(state) if isinstance(state, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = apply(result.get(key), value)
        else:
            result[key] = value
    return result


def diff(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """The smallest patch from `before` to `after`, or None where no merge patch says it."""
    patch: dict[str, Any] = {}
    for key in before:
        if key not in after:
            patch[key] = None
    for key, value in after.items():
        old = before.get(key)
        if old == value and key in before and type(old) is type(value):
            continue
        if isinstance(old, dict) and isinstance(value, dict):
            inner = diff(old, value)
            if inner is None:
                return None
            patch[key] = inner
        elif _holds_null(value):
            return None
        else:
            patch[key] = value
    return patch


def _holds_null(value: Any) -> bool:
    # A null inside a list survives a merge patch, since lists are replaced whole.
    if value is None:
        return True
    return isinstance(value, dict) and any(_holds_null(inner) for inner in value.values())
