"""Nulls in the body of a write: to Go they are fields that were not given. Pure."""

from typing import Any

from chaos.embedded.api.schema import Field, Message, messages


def without_nulls(message: Message, body: Any) -> Any:
    """The body without fields that are null; what has none is shared. What a field of any content holds stays as it is."""
    if not isinstance(body, dict):
        return {} if body is None else body
    done = {}
    for name, value in body.items():
        if value is not None:
            field = message.fields.get(name)
            done[name] = value if field is None else _cleared(field, value)
    return body if len(done) == len(body) and all(done[name] is body[name] for name in done) else done


def _cleared(field: Field, value: Any) -> Any:
    message = messages().get(field.type)
    if message is None:
        return value
    if field.shape == "list" and isinstance(value, list):
        items = [without_nulls(message, each) for each in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if field.shape == "map" and isinstance(value, dict):
        members = {key: without_nulls(message, each) for key, each in value.items()}
        return value if all(members[key] is value[key] for key in value) else members
    return without_nulls(message, value)
