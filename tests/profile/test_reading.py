"""A good file becomes one frozen profile, with every default filled in."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chaos.profile import Checks, Controller, Phase, Profile, ProfileError, Target, Task, Until, load, parse, steps
from chaos.profile.choices import BetweenBy, Choose
from chaos.profile.expectations import PodImage, Pods, Revision

GUARANTEES = ("identity.pod", "ordering.create-gate", "ordering.range")

SMALL = """\
name: small
target: {statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27"]}
phases:
  - {name: update, do: [{change-template: annotation}]}
"""


def read(text: str) -> Profile:
    return parse(text, "small.yaml", {}, GUARANTEES)


def phase(text: str) -> Phase:
    return read(SMALL.replace("  - {name: update, do: [{change-template: annotation}]}\n", text)).phases[0]


def test_the_least_that_a_profile_says_leaves_the_rest_at_its_defaults() -> None:
    profile = read(SMALL)

    assert profile.name == "small"
    assert profile.target == Target.model_validate(
        {
            "statefulset": "web",
            "service": "nginx",
            "replicas": 2,
            "images": ["nginx:1.27"],
            "storage": "10Mi",
            "strategy": "RollingUpdate",
            "partition": 0,
            "termination-delay": "0s",
            "controller": {},
        }
    )
    assert profile.target.controller == Controller(version=None, gates={})
    assert profile.checks == Checks.model_validate({"require": [], "judge": "all", "at-least": 1})


def test_a_target_says_how_the_set_is_made_and_which_controller_is_judged() -> None:
    text = SMALL.replace(
        "replicas: 2,",
        "replicas: 5, strategy: RollingUpdate, partition: 3, termination-delay: 2s, storage: 1Gi,"
        " controller: {version: 1.28.3, gates: {MaxUnavailableStatefulSet: false}},",
    )

    target = read(text).target

    assert (target.replicas, target.partition, target.termination_delay_s, target.storage) == (5, 3, 2, "1Gi")
    assert target.controller == Controller(version="1.28.3", gates={"MaxUnavailableStatefulSet": False})


def test_steps_are_plain_words_or_mappings_of_one_key() -> None:
    text = """\
  - name: all
    do:
      - create-service
      - create-set
      - {delete-set: orphan}
      - delete-set
      - {scale: 3}
      - {scale: {between: [2, 7]}}
      - {set-partition: {choose: [0, 3]}}
      - {set-strategy: OnDelete}
      - {set-strategy: {type: RollingUpdate, partition: 2}}
      - {set-image: nginx:1.27}
      - {rollback: previous}
      - {delete-pods: {pick: [3, 1]}}
      - {delete-pods: {pick: random, count: 3, grace: [0s, 5s]}}
      - {delete-pods: {pick: each, grace: none}}
      - probe-dns
      - {probe-http: {from: 2, names: each-pod}}
"""

    done = phase(text).do

    assert [type(step) for step in done] == [
        steps.CreateService,
        steps.CreateSet,
        steps.DeleteSet,
        steps.DeleteSet,
        steps.Scale,
        steps.Scale,
        steps.SetPartition,
        steps.SetStrategy,
        steps.SetStrategy,
        steps.SetImage,
        steps.Rollback,
        steps.DeletePods,
        steps.DeletePods,
        steps.DeletePods,
        steps.ProbeDns,
        steps.ProbeHttp,
    ]
    assert [getattr(step, name) for step in done for name in type(step).model_fields] == [
        "target",
        "target",
        "orphan",
        "background",
        3,
        BetweenBy(between=(2, 7)),
        Choose(choose=(0, 3)),
        steps.Strategy(type="OnDelete", partition=0),
        steps.Strategy(type="RollingUpdate", partition=2),
        ("nginx:1.27",),
        "previous",
        steps.Victims.model_validate({"pick": [3, 1]}),
        steps.Victims.model_validate({"pick": "random", "count": 3, "grace": ["0s", "5s"]}),
        steps.Victims.model_validate({"pick": "each"}),
        steps.DnsProbe.model_validate({"from": 1}),
        steps.Probe.model_validate({"from": 2}),
    ]


def test_a_task_is_a_step_with_its_rhythm() -> None:
    text = "  - {name: x, for: 3m, tasks: [{scale: 3, every: 500ms}, {write-pages: each-pod, every: 1.5s}]}\n"

    found = phase(text)

    assert found.for_s == 180.0
    assert found.tasks == (
        Task.model_validate({"scale": 3, "every": "500ms"}),
        Task.model_validate({"write-pages": "each-pod", "every": "1.5s"}),
    )
    assert [(type(task.step), task.every_s) for task in found.tasks] == [(steps.Scale, 0.5), (steps.WritePages, 1.5)]


def test_any_image_is_each_of_the_targets_images() -> None:
    text = SMALL.replace('["nginx:1.27"]', '["nginx:1.27", "nginx:1.16.0"]').replace(
        "{change-template: annotation}", "{set-image: {choose: any}}"
    )

    (step,) = read(text).phases[0].do

    assert isinstance(step, steps.SetImage)
    assert step.set_image == ("nginx:1.27", "nginx:1.16.0")


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("  - {name: x, do: [{scale: 3}]}\n", Until("settled", 300.0)),
        ("  - {name: x, expect: [{pods: none}]}\n", Until("settled", 300.0)),
        ("  - {name: x, for: 3s, tasks: [{scale: 3, every: 1s}]}\n", Until("nothing", 300.0)),
        ("  - {name: x, for: 3s, do: [{scale: 3}], until: settled}\n", Until("settled", 300.0)),
        ("  - {name: x, do: [{scale: 3}], until: {observed: 10s}}\n", Until("observed", 10.0)),
        ("  - {name: x, do: [{scale: 3}], until: {present: 2m}}\n", Until("present", 120.0)),
        ("  - {name: x, do: [delete-set], until: gone}\n", Until("gone", 300.0)),
        ("  - {name: x, do: [{delete-set: orphan}], until: {orphaned: 1h}}\n", Until("orphaned", 3600.0)),
        ("  - {name: x, do: [delete-service], until: nothing}\n", Until("nothing", 300.0)),
    ],
)
def test_a_phase_ends_when_it_says_or_when_the_set_has_settled(text: str, until: Until) -> None:
    assert phase(text).until == until


def test_expectations_are_typed_and_stay_in_the_form_of_the_file() -> None:
    text = """\
  - name: all
    expect:
      - {pods: [0, 1]}
      - {pods: none}
      - {image: nginx:1.27, ordinals: [3, 4]}
      - {image: nginx:1.27}
      - {replaced: [1, 0]}
      - {created: [2, 3]}
      - {removed: none}
      - {revisions: 2}
      - {revision: 2, image: nginx:1.27}
      - {set: gone}
      - {service: gone}
      - {resolves: [0, 1]}
      - {fetched: [0, 1]}
"""

    found = phase(text)

    assert found.expect[:4] == (
        Pods(pods=(0, 1)),
        Pods(pods=()),
        PodImage(image="nginx:1.27", ordinals=(3, 4)),
        PodImage(image="nginx:1.27", ordinals=None),
    )
    assert found.expect[8] == Revision(revision=2, image="nginx:1.27")
    assert found.expected() == (
        {"pods": [0, 1]},
        {"pods": "none"},
        {"image": "nginx:1.27", "ordinals": [3, 4]},
        {"image": "nginx:1.27"},
        {"replaced": [1, 0]},
        {"created": [2, 3]},
        {"removed": "none"},
        {"revisions": 2},
        {"revision": 2, "image": "nginx:1.27"},
        {"set": "gone"},
        {"service": "gone"},
        {"resolves": [0, 1]},
        {"fetched": [0, 1]},
    )


def test_checks_speak_of_guarantees_and_of_families() -> None:
    text = SMALL + "checks: {require: [ordering, identity.pod], judge: [identity], at-least: 5}\n"

    checks = read(text).checks

    assert (checks.require, checks.judge, checks.at_least) == (("ordering", "identity.pod"), ("identity",), 5)


def test_everything_is_judged_unless_a_profile_says_otherwise() -> None:
    assert read(SMALL).checks.judge == ()
    assert read(SMALL + "checks: {judge: all}\n").checks.judge == ()


def test_the_target_is_created_beforehand_unless_a_phase_creates_it() -> None:
    created = SMALL.replace("{change-template: annotation}", "create-service, create-set")

    assert not read(SMALL).creates_target
    assert read(created).creates_target


def test_probe_sources_are_as_many_as_the_greediest_probe_asks_for() -> None:
    probing = SMALL.replace("{change-template: annotation}", "{probe-dns: {from: 3}}, probe-http")

    assert read(SMALL).probe_sources == 0
    assert read(probing).probe_sources == 3


def test_a_profile_reads_the_same_again_from_what_it_keeps() -> None:
    first = parse(SMALL, "small.yaml", {"target.replicas": "4"}, GUARANTEES)

    again = parse(first.source, first.file, first.overrides, GUARANTEES)

    assert first.source == SMALL
    assert first.overrides == {"target.replicas": "4"}
    assert again == first


def test_a_profile_does_not_change() -> None:
    profile = read(SMALL)

    with pytest.raises(ValidationError, match="frozen"):
        profile.target.replicas = 7


def test_a_path_is_read_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL, encoding="utf-8")

    profile = load(str(file), {}, GUARANTEES)

    assert profile == parse(SMALL, str(file), {}, GUARANTEES)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "FILE: cannot be read: No such file or directory; expected a profile in YAML"),
        (b"name: a\ntarget: \xff\n", "FILE:2: not YAML: byte 0xff is not UTF-8; expected text"),
    ],
)
def test_a_file_that_holds_no_text_is_one_clear_line(tmp_path: Path, content: bytes | None, error: str) -> None:
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ProfileError) as raised:
        load(str(file), {}, GUARANTEES)

    assert raised.value.errors == (error.replace("FILE", str(file)),)
