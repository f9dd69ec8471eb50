"""The profiles that come with the program: found by name, and each of them good."""

import pytest

from chaos.checkers.catalogue import GUARANTEES
from chaos.profile import ProfileError, load, names, steps

SHIPPED = {
    "canary": "A staged rollout by partition, with pods lost below and above it at every stage.",
    "cascade": "A set that is deleted: in the background or foreground, in mid-rollout, in mid-scaling, right after its creation.",
    "control-plane": "Faults of the control plane: a controller paused, restarted or replaced, a slow or refusing API, cut watches.",
    "dns": "Names under churn: of pods, of the Service, of pods that are gone or not there yet, asked from two pods.",
    "evictions": "Evictions, with a budget and without; a node that is cordoned and drained; containers that crash, pods that fail.",
    "nightly": "Everything, by weights: every corner on purpose, then chaos at random for as long as --for says.",
    "ondelete": "OnDelete: a new template replaces nothing, whoever is lost comes back new; then to RollingUpdate and back.",
    "orphan": "Pods without their set: orphaned, adopted again, let go one by one, in the middle of a rollout.",
    "parallel": "A Parallel set: everything at once, and the budget of a rollout (maxUnavailable).",
    "recreate": "Recreate: all old pods go at once, and nothing new comes before the last of them is gone.",
    "rollback": "Back to older templates: after a rollout, in the middle of one, from a broken one; with a short history.",
    "scale": "Up and down: through zero, past unready pods, with a start ordinal, with minReadySeconds.",
    "storage": "Volumes: the pages of every ordinal through deletes, rollouts and scaling; claims that go; every retention policy.",
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
