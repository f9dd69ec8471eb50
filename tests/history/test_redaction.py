"""What a history must not tell, and what must still be told apart."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.history.redaction import APPLIED, LONG_ANNOTATION, Redactor

KEY = b"a key of one run"
SECRET = "hunter2-very-secret"


def redacted(state: dict[str, Any], key: bytes = KEY) -> Any:
    return Redactor(key).object(state)


def text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def container(value: str) -> dict[str, Any]:
    return {"name": "c", "image": "i", "env": [{"name": "PASSWORD", "value": value}]}


POD = {"kind": "Pod", "spec": {"containers": [container(SECRET)]}}
INIT = {"kind": "Pod", "spec": {"initContainers": [container(SECRET)]}}
SET = {"kind": "StatefulSet", "spec": {"template": {"spec": {"containers": [container(SECRET)]}}}}
REVISION = {
    "kind": "ControllerRevision",
    "data": {"spec": {"template": {"$patch": "replace", "spec": {"containers": [container(SECRET)]}}}},
}
APPLIED_BY_KUBECTL = {"metadata": {"annotations": {APPLIED: f'{{"x":"{SECRET}"}}'}}}
LONG = {"metadata": {"annotations": {"notes": SECRET + "x" * LONG_ANNOTATION}}}
TEMPLATE_ANNOTATION = {"spec": {"template": {"metadata": {"annotations": {"notes": SECRET + "x" * LONG_ANNOTATION}}}}}
DATA = {"kind": "Secret", "data": {"password": SECRET}}
STRING_DATA = {"kind": "Secret", "stringData": {"password": SECRET}}
APPLIED_SECRET = {"kind": "Secret", "data": {}, **APPLIED_BY_KUBECTL}


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(POD, id="pod"),
        pytest.param(INIT, id="init-container"),
        pytest.param(SET, id="template"),
        pytest.param(REVISION, id="revision"),
        pytest.param(APPLIED_BY_KUBECTL, id="last-applied"),
        pytest.param(LONG, id="long-annotation"),
        pytest.param(TEMPLATE_ANNOTATION, id="long-annotation-of-a-template"),
        pytest.param(DATA, id="secret"),
        pytest.param(STRING_DATA, id="secret-as-text"),
        pytest.param(APPLIED_SECRET, id="secret-last-applied"),
    ],
)
def test_a_secret_value_is_nowhere_in_what_is_recorded(state: dict[str, Any]) -> None:
    before = text(state)

    after = redacted(state)

    assert SECRET not in text(after)
    assert "redacted:" in text(after)
    assert text(state) == before


def test_all_else_stays() -> None:
    after = redacted(SET)

    value = after["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"]
    assert value.startswith("redacted:")
    assert after == {"kind": "StatefulSet", "spec": {"template": {"spec": {"containers": [container(value)]}}}}


@given(st.text(), st.text())
def test_equal_values_stay_equal_and_different_ones_different(one: str, other: str) -> None:
    first, second = redacted({"x": [container(one)]}), redacted({"x": [container(other)]})

    assert (first == second) == (one == other)


def test_a_template_and_its_revision_stay_equal() -> None:
    template = redacted(SET)["spec"]["template"]

    assert redacted(REVISION)["data"]["spec"]["template"] == {"$patch": "replace", **template}


def test_another_run_hashes_otherwise() -> None:
    assert redacted(POD) != redacted(POD, b"a key of another run")


@pytest.mark.parametrize(
    "state",
    [
        {"spec": {"containers": [{"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}]}},
        {"spec": {"containers": [{"env": [{"name": "A", "value": ""}, {"name": "B"}]}]}},
        {"metadata": {"annotations": {"short": "x" * LONG_ANNOTATION}}},
        {"metadata": {"annotations": None}},
        {"kind": "ConfigMap", "data": {"x": "y"}},
        {"spec": {"env": "production"}},
    ],
)
def test_what_is_no_secret_is_told(state: dict[str, Any]) -> None:
    assert redacted(state) == state


def test_unchanged_parts_are_shared() -> None:
    state = {"metadata": {"name": "web-0"}, **POD}

    after = redacted(state)

    assert after["metadata"] is state["metadata"]
    assert redacted({"metadata": {"name": "x"}}) == {"metadata": {"name": "x"}}


def test_a_request_body_is_redacted_as_the_object_is() -> None:
    redactor = Redactor(KEY)

    assert redactor.body(SET) == redactor.object(SET)
    assert redactor.body([{"op": "replace", "path": "/spec/replicas", "value": 3}]) == [
        {"op": "replace", "path": "/spec/replicas", "value": 3}
    ]
    assert SECRET not in text(redactor.body([{"op": "add", "path": "/spec", "value": POD["spec"]}]))
    assert redactor.body(None) is None
