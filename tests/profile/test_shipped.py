"""The profiles that come with the program: found by name, and each of them good."""

import pytest

from chaos.checkers.catalogue import GUARANTEES
from chaos.profile import ProfileError, load, names, steps


SHIPPED = {
    "canary": "A staged rollout by partition, with pods lost below and above it at every stage.",
    "cascade": "A set that is deleted: in the background, in the foreground, in mid-rollout, in mid-scaling, right after it was created.",
    "control-plane": "Faults of the control plane: a controller that is paused, restarted or replaced, an API that is slow or refuses, cut watches.",
    "dns": "Names under churn: of pods, of the Service, of pods that are gone or not there yet, asked from two pods.",
    "evictions": "Evictions, with a PodDisruptionBudget and without; a node that is cordoned and drained; containers that crash.",
    "nightly": "Everything, by weights: chaos at random for as long as --for says, then every corner on purpose, and a quiet end to each.",
    "ondelete": "OnDelete: a new template replaces nothing; whoever is lost comes back new. Then to RollingUpdate and back.",
    "orphan": "Pods without their set: deleted as an orphan, adopted again, let go one by one, in the middle of a rollout.",
    "parallel": "A Parallel set: everything at once, and the budget of a rollout (maxUnavailable), a number or a percentage.",
    "rollback": "Back to older templates: after a rollout, in the middle of one, from one that never gets Ready; with a short history.",
    "scale": "Up and down: through zero, in both ways, with unready pods in the way, with a start ordinal, with minReadySeconds.",
    "storage": "Volumes: every ordinal's pages through deletes, rollouts and scaling; claims that are deleted; every retention policy.",
    "stress": "Concurrent chaos, then single rules under pressure: about a minute for every required guarantee.",
    "tutorial": "The StatefulSet lesson: create, scale, update, canary, OnDelete, cascading and orphan delete.",
}


def test_every_shipped_profile_says_in_its_first_line_what_it_does() -> None:
    assert names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_loads(name: str) -> None:
    profile = load(name, {}, GUARANTEES)

    assert (profile.name, profile.file) == (name, f"{name}.yaml")
    assert profile.checks.require


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "tutorial"])
def test_only_the_tutorial_pulls_a_second_image(name: str) -> None:
    profile = load(name, {}, GUARANTEES)

    assert len(profile.target.images) == 1
    assert not any(
        isinstance(each, steps.SetImage)
        for phase in profile.phases
        for step in phase.steps()
        for each in steps.each(step)
    )


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
        f"strees: no such profile; did you mean stress? expected {', '.join(SHIPPED)}, or a path such as ./strees.yaml",
    )
