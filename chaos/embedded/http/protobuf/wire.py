"""The wire format of protocol buffers: numbered fields that are varints, eight bytes, or bytes of a given length.

Source: https://protobuf.dev/programming-guides/encoding/.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

_WORD = 1 << 64
_DOUBLE = struct.Struct("<d")


class Malformed(ValueError):
    """Bytes that are no message, or a value that fits no field."""


class Record(NamedTuple):
    """One field as it stands in a message: an int for a varint, bytes for everything else."""

    number: int
    kind: int
    value: Any


def varint(number: int) -> bytes:
    """An integer of up to 64 bits; negative ones take ten bytes."""
    number %= _WORD
    done = bytearray()
    while number > 0x7F:
        done.append(number & 0x7F | 0x80)
        number >>= 7
    done.append(number)
    return bytes(done)


def integer(number: int, value: int) -> bytes:
    """A field with an integer or a boolean."""
    return varint(number << 3 | VARINT) + varint(value)


def double(number: int, value: float) -> bytes:
    """A field with a floating point number."""
    return varint(number << 3 | FIXED64) + _DOUBLE.pack(value)


def block(number: int, value: bytes) -> bytes:
    """A field with text, bytes or a message."""
    return varint(number << 3 | LENGTH) + varint(len(value)) + value


def records(data: bytes) -> Iterator[Record]:
    """The fields of a message, in the order in which they stand.

    Raises:
        Malformed: it ends within a field, or has one of a kind that nobody uses.
    """
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield Record(number, kind, value)
            continue
        if kind == LENGTH:
            size, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise Malformed(f"wire type {kind} of field {number} is unknown")
        if at + size > len(data):
            raise Malformed(f"field {number} ends after the message")
        yield Record(number, kind, data[at : at + size])
        at += size


def signed(value: int) -> int:
    """A varint as a signed number."""
    return value - _WORD if value >= _WORD // 2 else value


def floating(data: bytes) -> float:
    """Eight bytes as a floating point number."""
    return float(_DOUBLE.unpack(data)[0])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a number does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value % _WORD, at
        shift += 7
