"""Label selectors: what they select, and what is said of those that cannot be understood."""

import pytest

from chaos.embedded.api.labels import VALUE_RULE, label_selector
from chaos.embedded.interface import ApiError, Json

LABELS = {"app": "web", "tier": "front", "n": "3", "example.com/x": "y"}


def item(labels: dict[str, str]) -> Json:
    """An object with labels."""
    return {"metadata": {"name": "web-0", "labels": labels}}


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app=web,tier=back", False),
        ("app!=web", False),
        ("other!=web", True),
        ("app", True),
        ("!app", False),
        ("! other", True),
        ("app in (web, api)", True),
        ("app in (api)", False),
        ("app notin (api),tier in (front)", True),
        ("other notin (x)", True),
        ("example.com/x=y", True),
        ("n>2", True),
        ("n<2", False),
        ("other>2", False),
        ("tier>2", False),
        ("other==", False),
        ("tier in (,front)", True),
        ("other notin ()", True),
        ("!other,app", True),
    ],
)
def test_a_label_selector(selector: str, selects: bool) -> None:
    found = label_selector(selector)

    assert (found is None or found(item(LABELS))) == selects


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {VALUE_RULE}'),
        (
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ],
)
def test_what_is_no_label_selector_is_told_in_the_words_of_a_real_server(selector: str, why: str) -> None:
    with pytest.raises(ApiError) as caught:
        label_selector(selector)

    assert (caught.value.status, caught.value.message) == (400, why)


@pytest.mark.parametrize("selector", ["-a=b", "a/b/c=d", "/a", "a!b", "a=" + "b" * 64, "b" * 64])
def test_keys_and_values_are_those_that_labels_may_have(selector: str) -> None:
    with pytest.raises(ApiError) as caught:
        label_selector(selector)

    assert caught.value.message.startswith("unable to parse requirement: ")
