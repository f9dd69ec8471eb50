"""Values set from outside: where they go, what follows them, and what they say when they go nowhere."""

import pytest

from chaos.profile import Profile, ProfileError, Until, parse, steps
from chaos.profile.expectations import PodImage, Revision

TEXT = """\
name: canary
target: {statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27", "nginx:1.16.0"]}
phases:
  - name: stage
    do: [{set-image: nginx:1.16.0}]
    expect: [{image: nginx:1.16.0}, {revision: 1, image: nginx:1.27}]
  - {name: short, for: 90s, tasks: [{scale: 3, every: 1s}]}
  - {name: long, for: 2m, tasks: [{set-image: {choose: any}, every: 1s}]}
"""


def changed(overrides: dict[str, str]) -> Profile:
    return parse(TEXT, "canary.yaml", overrides, ())


def errors(overrides: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as raised:
        changed(overrides)
    return raised.value.errors


def test_values_are_yaml_and_replace_or_join_those_of_the_file() -> None:
    profile = changed(
        {
            "target.replicas": "7",
            "target.partition": "3",
            "target.controller.version": "1.28.3",
            "target.controller.gates.MaxUnavailableStatefulSet": "false",
            "phases[1].tasks[0].every": "500ms",
            "phases[0].until.observed": "10s",
        }
    )

    assert (profile.target.replicas, profile.target.partition) == (7, 3)
    assert profile.target.controller.version == "1.28.3"
    assert profile.target.controller.gates == {"MaxUnavailableStatefulSet": False}
    assert profile.phases[1].tasks[0].every_s == 0.5
    assert profile.phases[0].until == Until("observed", 10.0)


def test_for_alone_is_that_of_the_longest_phase() -> None:
    assert [phase.for_s for phase in changed({"for": "10m"}).phases] == [None, 90.0, 600.0]


def test_an_image_that_is_swapped_is_swapped_wherever_it_is_named() -> None:
    profile = changed({"target.images": "[nginx:1.26, 'nginx:1.27']"})

    stage, _, long = profile.phases
    (step,) = stage.do
    assert isinstance(step, steps.SetImage)
    assert step.set_image == ("nginx:1.27",)
    assert stage.expect == (
        PodImage(image="nginx:1.27", ordinals=None),
        Revision(revision=1, image="nginx:1.26"),
    )
    (task,) = long.tasks
    assert isinstance(task.step, steps.SetImage)
    assert task.step.set_image == ("nginx:1.26", "nginx:1.27")


def test_an_image_that_is_left_without_a_place_is_a_bad_reference() -> None:
    assert errors({"target.images": "[nginx:1.26]"}) == (
        'canary.yaml:5: phases[0].do[0].set-image: "nginx:1.16.0" is not among target.images; expected one of nginx:1.26',
        'canary.yaml:6: phases[0].expect[0].image: "nginx:1.16.0" is not among target.images; expected one of nginx:1.26',
    )


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("target.replicas", "abc", 'target.replicas: "abc" is text; expected a whole number'),
        ("target.replicas", "", 'target.replicas: "" is text; expected a whole number'),
        (
            "target.replcas",
            "7",
            "target.replcas: unknown key; did you mean replicas? expected statefulset, service, replicas, images, storage, "
            "strategy, partition, rolling-update, max-unavailable, policy, min-ready-seconds, start-ordinal, retention, "
            "history-limit, readiness, termination-delay, controller",
        ),
        ("for", "3", "phases[2].for: 3 has no unit; expected a duration such as 500ms, 5s, 3m or 1h"),
        ("phases[3].for", "3s", "phases has no [3]; expected the path of a value"),
        ("phases.for", "3s", "phases has no for; expected the path of a value"),
        ("target.replicas.x", "3", "target.replicas has no x; expected the path of a value"),
        ("target..x", "3", "target..x is no path; expected such as target.replicas or phases[0].for"),
        (
            "target.images",
            "[a",
            "not YAML: while parsing a flow sequence expected ',' or ']', but got '<stream end>'",
        ),
    ],
)
def test_a_value_from_outside_is_named_by_its_option(path: str, value: str, error: str) -> None:
    assert errors({path: value}) == (f"--set {path}={value}: {error}",)


def test_a_value_of_an_alias_is_set_in_one_place() -> None:
    text = TEXT.replace("{scale: 3, every: 1s}", "&scale {scale: 3, every: 1s}").replace(
        "{set-image: {choose: any}, every: 1s}", "*scale"
    )

    profile = parse(text, "canary.yaml", {"phases[2].tasks[0].every": "5s"}, ())

    assert [phase.tasks[0].every_s for phase in profile.phases[1:]] == [1.0, 5.0]


def test_for_needs_a_phase_that_lasts_a_set_time() -> None:
    text = "".join(line for line in TEXT.splitlines(keepends=True) if "for:" not in line)

    with pytest.raises(ProfileError) as raised:
        parse(text, "canary.yaml", {"for": "3m"}, ())

    assert raised.value.errors == (
        "--set for=3m: no phase lasts a set time; expected a profile in which a phase has `for`",
    )


def test_all_that_is_wrong_outside_and_in_the_file_comes_at_once() -> None:
    with pytest.raises(ProfileError) as raised:
        parse(
            TEXT.replace("for: 90s", "for: 90"),
            "canary.yaml",
            {"target.replicas": "-1", "phases[9].for": "3s", "target.partition": "["},
            (),
        )

    assert raised.value.errors == (
        "canary.yaml:7: phases[1].for: 90 has no unit; expected a duration such as 500ms, 5s, 3m or 1h",
        "--set target.replicas=-1: target.replicas: -1 is below 0",
        "--set phases[9].for=3s: phases has no [9]; expected the path of a value",
        "--set target.partition=[: not YAML: while parsing a flow node expected the node content, but found '<stream end>'",
    )
