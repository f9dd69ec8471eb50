"""Merge patches: what is not said stays, a null removes, and what a patch cannot say is not said by one."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.history.mergepatch import apply, diff

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(2, 4) | st.sampled_from(["", "x"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=3)


def has_null(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and any(has_null(inner) for inner in value.values()))


@given(OBJECTS, OBJECTS)
def test_a_patch_leads_from_one_state_to_the_other_or_is_refused(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch = diff(before, after)

    if patch is None:
        assert has_null(after)
    else:
        assert apply(before, patch) == after


@given(OBJECTS, OBJECTS)
def test_neither_state_is_changed(before: dict[str, Any], after: dict[str, Any]) -> None:
    copies = copy.deepcopy((before, after))
    patch = diff(before, after)
    if patch is not None:
        apply(before, patch)

    assert (before, after) == copies


@given(OBJECTS)
def test_what_stays_the_same_is_an_empty_patch(state: dict[str, Any]) -> None:
    assert diff(state, state) == {}


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 3}),
        ({"a": 1}, {}, {"a": None}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, {"a": {"y": None}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1]}),
        ({"a": [1]}, {"a": [1, None]}, {"a": [1, None]}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": {"x": 1}}, {"a": 1}, {"a": 1}),
        ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": None}}),
        ({}, {"a": {}}, {"a": {}}),
        ({"a": None}, {"a": None}, {}),
        ({"a": None}, {}, {"a": None}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({}, {"a": None}, None),
        ({"a": 1}, {"a": None}, None),
        ({}, {"a": {"x": None}}, None),
        ({"a": {"x": 1}}, {"a": {"x": None}}, None),
    ],
)
def test_a_patch_is_the_smallest_there_is(
    before: dict[str, Any], after: dict[str, Any], patch: dict[str, Any] | None
) -> None:
    assert diff(before, after) == patch


def test_a_patch_that_is_no_object_takes_the_place_of_the_state() -> None:
    assert apply({"a": 1}, [1]) == [1]
    assert apply("x", {"a": {"b": None, "c": 1}}) == {"a": {"c": 1}}
