"""The profiles that come with the program: found by name, and each of them good."""

import pytest

from chaos.checkers.catalogue import GUARANTEES
from chaos.profile import ProfileError, load, names, steps


def test_every_shipped_profile_says_in_its_first_line_what_it_does() -> None:
    assert names() == {
        "canary": "A staged rollout by partition, with pods lost below and above it at every stage.",
        "dns": "Names under churn: of pods, of the Service, of pods that are gone or not there yet, asked from two pods.",
        "stress": "Concurrent chaos, then single rules under pressure: about a minute for every required guarantee.",
        "tutorial": "The StatefulSet lesson: create, scale, update, canary, OnDelete, cascading and orphan delete.",
    }


@pytest.mark.parametrize("name", ["canary", "dns", "stress", "tutorial"])
def test_every_shipped_profile_loads(name: str) -> None:
    profile = load(name, {}, GUARANTEES)

    assert (profile.name, profile.file) == (name, f"{name}.yaml")
    assert profile.creates_target == (name == "tutorial")


@pytest.mark.parametrize("name", ["canary", "dns", "stress"])
def test_only_the_tutorial_pulls_a_second_image(name: str) -> None:
    profile = load(name, {}, GUARANTEES)

    assert len(profile.target.images) == 1
    assert not any(isinstance(step, steps.SetImage) for phase in profile.phases for step in phase.steps())


def test_every_step_of_the_tutorial_is_proven() -> None:
    profile = load("tutorial", {}, GUARANTEES)

    assert [phase.name for phase in profile.phases if not phase.expect] == []


def test_the_tutorials_images_can_be_swapped() -> None:
    swapped = load("tutorial", {"target.images": "['nginx:1.26', 'nginx:1.27']"}, GUARANTEES)

    named = {item["image"] for phase in swapped.phases for item in phase.expected() if "image" in item}
    assert named == {"nginx:1.26", "nginx:1.27"}


def test_for_sets_how_long_the_stress_run_is_in_chaos() -> None:
    profile = load("stress", {"for": "10m"}, GUARANTEES)

    assert [phase.name for phase in profile.phases if phase.for_s == 600.0] == ["churn"]


def test_a_name_that_is_not_shipped_is_told_which_are() -> None:
    with pytest.raises(ProfileError) as raised:
        load("strees", {}, GUARANTEES)

    assert raised.value.errors == (
        "strees: no such profile; did you mean stress? expected canary, dns, stress, tutorial, or a path such as ./strees.yaml",
    )
