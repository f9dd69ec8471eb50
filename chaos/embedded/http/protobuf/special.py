"""Types that are one value in JSON and a message in protobuf.

Facts: k8s.io/apimachinery 0.37.2: apis/meta/v1 (time_proto.go, micro_time_proto.go), api/resource, util/intstr and runtime
generated.proto.
"""

import base64
import datetime
from typing import Any

import msgspec

from chaos.embedded.http.protobuf.wire import Malformed, block, integer, records, signed

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_SECOND = datetime.timedelta(seconds=1)
_MICRO = datetime.timedelta(microseconds=1)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def encode_special(name: str, value: Any) -> bytes:
    """A value of a special type as the body of its message.

    Raises:
        Malformed: the value is not of that type.
    """
    try:
        match name:
            case "Time" | "MicroTime":
                return _timestamp(datetime.datetime.fromisoformat(value))
            case "Quantity":
                return block(1, str(value).encode())
            case "IntOrString":
                if isinstance(value, int):
                    return integer(1, 0) + integer(2, value) + block(3, b"")
                return integer(1, 1) + integer(2, 0) + block(3, value.encode())
            case _:
                return block(1, _encode(value))
    except (AttributeError, TypeError, ValueError) as error:
        raise Malformed(f"{value!r} is no {name}") from error


def decode_special(name: str, data: bytes) -> Any:
    """A value of a special type; None for a time that is not set.

    Raises:
        Malformed: the message is not of that type.
    """
    found = {each.number: each.value for each in records(data)}
    try:
        match name:
            case "Time":
                return _time(found, "%Y-%m-%dT%H:%M:%SZ") if found else None
            case "MicroTime":
                return _time(found, "%Y-%m-%dT%H:%M:%S.%fZ") if found else None
            case "Quantity":
                return found.get(1, b"").decode()
            case "IntOrString":
                return found.get(3, b"").decode() if found.get(1, 0) else signed(found.get(2, 0))
            case _:
                return _decode(found[1]) if found.get(1) else None
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise Malformed(f"{name}: {error}") from error


def from_base64(text: str) -> bytes:
    """Bytes as JSON has them.

    Raises:
        Malformed: it is no base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise Malformed(f"{text!r} is no base64") from error


def to_base64(data: bytes) -> str:
    """Bytes for JSON."""
    return base64.b64encode(data).decode()


def _timestamp(at: datetime.datetime) -> bytes:
    seconds, rest = divmod(at - _EPOCH, _SECOND)
    return integer(1, seconds) + integer(2, rest // _MICRO * 1000)


def _time(found: dict[int, Any], form: str) -> str:
    at = _EPOCH + datetime.timedelta(seconds=signed(found.get(1, 0)), microseconds=signed(found.get(2, 0)) // 1000)
    return at.strftime(form)
