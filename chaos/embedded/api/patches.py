"""The three kinds of patch on plain JSON, each giving a new object: what a patch does not touch is shared with the old one."""

from collections.abc import Sequence
from typing import Any


class PatchError(Exception):
    """A patch cannot be applied. `status` is 400 for one that makes no sense, 422 for one that does not fit the object."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    done = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            done.pop(key, None)
        else:
            done[key] = merge(done.get(key), value)
    return done


def json_patch(target: Any, operations: Any) -> Any:
    """RFC 6902.

    Raises:
        PatchError: an operation is malformed (400), or names what is not there or a `test` fails (422).
    """
    if not isinstance(operations, list):
        told = f"json: cannot unmarshal {kind_of(operations)} into Go value of type []handlers.jsonPatchOp"
        raise PatchError(400, f"error decoding patch: {told}")
    for operation in operations:
        if not isinstance(operation, dict):
            told = f"json: cannot unmarshal {kind_of(operation)} into Go value of type handlers.jsonPatchOp"
            raise PatchError(400, f"error decoding patch: {told}")
        if not isinstance(operation.get("path"), str):
            raise PatchError(400, "a JSON patch operation needs op and path")
        target = _operate(target, operation)
    return target


def kind_of(value: Any) -> str:
    """What a value is in JSON, as its decoder in Go calls it."""
    for kind, name in ((dict, "object"), (list, "array"), (str, "string"), (bool, "bool")):
        if isinstance(value, kind):
            return name
    return "number"


def _operate(target: Any, operation: dict[str, Any]) -> Any:
    path = _pointer(operation["path"])
    match operation.get("op"):
        case "add":
            return _change(target, path, "add", operation.get("value"))
        case "replace":
            return _change(target, path, "replace", operation.get("value"))
        case "remove":
            return _change(target, path, "remove", None)
        case "test":
            if _find(target, path) != operation.get("value"):
                raise PatchError(422, f"testing value {operation['path']} failed: test failed")
            return target
        case "copy":
            return _change(target, path, "add", _find(target, _pointer(str(operation.get("from", "")))))
        case "move":
            source = _pointer(str(operation.get("from", "")))
            value = _find(target, source)
            if source == path:
                return target
            return _change(_change(target, source, "remove", None), path, "add", value)
        case other:
            raise PatchError(422, f"Unexpected kind: {other}")


def _pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise PatchError(422, f"missing leading slash in path {path!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _find(target: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(target, dict) and part in target:
            target = target[part]
        elif isinstance(target, list):
            target = target[_index(target, part, len(target) - 1)]
        else:
            raise _absent(path)
    return target


def _change(target: Any, path: Sequence[str], what: str, value: Any) -> Any:
    """The target with the change at `path`; containers on the way are copied."""
    if not path:
        if what == "remove":
            raise PatchError(422, "the whole document cannot be removed")
        return value
    part, rest = path[0], path[1:]
    if isinstance(target, dict):
        return _change_member(target, part, rest, what, value, path)
    if isinstance(target, list):
        return _change_item(target, part, rest, what, value)
    raise _absent(path)


def _change_member(
    target: dict[str, Any], part: str, rest: Sequence[str], what: str, value: Any, path: Sequence[str]
) -> dict[str, Any]:
    done = dict(target)
    if rest or what != "add":
        if part not in target:
            raise _absent(path)
        if not rest and what == "remove":
            del done[part]
            return done
    done[part] = _change(target.get(part), rest, what, value)
    return done


def _change_item(target: list[Any], part: str, rest: Sequence[str], what: str, value: Any) -> list[Any]:
    done = list(target)
    if not rest and what == "add":
        done.insert(len(done) if part == "-" else _index(target, part, len(target)), value)
        return done
    index = _index(target, part, len(target) - 1)
    if not rest and what == "remove":
        del done[index]
    else:
        done[index] = _change(target[index], rest, what, value)
    return done


def _index(target: Sequence[Any], part: str, last: int) -> int:
    if not part.isdigit() or int(part) > last:
        raise PatchError(422, f"Unable to access invalid index: {part}: invalid index referenced")
    return int(part)


def _absent(path: Sequence[str]) -> PatchError:
    return PatchError(422, f"the path /{'/'.join(path)} does not exist")
