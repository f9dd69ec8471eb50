"""Patches: the examples of their RFCs, and what Kubernetes' merge does to lists."""

from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.embedded.api.patches import PatchError, json_patch, merge
from chaos.embedded.api.schema import messages
from chaos.embedded.api.strategic import strategic
from chaos.history import mergepatch

# RFC 7386, appendix A
MERGES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

# RFC 6902, appendix A
OPERATIONS: list[tuple[Any, list[dict[str, Any]], Any]] = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"foo": "bar", "baz": "qux"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    ({"foo": [1, 2, 3, 4]}, [{"op": "move", "from": "/foo/1", "path": "/foo/3"}], {"foo": [1, 3, 4, 2]}),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "qux"}], {"baz": "qux"}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc"]}], {"foo": ["bar", ["abc"]]}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": 1, "b": 1}),
]

REFUSED: list[tuple[Any, Any, int]] = [
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], 422),
    ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], 422),
    ({"foo": "bar"}, [{"op": "remove", "path": "/baz"}], 422),
    ({"foo": [1]}, [{"op": "replace", "path": "/foo/1", "value": 2}], 422),
    ({"foo": [1]}, [{"op": "add", "path": "/foo/2", "value": 2}], 422),
    ({}, [{"op": "fly", "path": "/a"}], 422),
    ({}, [{"path": 3}], 400),
    ({}, {"a": 1}, 400),
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("target", "patch", "expected"), MERGES)
def test_merge_patches_of_the_rfc(target: Any, patch: Any, expected: Any) -> None:
    assert merge(target, patch) == expected


@given(JSON, JSON)
def test_a_merge_patch_applied_twice_is_applied_once(target: Any, patch: Any) -> None:
    once = merge(target, patch)

    assert merge(once, patch) == once


@given(JSON, JSON)
def test_a_merge_patch_does_what_the_one_that_histories_are_made_with_does(target: Any, patch: Any) -> None:
    assert merge(target, patch) == mergepatch.apply(target, patch)


POINTERS = st.lists(st.sampled_from(["a", "b", "c", "0", "1", "2", "-", "~0", "~1"]), max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c", "~", "/"]), JSON, max_size=4)
CHANGES = st.lists(
    st.fixed_dictionaries({"op": st.sampled_from(["add", "replace", "test"]), "path": POINTERS, "value": JSON})
    | st.fixed_dictionaries({"op": st.just("remove"), "path": POINTERS})
    | st.fixed_dictionaries({"op": st.sampled_from(["copy", "move"]), "from": POINTERS, "path": POINTERS}),
    max_size=4,
)


@given(DOCUMENTS, CHANGES)
def test_a_json_patch_does_what_the_reference_does_or_neither_does_anything(target: Any, operations: Any) -> None:
    try:
        expected = jsonpatch.apply_patch(target, operations)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        with pytest.raises(PatchError):
            json_patch(target, operations)
    else:
        assert json_patch(target, operations) == expected


@pytest.mark.parametrize(("target", "operations", "expected"), OPERATIONS)
def test_json_patches_of_the_rfc(target: Any, operations: Any, expected: Any) -> None:
    assert json_patch(target, operations) == expected


@pytest.mark.parametrize(("target", "operations", "status"), REFUSED)
def test_json_patches_that_do_not_fit(target: Any, operations: Any, status: int) -> None:
    with pytest.raises(PatchError) as caught:
        json_patch(target, operations)
    assert caught.value.status == status


@given(JSON, JSON, st.sampled_from("abc"))
def test_a_patch_leaves_its_target_alone(target: Any, value: Any, key: str) -> None:
    import copy

    before = copy.deepcopy(target)
    merge(target, {key: value})
    if isinstance(target, dict):
        json_patch(target, [{"op": "add", "path": f"/{key}", "value": value}])
        strategic(None, target, {key: value})
    assert target == before


SPEC = messages()["core.v1.PodSpec"]
CONTAINERS = {"containers": [{"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"containers": [{"name": "b", "image": "2"}]}, [CONTAINERS["containers"][0], {"name": "b", "image": "2"}]),
        ({"containers": [{"name": "a", "$patch": "delete"}]}, [{"name": "b"}]),
        ({"containers": [{"$patch": "replace"}, {"name": "z"}]}, [{"name": "z"}]),
        ({"containers": [{"name": "c"}]}, [{"name": "c"}, *CONTAINERS["containers"]]),
        (
            {"containers": [{"name": "a", "env": [{"name": "X", "value": "2"}]}]},
            [{"name": "a", "image": "1", "env": [{"name": "X", "value": "2"}]}, {"name": "b"}],
        ),
        (
            {
                "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                "containers": [{"name": "b", "image": "2"}],
            },
            [{"name": "b", "image": "2"}, CONTAINERS["containers"][0]],
        ),
    ],
)
def test_a_strategic_patch_merges_items_by_key(patch: Any, expected: Any) -> None:
    assert strategic(SPEC, CONTAINERS, patch)["containers"] == expected


@pytest.mark.parametrize(
    ("message", "target", "patch", "expected"),
    [
        ("core.v1.Pod", {"spec": {"x": 1, "y": 2}}, {"spec": {"x": None}}, {"spec": {"y": 2}}),
        ("core.v1.Pod", {"a": {"x": 1}}, {"a": {"$patch": "replace", "y": 2}}, {"a": {"y": 2}}),
        ("core.v1.Pod", {"a": {"x": 1}}, {"a": {"$patch": "delete"}}, {}),
        ("core.v1.Pod", {"a": {"x": 1, "y": 2}}, {"a": {"$retainKeys": ["y"], "y": 3}}, {"a": {"y": 3}}),
        ("meta.v1.ObjectMeta", {"finalizers": ["a"]}, {"finalizers": ["b", "a"]}, {"finalizers": ["a", "b"]}),
        (
            "meta.v1.ObjectMeta",
            {"finalizers": ["a", "b"]},
            {"$deleteFromPrimitiveList/finalizers": ["a"]},
            {"finalizers": ["b"]},
        ),
        (
            "core.v1.ServiceSpec",
            {"ports": [{"port": 80, "name": "a"}]},
            {"ports": [{"port": 80, "name": "b"}]},
            {"ports": [{"port": 80, "name": "b"}]},
        ),
        ("core.v1.Container", {"args": ["a", "b"]}, {"args": ["c"]}, {"args": ["c"]}),
        (
            "core.v1.Container",
            {"ports": [{"containerPort": 80}]},
            {"ports": [{"containerPort": 81}]},
            {"ports": [{"containerPort": 81}, {"containerPort": 80}]},
        ),
        ("core.v1.Pod", {"unknown": [{"name": "a"}]}, {"unknown": [{"name": "b"}]}, {"unknown": [{"name": "b"}]}),
        (
            "core.v1.PodSpec",
            {"tolerations": [{"key": "a"}]},
            {"tolerations": [{"key": "b"}]},
            {"tolerations": [{"key": "b"}]},
        ),
    ],
)
def test_strategic_patches_of_other_fields(message: str, target: Any, patch: Any, expected: Any) -> None:
    assert strategic(messages()[message], target, patch) == expected


@pytest.mark.parametrize("patch", [{"containers": [{"image": "x"}]}, {"a": {"$patch": "fly"}}, ["x"]])
def test_strategic_patches_that_make_no_sense(patch: Any) -> None:
    with pytest.raises(PatchError) as caught:
        strategic(SPEC, CONTAINERS, patch)
    assert caught.value.status == 400
