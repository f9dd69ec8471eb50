"""Field selectors and LabelSelector objects: what they select, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.embedded.api.labels import label_selector
from chaos.embedded.api.selectors import field_selector, matches
from chaos.embedded.interface import ApiError, Json

LABELS = {"app": "web", "tier": "front", "n": "3", "example.com/x": "y"}


def item(labels: dict[str, str]) -> Json:
    return {"metadata": {"name": "web-0", "labels": labels}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")), st.sampled_from("abc"), st.sampled_from("xyz"))
def test_a_selector_and_its_opposite(labels: dict[str, str], key: str, value: str) -> None:
    yes, no = label_selector(f"{key}={value}"), label_selector(f"{key}!={value}")
    assert yes is not None
    assert no is not None

    assert yes(item(labels)) == (labels.get(key) == value) == (not no(item(labels)))
    assert matches({"matchLabels": {key: value}}, labels) == yes(item(labels))


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ("metadata.name=web-0", True),
        ("metadata.name!=web-0", False),
        ("spec.nodeName=n1,status.phase=Running", True),
        ("status.phase=Pending", False),
    ],
)
def test_a_field_selector(selector: str, selects: bool) -> None:
    found = field_selector("pods", selector)

    assert found is not None
    assert found(item({})) == selects


@pytest.mark.parametrize("selector", ["spec.color=red", "metadata.name"])
def test_what_is_no_field_selector(selector: str) -> None:
    with pytest.raises(ApiError) as caught:
        field_selector("pods", selector)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("operator", "values", "selects"),
    [("In", ["web"], True), ("NotIn", ["web"], False), ("Exists", [], True), ("DoesNotExist", [], False)],
)
def test_a_selector_object(operator: str, values: list[str], selects: bool) -> None:
    expression = {"key": "app", "operator": operator, "values": values}

    assert matches({"matchExpressions": [expression]}, LABELS) == selects
    assert not matches(None, LABELS)
    assert matches({}, LABELS)
