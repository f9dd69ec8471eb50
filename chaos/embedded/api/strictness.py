"""Fields of a body that its kind does not have, as field validation names them, and a body without them. Pure."""

from collections.abc import Iterator
from typing import Any

from chaos.embedded.api.schema import Field, Message, messages

_TYPE_META = ("apiVersion", "kind")
_DIRECTIVES = ("$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")


def unknown_fields(message: Message, body: Any) -> list[str]:
    """Such as `spec.template.spec.containers[0].imag`; directives of a strategic merge patch are known."""
    return sorted(_unknown(message, body, ""))


def known(message: Message, body: Any) -> Any:
    """The body without its unknown fields; what has none is shared."""
    if not isinstance(body, dict):
        return body
    done = {}
    for name, each in body.items():
        field = message.fields.get(name)
        if field is not None:
            done[name] = _known(field, each)
        elif _is_known(message, name):
            done[name] = each
    return done


def _known(field: Field, value: Any) -> Any:
    message = messages().get(field.type)
    if message is None:
        return value
    if field.shape == "list" and isinstance(value, list):
        return [known(message, each) for each in value]
    if field.shape == "map" and isinstance(value, dict):
        return {key: known(message, each) for key, each in value.items()}
    return known(message, value)


def _is_known(message: Message, name: str) -> bool:
    return name.startswith(_DIRECTIVES) or bool(message.api_version and name in _TYPE_META)


def _unknown(message: Message, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        field = message.fields.get(name)
        at = f"{path}.{name}" if path else name
        if field is not None:
            yield from _below(field, each, at)
        elif not _is_known(message, name):
            yield at


def _below(field: Field, value: Any, path: str) -> Iterator[str]:
    message = messages().get(field.type)
    if message is None:
        return
    if field.shape == "list" and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unknown(message, each, f"{path}[{index}]")
    elif field.shape == "map" and isinstance(value, dict):
        for key, each in value.items():
            yield from _unknown(message, each, f"{path}.{key}")
    else:
        yield from _unknown(message, value, path)
