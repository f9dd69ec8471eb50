"""Every mistake is one line: file, line, path, what is wrong, what was expected; and all of them come at once."""

import pytest

from chaos.profile import ProfileError, parse

GUARANTEES = ("identity.pod", "ordering.create-gate")

GOOD = """\
name: canary
target: {statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27", "nginx:1.16.0"]}
phases:
  - name: stage
    do: [create-service]
"""


def errors(text: str) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as raised:
        parse(text, "canary.yaml", {}, GUARANTEES)
    assert str(raised.value) == "\n".join(raised.value.errors)
    return raised.value.errors


def with_target(entries: str) -> str:
    return GOOD.replace("replicas: 5,", f"replicas: 5, {entries},")


def with_phase(*lines: str) -> str:
    return GOOD + "".join(f"    {line}\n" for line in lines)


def with_step(step: str) -> str:
    return GOOD.replace("create-service", step)


def with_task(task: str) -> str:
    return with_phase("for: 3m", "tasks:", f"  - {task}")


def with_checks(entries: str) -> str:
    return GOOD + f"checks: {{{entries}}}\n"


UNITS = "a duration such as 500ms, 5s, 3m or 1h"
AMOUNT = "a whole number, {between: [lowest, highest]} or {choose: [n, ...]}"
SCALING = "a whole number, or {between: [lowest, highest]} or {choose: [n, ...]}, both also with by: spec"
STATES = "settled, present, observed, gone, orphaned, nothing, or one with a limit such as {settled: 5m}"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (GOOD + "nmae: x\n", "6: nmae: unknown key; did you mean name? expected name, target, phases, checks"),
        (
            with_target("storag: 1Gi"),
            "2: target.storag: unknown key; did you mean storage? expected statefulset, service, replicas, images, storage, "
            "strategy, partition, rolling-update, max-unavailable, policy, min-ready-seconds, start-ordinal, retention, "
            "history-limit, readiness, termination-delay, controller",
        ),
        (
            with_phase("untill: settled"),
            "6: phases[0].untill: unknown key; did you mean until? expected name, do, for, tasks, until, expect",
        ),
        (
            with_task("{scale: 3, every: 1s, foo: 3}"),
            "8: phases[0].tasks[0].foo: unknown key; expected scale, every",
        ),
        (
            with_task("{delete-pods: {pick: random, cuont: 3}, every: 1s}"),
            "8: phases[0].tasks[0].delete-pods.cuont: unknown key; did you mean count? expected pick, count, grace",
        ),
    ],
)
def test_an_unknown_key_is_named_with_those_that_are_known(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (with_phase("for: 3"), f"6: phases[0].for: 3 has no unit; expected {UNITS}"),
        (with_phase("for: 3 s"), f'6: phases[0].for: "3 s" is not a duration; expected {UNITS}'),
        (with_phase("for: 3d"), f'6: phases[0].for: "3d" is not a duration; expected {UNITS}'),
        (with_phase("for: 0s"), '6: phases[0].for: "0s" takes no time; expected a duration above 0'),
        (with_phase("until: {settled: 5}"), f"6: phases[0].until: 5 has no unit; expected {UNITS}"),
        (with_task("{scale: 3, every: 10}"), f"8: phases[0].tasks[0].every: 10 has no unit; expected {UNITS}"),
        (
            with_target("termination-delay: 500ms"),
            '2: target.termination-delay: "500ms" is no whole number of seconds, as Kubernetes wants it; expected such as 2s',
        ),
        (
            with_step("{delete-pods: {pick: each, grace: [0s, 1.5s]}}"),
            '5: phases[0].do[0].delete-pods.grace: "1.5s" is no whole number of seconds, as Kubernetes wants it; '
            "expected such as 2s",
        ),
    ],
)
def test_a_wrong_unit_is_told_which_units_there_are(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            with_step("{set-image: nginx:1.16}"),
            '5: phases[0].do[0].set-image: "nginx:1.16" is not among target.images; expected one of nginx:1.27, nginx:1.16.0',
        ),
        (
            with_phase("expect:", "  - {pods: none}", "  - {image: nginx:1, ordinals: [0]}"),
            '8: phases[0].expect[1].image: "nginx:1" is not among target.images; expected one of nginx:1.27, nginx:1.16.0',
        ),
        (
            with_checks("require: [identity, ordring]"),
            '6: checks.require[1]: "ordring" is no guarantee; did you mean ordering? expected a name, or a family: identity, '
            "ordering",
        ),
        (
            with_checks("require: [ordering.create-gate, ordering.foo]"),
            '6: checks.require[1]: "ordering.foo" is no guarantee; did you mean ordering? expected a name, or a family: '
            "identity, ordering",
        ),
    ],
)
def test_a_bad_reference_is_told_what_there_is(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (with_target("partition: three"), '2: target.partition: "three" is text; expected a whole number'),
        (with_target("partition: 2.5"), "2: target.partition: 2.5 is a number; expected a whole number"),
        (with_target("partition: true"), "2: target.partition: true is true or false; expected a whole number"),
        (with_target("partition: -1"), "2: target.partition: -1 is below 0"),
        (with_target("storage: lots"), '2: target.storage: "lots" is wrong; expected a quantity such as 10Mi'),
        (
            with_target("strategy: Rolling"),
            '2: target.strategy: "Rolling" is wrong; did you mean RollingUpdate? expected RollingUpdate, OnDelete or '
            "Recreate",
        ),
        (
            with_target("strategy: OnDelete, partition: 2"),
            "2: target.partition: 2 with strategy OnDelete; expected no partition, only RollingUpdate has one",
        ),
        (
            with_target("controller: {version: 1.28}"),
            '2: target.controller.version: 1.28 is a number; expected a version such as "1.28.3"',
        ),
        (
            with_target("controller: {gates: {MaxUnavailableStatefulSet: maybe}}"),
            '2: target.controller.gates.MaxUnavailableStatefulSet: "maybe" is text; expected true or false',
        ),
        (
            GOOD.replace("statefulset: web", "statefulset: Web"),
            "2: target.statefulset: \"Web\" is no name; expected at most 52 lower-case letters, digits and inner '-'",
        ),
        (
            GOOD.replace('"nginx:1.16.0"', '"nginx:1.27"'),
            "2: target.images: names nginx:1.27 more than once; expected different images",
        ),
        (with_phase("tasks: 3"), "6: phases[0].tasks: 3 is a number; expected a list of operations, each with `every`"),
        (with_phase("until: later"), f'6: phases[0].until: "later" ends no phase; expected {STATES}'),
        (with_phase("until: {nothing: 5m}"), f'6: phases[0].until: {{nothing: "5m"}} ends no phase; expected {STATES}'),
        (
            with_phase("expect: [{pods: all}]"),
            '6: phases[0].expect[0].pods: "all" is text; expected a list of ordinals, or none',
        ),
        (
            with_phase("expect: [{pods: [0, 0]}]"),
            "6: phases[0].expect[0].pods: names 0 more than once; expected each ordinal once",
        ),
        (with_phase("expect: [{set: there}]"), '6: phases[0].expect[0].set: "there" is wrong; expected gone'),
        (
            with_checks("judge: []"),
            "6: checks.judge: is empty; expected all, or a list of guarantees or families",
        ),
        (with_checks("at-least: 0"), "6: checks.at-least: 0 is below 1"),
        (
            with_checks("judge: some"),
            '6: checks.judge: "some" is text; expected all, or a list of guarantees or families',
        ),
    ],
)
def test_a_wrong_value_is_told_what_was_expected(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            with_step("{scale: {between: [7, 2]}}"),
            "5: phases[0].do[0].scale.between: [7, 2] is upside down; expected [lowest, highest]",
        ),
        (
            with_step("{scale: {between: [1, 2, 3]}}"),
            "5: phases[0].do[0].scale.between: has 3 numbers; expected two: [lowest, highest]",
        ),
        (
            with_step("{scale: {between: [0, x]}}"),
            '5: phases[0].do[0].scale.between[1]: "x" is text; expected a whole number',
        ),
        (with_step("{scale: {choose: []}}"), "5: phases[0].do[0].scale.choose: is empty; expected at least one"),
        (
            with_step("{scale: {betwen: [1, 2]}}"),
            f"5: phases[0].do[0].scale: {{betwen: [1, 2]}} is wrong; expected {SCALING}",
        ),
        (
            with_step("{delete-pods: {pick: each, grace: [5s, 0s]}}"),
            "5: phases[0].do[0].delete-pods.grace: [5s, 0s] is upside down; expected [shortest, longest]",
        ),
        (
            with_step("{delete-pods: {pick: each, count: 2}}"),
            "5: phases[0].do[0].delete-pods.count: goes with pick: random only; expected no count, what is picked says how many",
        ),
        (with_step("{set-partition: -1}"), "5: phases[0].do[0].set-partition: -1 is below 0"),
        (
            with_step("{set-strategy: {type: OnDelete, partition: 1}}"),
            "5: phases[0].do[0].set-strategy.partition: 1 with type OnDelete; expected no partition, only RollingUpdate has one",
        ),
        (
            with_step("{set-image: {choose: all}}"),
            '5: phases[0].do[0].set-image: {choose: "all"} is no image; expected one of target.images, or {choose: any}',
        ),
    ],
)
def test_a_choice_that_cannot_be_drawn_is_refused(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


SINGLE = (
    "create-service, delete-service, create-set, delete-set, scale, set-partition, set-strategy, set-max-unavailable, "
    "set-min-ready-seconds, set-start-ordinal, set-retention, set-history-limit, set-image, change-template, rollback, "
    "conflicting-writers, delete-pods, evict-pods, create-budget, delete-budget, delete-claims, hold-claims, "
    "release-claims, relabel-pods, steal-name, orphan-pods, hold-pods, release-pods, crash-container, fail-pods, "
    "make-unready, make-ready, cordon, uncordon, drain, taint, untaint, inflict, write-pages, probe-dns, probe-http"
)
OPERATIONS = f"{SINGLE}, mix"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            with_step("{scale: 2, set-partition: 1}"),
            "5: phases[0].do[0]: is ambiguous: scale and set-partition; expected one operation in each item of the list",
        ),
        (
            with_task("{scale: 2, set-partition: 1, every: 1s}"),
            "8: phases[0].tasks[0]: is ambiguous: scale and set-partition; expected one operation in each item of the list",
        ),
        (
            with_step("create-st"),
            f'5: phases[0].do[0]: "create-st" is no operation; did you mean create-set? expected one of {OPERATIONS}',
        ),
        (with_step("{}"), f"5: phases[0].do[0]: {{}} is no operation; expected one of {OPERATIONS}"),
        (with_step("scale"), f"5: phases[0].do[0]: scale is incomplete; expected {{scale: {SCALING}}}"),
        (with_task("{scale: 3}"), "8: phases[0].tasks[0].every: is missing; expected a duration such as 10s"),
        (with_step("{scale: 3, every: 1s}"), "5: phases[0].do[0].every: unknown key; expected scale"),
        (
            with_phase("expect: [{set: gone, service: gone}]"),
            "6: phases[0].expect[0]: is ambiguous: set and service; expected one expectation in each item of the list",
        ),
        (
            with_phase("expect: [{replacd: none}]"),
            '6: phases[0].expect[0]: "replacd" is no expectation; did you mean replaced? expected one of pods, replaced, created, '
            "removed, revisions, revision, set, service, resolves, fetched, image",
        ),
        (
            with_phase("expect: [{revision: 2}]"),
            "6: phases[0].expect[0].image: is missing; expected one of target.images",
        ),
    ],
)
def test_an_item_is_exactly_one_operation_or_expectation(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


def test_tasks_need_an_end() -> None:
    text = with_phase("tasks: [{scale: 3, every: 1s}]")

    assert errors(text) == (
        "canary.yaml:6: phases[0].tasks: have no end; expected `for` beside them, how long they go on",
    )


def test_a_phase_does_something() -> None:
    text = GOOD + "  - name: idle\n"

    assert errors(text) == ("canary.yaml:6: phases[1]: does nothing; expected do, tasks, until or expect",)


def test_phases_have_names_of_their_own() -> None:
    text = GOOD + "  - {name: stage, do: [create-set]}\n"

    assert errors(text) == (
        'canary.yaml:4: phases[0].name: "stage" names several phases; expected a name of its own for each',
        'canary.yaml:6: phases[1].name: "stage" names several phases; expected a name of its own for each',
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "",
            ("1: is empty; expected a mapping with name, target and phases",),
        ),
        (
            GOOD + "\tchecks: 1\n",
            ("6: not YAML: while scanning for the next token found character '\\t' that cannot start any token",),
        ),
        (
            GOOD + "checks: [\n",
            ("7: not YAML: while parsing a flow node expected the node content, but found '<stream end>'",),
        ),
        (
            GOOD + "---\nname: x\n",
            ("6: not YAML: expected a single document in the stream but found another document",),
        ),
        (GOOD + "checks: \x01\n", ("6: not YAML: character U+0001 is not allowed; expected printable text",)),
        (GOOD + "name: other\n", ("6: name: is there twice, first in line 1; expected each key once",)),
        (with_phase("for:"), ("6: phases[0].for: has no value; expected one, or the key left out",)),
        (with_phase("on: 3"), ("6: phases[0]: key on is no text; expected a plain word, or quotes around it",)),
        (with_phase("for: !later 3s"), ('6: phases[0].for: "3s" has the tag !later; expected a plain value',)),
        (
            with_phase("expect: &all [{pods: none}, *all]"),
            ("6: phases[0].expect[1]: contains itself; expected an alias of something else",),
        ),
    ],
)
def test_what_is_no_plain_yaml_is_told_where(text: str, expected: tuple[str, ...]) -> None:
    assert errors(text) == tuple(f"canary.yaml:{line}" for line in expected)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            with_step("{set-max-unavailable: 150%}"),
            '5: phases[0].do[0].set-max-unavailable: "150%" is no number of pods; expected a whole number or a percentage such '
            'as "50%"',
        ),
        (
            with_step("{set-max-unavailable: {between: [3, 1]}}"),
            "5: phases[0].do[0].set-max-unavailable: {between: [3, 1]} is wrong; expected a whole number or a percentage such "
            'as "50%", {between: [lowest, highest]} or {choose: [...]}',
        ),
        (
            with_step("{scale: {between: [2, 7], by: hand}}"),
            '5: phases[0].do[0].scale.by: "hand" is wrong; expected scale or spec',
        ),
        (
            with_step("{set-retention: {when-scaled: Keep}}"),
            '5: phases[0].do[0].set-retention.when-scaled: "Keep" is wrong; expected Retain or Delete',
        ),
        (
            with_step("{change-template: broken}"),
            '5: phases[0].do[0].change-template: "broken" is wrong; did you mean broken-image? expected annotation, env, '
            "broken-image, broken-readiness or sound",
        ),
        (with_step("{rollback: 0}"), "5: phases[0].do[0].rollback: 0 is below 1"),
        (
            with_step("{rollback: latest}"),
            '5: phases[0].do[0].rollback: "latest" is wrong; expected previous, random or the number of a revision',
        ),
        (
            with_step("{conflicting-writers: {writers: 1, replicas: 3}}"),
            "5: phases[0].do[0].conflicting-writers.writers: 1 is below 2",
        ),
        (
            with_step("{create-budget: {min-available: 1, max-unavailable: 1}}"),
            "5: phases[0].do[0].create-budget: sets both or neither; expected one of min-available, max-unavailable",
        ),
        (
            with_step("{relabel-pods: {pick: random}}"),
            "5: phases[0].do[0].relabel-pods.direction: is missing; expected out or in",
        ),
        (
            with_step("{make-unready: {pick: random}}"),
            "5: phases[0].do[0].make-unready: needs pods whose readiness a file decides; expected target.readiness: file",
        ),
        (
            with_step("{taint: NoWay}"),
            '5: phases[0].do[0].taint: "NoWay" is wrong; expected NoExecute or NoSchedule, or the plain word',
        ),
        (
            with_step("{inflict: {fault: restart-contoller}}"),
            '5: phases[0].do[0].inflict.fault: "restart-contoller" is wrong; did you mean restart-controller? expected the name of '
            "a fault such as restart-controller",
        ),
        (
            with_target("rolling-update: absent, max-unavailable: 2"),
            "2: target.max-unavailable: 2 with rolling-update: absent; expected no max-unavailable",
        ),
        (
            with_target("partition: 2, rolling-update: absent"),
            "2: target.rolling-update: absent with a partition; expected one of them",
        ),
        (
            with_target("strategy: OnDelete, rolling-update: absent"),
            "2: target.rolling-update: absent with strategy OnDelete; expected no rolling-update, only RollingUpdate has one",
        ),
    ],
)
def test_what_an_operation_needs_is_told_with_its_line(text: str, error: str) -> None:
    assert errors(text) == (f"canary.yaml:{error}",)


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("{mix: [], every: 1s}", ".mix: is empty; expected at least one"),
        ("{mix: [{weight: 0, scale: 3}], every: 1s}", ".mix[0].weight: 0 is below 1"),
        (
            "{mix: [{wieght: 1, scale: 3}], every: 1s}",
            ".mix[0].wieght: unknown key; did you mean weight? expected scale, weight",
        ),
        ("{mix: [{scale: -1}], every: 1s}", ".mix[0].scale: -1 is below 0"),
        (
            "{mix: [{scael: 1}], every: 1s}",
            f'.mix[0]: "scael" is no operation; did you mean scale? expected one of {SINGLE}',
        ),
        ("{mix: [{mix: [{scale: 1}]}], every: 1s}", f'.mix[0]: "mix" is no operation; expected one of {SINGLE}'),
    ],
)
def test_a_mix_has_its_mistakes_where_they_stand(task: str, error: str) -> None:
    assert errors(with_task(task)) == (f"canary.yaml:8: phases[0].tasks[0]{error}",)


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
name: canary
name: Canary
target: {statefulset: web, replicas: five, images: ["nginx:1.27"]}
phases:
  - name: stage
    do:
      - {set-partition: -1}
      - {set-image: nginx:1.16.0}
    until: settld
  - name: stress
    for: 3
    tasks:
      - {scale: {between: [7, 2]}, every: 10s}
      - {probe-dns: {from: 0}}
      - {probe-dns: {names: every}, every: 1s}
