"""Drawn objects of every served kind survive the way to protobuf and back; bytes that are no message are refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.api.schema import Field, Message, message_of, messages
from chaos.embedded.http.protobuf import Malformed, decoded, encoded
from chaos.embedded.http.protobuf.codec import decode, encode
from chaos.embedded.http.protobuf.wire import records, signed, varint
from chaos.embedded.interface import Json

DEEPEST = 4
NUMBERS = {"int32": st.integers(-(2**31), 2**31 - 1), "int64": st.integers(-(2**63), 2**63 - 1)}
TEXT = st.text(min_size=1, max_size=5)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    **{kind: found.filter(bool) for kind, found in NUMBERS.items()},
    "string": TEXT,
    "bytes": st.sampled_from(["AQ==", "AAEC"]),
    "bool": st.just(True),
    "double": st.floats(allow_nan=False).filter(bool),
    "Time": st.sampled_from(["1969-12-31T23:59:59Z", "2026-01-01T00:00:00Z"]),
    "MicroTime": st.sampled_from(["1969-12-31T23:59:59.000001Z", "2026-01-01T00:00:00.123456Z"]),
    "Quantity": st.sampled_from(["1", "100m", "10Mi"]),
    "IntOrString": st.integers(-5, 2**31 - 1) | st.sampled_from(["", "25%", "http"]),
    "RawExtension": st.dictionaries(TEXT, st.integers() | st.none() | TEXT, max_size=2),
    "FieldsV1": st.just({"f:spec": {".": {}, "f:replicas": {}}}),
}
KINDS = sorted(RESOURCES)


@st.composite
def objects(draw: st.DrawFn, message: Message, depth: int = 0) -> Json:
    """A message with some of its fields."""
    names = sorted(message.fields)
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=4)) if names and depth < DEEPEST else []
    return {name: draw(values(message.fields[name], depth)) for name in chosen}


def values(field: Field, depth: int) -> st.SearchStrategy[Any]:
    """What a field can hold, and is told from nothing."""
    one = PLAIN[field.type] if field.type in PLAIN else objects(messages()[field.type], depth + 1)
    if field.shape == "list":
        return st.lists(one, min_size=1, max_size=2)
    if field.shape == "map":
        return st.dictionaries(TEXT, one, min_size=1, max_size=2)
    if field.pointer and field.type in NUMBERS:
        return NUMBERS[field.type]
    return st.booleans() if field.pointer and field.type == "bool" else one


@pytest.mark.parametrize("resource", KINDS)
@given(data=st.data())
def test_an_object_is_read_as_it_was_written(resource: str, data: st.DataObject) -> None:
    message = message_of(resource)
    item = data.draw(objects(message))

    assert decode(message, encode(message, item)) == item


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_are_read_as_they_were_written(number: int) -> None:
    (record,) = records(varint(1 << 3) + varint(number))

    assert signed(record.value) == number


def test_an_object_goes_with_its_kind_in_an_envelope() -> None:
    item = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}, "data": {"k": "v"}}
    written = encoded(item)

    meta, body = b"\x0a\x02v1\x12\x09ConfigMap", b"\x0a\x03\x0a\x01a\x12\x06\x0a\x01k\x12\x01v"
    assert written == b"k8s\x00\x0a\x0f" + meta + b"\x12\x0d" + body + b"\x1a\x00\x22\x00"
    assert decoded(written) == item


def test_what_go_writes_although_it_is_empty_is_left_out() -> None:
    empty_name = b"\x0a\x00"
    assert decode(messages()["core.v1.ContainerPort"], empty_name + b"\x10\x00\x18\x50\x22\x03TCP\x2a\x00") == {
        "containerPort": 80,
        "protocol": "TCP",
    }


def test_a_pointer_to_zero_is_kept() -> None:
    assert decode(messages()["apps.v1.StatefulSetSpec"], b"\x08\x00") == {"replicas": 0}


def test_unknown_fields_are_left_out() -> None:
    message = message_of("configmaps")

    assert encode(message, {"metadata": {"name": "a", "other": 1}, "more": 2}) == encode(
        message, {"metadata": {"name": "a"}}
    )
    assert decode(message, b"\xfa\x7f\x01x") == {}


def test_a_kind_that_is_not_served_has_no_encoding() -> None:
    assert encoded({"kind": "Table", "apiVersion": "meta.k8s.io/v1"}) is None


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"k8s\x00\x0a\xff",
        b"k8s\x00\x0a\x09\x0a\x02v1\x12\x03Job",
        b"k8s\x00\x08\x01",
        b"k8s\x00\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x02\x08\x01",
        b"k8s\x00\x0b",
    ],
)
def test_bytes_that_are_no_object_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decoded(data)


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        item = decode(message_of("pods"), data)
    except Malformed:
        return
    assert isinstance(item, dict)


@pytest.mark.parametrize(
    ("resource", "item"),
    [
        ("pods", {"spec": {"priority": "high"}}),
        ("pods", {"metadata": {"creationTimestamp": "yesterday"}}),
        ("pods", {"metadata": {"labels": ["a"]}}),
        ("secrets", {"data": {"a": "no base64!"}}),
        ("services", {"spec": {"ports": [{"targetPort": {}}]}}),
    ],
)
def test_values_that_do_not_fit_are_refused(resource: str, item: Json) -> None:
    with pytest.raises(Malformed):
        encode(message_of(resource), item)
