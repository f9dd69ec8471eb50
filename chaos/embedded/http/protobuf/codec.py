"""Messages from JSON to protobuf and back, by the table of the served kinds. Pure.

What JSON leaves out protobuf leaves out. What protobuf has although it is empty, such as the text of a field that was not
given, is left out of JSON where Go's types leave it out.
"""

from typing import Any

from chaos.embedded.api.schema import SCALARS, SPECIAL, Field, Message, messages
from chaos.embedded.http.protobuf.special import decode_special, encode_special, from_base64, to_base64
from chaos.embedded.http.protobuf.wire import (
    LENGTH,
    Malformed,
    Record,
    block,
    double,
    floating,
    integer,
    records,
    signed,
)
from chaos.embedded.interface import Json

_INTEGERS = ("int32", "int64", "bool")


def encode(message: Message, value: Json) -> bytes:
    """An object as the body of a message; fields that the message does not have are left out.

    Raises:
        Malformed: a value does not fit its field.
    """
    done = bytearray()
    for field in message.wire:
        if field.embedded:
            body = encode(messages()[field.type], value)
            done += block(field.number, body)
        elif (given := value.get(field.name)) is not None:
            done += _encode_field(field, given)
    return bytes(done)


def decode(message: Message, data: bytes) -> Json:
    """The object in the body of a message; fields of unknown numbers are left out.

    Raises:
        Malformed: it is no such message.
    """
    found: Json = {}
    _decode_into(message, data, found)
    return found


def _encode_field(field: Field, given: Any) -> bytes:
    try:
        if field.shape == "list":
            return b"".join(_encode_value(field.number, field.type, each) for each in given)
        if field.shape == "map":
            entries = (block(1, key.encode()) + _encode_value(2, field.type, given[key]) for key in sorted(given))
            return b"".join(block(field.number, entry) for entry in entries)
        return _encode_value(field.number, field.type, given)
    except (AttributeError, TypeError, ValueError) as error:
        raise Malformed(f"{field.name}: {error}") from error


def _encode_value(number: int, kind: str, value: Any) -> bytes:
    if kind in _INTEGERS:
        return integer(number, int(value))
    if kind == "double":
        return double(number, float(value))
    if kind == "string":
        return block(number, value.encode())
    if kind == "bytes":
        return block(number, from_base64(value))
    if kind in SPECIAL:
        return block(number, encode_special(kind, value))
    return block(number, encode(messages()[kind], value))


def _decode_into(message: Message, data: bytes, found: Json) -> None:
    fields = {field.number: field for field in message.wire}
    for record in records(data):
        field = fields.get(record.number)
        if field is None:
            continue
        if field.embedded:
            _decode_into(messages()[field.type], _block(record), found)
        elif field.shape == "list":
            found.setdefault(field.name, []).append(_decode_value(field.type, record))
        elif field.shape == "map":
            key, value = _entry(field.type, _block(record))
            found.setdefault(field.name, {})[key] = value
        else:
            value = _decode_value(field.type, record)
            if value is not None and not _is_left_out(field, value):
                found[field.name] = value


def _is_left_out(field: Field, value: Any) -> bool:
    return field.type in SCALARS and not value and not field.pointer and not field.written


def _entry(kind: str, data: bytes) -> tuple[str, Any]:
    found = {record.number: record for record in records(data)}
    key = _decode_value("string", found[1]) if 1 in found else ""
    empty = Record(2, LENGTH, b"") if kind not in (*_INTEGERS, "double") else Record(2, 0, 0)
    return str(key), _decode_value(kind, found.get(2, empty))


def _decode_value(kind: str, record: Record) -> Any:
    if kind in _INTEGERS:
        if not isinstance(record.value, int):
            raise Malformed(f"field {record.number} is no number")
        return bool(record.value) if kind == "bool" else signed(record.value)
    data = _block(record)
    if kind == "double":
        return floating(data)
    if kind == "bytes":
        return to_base64(data)
    if kind == "string":
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"field {record.number} is no text") from error
    return decode_special(kind, data) if kind in SPECIAL else decode(messages()[kind], data)


def _block(record: Record) -> bytes:
    if not isinstance(record.value, bytes):
        raise Malformed(f"field {record.number} is a number, where a message or text was expected")
    return record.value
