"""Values of a wrong type, in Go's words, and nulls."""

from typing import Any

import pytest

from chaos.embedded.api.mistyped import mistake, mistake_at
from chaos.embedded.api.nulls import without_nulls
from chaos.embedded.api.schema import message_of

SETS = message_of("statefulsets")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"metadata": {"name": 5}}, "number into Go struct field ObjectMeta.metadata.name of type string"),
        ({"metadata": "x"}, "string into Go struct field StatefulSet.metadata of type v1.ObjectMeta"),
        ({"spec": {"replicas": "three"}}, "string into Go struct field StatefulSetSpec.spec.replicas of type int32"),
        ({"spec": {"replicas": 1.5}}, "number 1.5 into Go struct field StatefulSetSpec.spec.replicas of type int32"),
        ({"spec": {"replicas": True}}, "bool into Go struct field StatefulSetSpec.spec.replicas of type int32"),
        (
            {"spec": {"template": {"spec": {"containers": [{"image": "a"}, {"image": 1}]}}}},
            "number into Go struct field Container.spec.template.spec.containers.image of type string",
        ),
        (
            {"spec": {"template": {"spec": {"containers": {}}}}},
            "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        ),
        (
            {"metadata": {"labels": {"a": "b", "c": 1}}},
            "number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            {"metadata": {"labels": []}},
            "array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
        ),
    ],
)
def test_the_first_value_of_a_wrong_type_is_told(body: Any, told: str) -> None:
    assert mistake(SETS, body) == f"json: cannot unmarshal {told}"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"spec": None, "metadata": {"name": None}},
        {"spec": {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}}},
        {"spec": {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "20%"}}}},
        {"flowers": {"red": 1}},
    ],
)
def test_nulls_unknown_fields_and_values_of_either_type_are_not_wrong(body: Any) -> None:
    assert mistake(SETS, body) == ""


@pytest.mark.parametrize(
    ("path", "value", "is_wrong"),
    [
        ("spec/replicas", "x", True),
        ("spec/replicas", 3, False),
        ("spec/template/spec/containers/0/image", 3, True),
        ("spec/template/spec/containers/0", "x", True),
        ("spec/template/spec/containers/-", {"image": "a"}, False),
        ("metadata/labels/app", 1, True),
        ("metadata/labels/app", "a", False),
        ("flowers/0/red", 1, False),
    ],
)
def test_one_value_at_a_path(path: str, value: Any, is_wrong: bool) -> None:
    assert bool(mistake_at(SETS, path.split("/"), value)) == is_wrong


def test_nulls_are_fields_that_were_not_given() -> None:
    body = {
        "spec": {"replicas": None, "template": {"spec": {"containers": [{"image": "a", "env": None}]}}},
        "status": None,
    }

    assert without_nulls(SETS, body) == {"spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}}


def test_what_has_no_nulls_is_shared() -> None:
    body = {"metadata": {"labels": {"a": "b"}}, "spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}}

    assert without_nulls(SETS, body) is body


def test_the_content_of_a_revision_keeps_its_nulls() -> None:
    body = {"data": {"spec": {"template": None}}, "revision": 1}

    assert without_nulls(message_of("controllerrevisions"), body) == body