checks: {require: [identity, ordring]}
"""

    assert errors(text) == (
        "canary.yaml:2: name: is there twice, first in line 1; expected each key once",
        "canary.yaml:3: target.service: is missing; expected the name of the headless Service",
        'canary.yaml:3: target.replicas: "five" is text; expected a whole number',
        "canary.yaml:7: phases[0].do[0].set-partition: -1 is below 0",
        'canary.yaml:8: phases[0].do[1].set-image: "nginx:1.16.0" is not among target.images; expected one of nginx:1.27',
        f'canary.yaml:9: phases[0].until: "settld" ends no phase; expected {STATES}',
        f"canary.yaml:11: phases[1].for: 3 has no unit; expected {UNITS}",
        "canary.yaml:13: phases[1].tasks[0].scale.between: [7, 2] is upside down; expected [lowest, highest]",
        "canary.yaml:14: phases[1].tasks[1].probe-dns.from: 0 is below 1",
        "canary.yaml:14: phases[1].tasks[1].every: is missing; expected a duration such as 10s",
        'canary.yaml:15: phases[1].tasks[2].probe-dns.names: "every" is wrong; expected each-pod, service, absent or all',
        'canary.yaml:16: checks.require[1]: "ordring" is no guarantee; did you mean ordering? expected a name, or a family: '
        "identity, ordering",
    )
