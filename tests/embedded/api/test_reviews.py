"""Who one is and what one may do."""

import pytest

from chaos.embedded.interface import ApiError, Json
from tests.embedded.server import USER, server


def review(resource: str, spec: Json | None = None) -> Json:
    """The answer to a review."""
    return server().create(resource, "", {"metadata": {}, **({"spec": spec} if spec is not None else {})}, user=USER)


def test_one_is_told_who_one_is() -> None:
    assert review("selfsubjectreviews")["status"] == {
        "userInfo": {"username": USER, "groups": ["system:masters", "system:authenticated"]}
    }


def test_one_may_do_everything() -> None:
    assert review("selfsubjectaccessreviews", {"resourceAttributes": {"verb": "get"}})["status"] == {"allowed": True}
    rules = review("selfsubjectrulesreviews", {"namespace": "ns"})["status"]
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in rules["resourceRules"]
    assert {"verbs": ["*"], "nonResourceURLs": ["*"]} in rules["nonResourceRules"]
    assert not rules["incomplete"]


@pytest.mark.parametrize(
    "spec", [None, {}, {"resourceAttributes": {"verb": "a"}, "nonResourceAttributes": {"path": "/"}}]
)
def test_one_has_to_say_what_one_wants_to_do(spec: Json | None) -> None:
    with pytest.raises(ApiError) as error:
        review("selfsubjectaccessreviews", spec)

    assert error.value.status == 422


def test_a_review_is_forgotten() -> None:
    api = server()
    api.create("selfsubjectreviews", "", {"metadata": {}}, user=USER)

    assert api.list("selfsubjectreviews").items == ()
