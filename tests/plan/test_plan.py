"""The same seed gives the same operations, and one draw never shifts another."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos import operations
from chaos.operations import AnyOperation
from chaos.plan import Tick, describe, draw, sequence, ticks
from chaos.profile import Phase, Profile, Step, parse

TEXT = """\
name: canary
target: {statefulset: web, service: nginx, replicas: 5, images: ["nginx:1.27", "nginx:1.16.0"], readiness: file}
phases:
  - name: stage
    do:
      - create-service
      - {set-partition: 3}
      - {set-image: {choose: any}}
      - {delete-pods: {pick: [3, 1]}}
  - name: stress
    for: 20s
    tasks:
      - {scale: {between: [2, 7]}, every: 6s}
      - {set-partition: {choose: [0, 3]}, every: 9s}
      - {change-template: env, every: 7s}
      - {delete-pods: {pick: random, count: 2, grace: [0s, 5s]}, every: 8s}
      - {rollback: random, every: 15s}
"""


def profile(text: str = TEXT) -> Profile:
    return parse(text, "canary.yaml", {}, ())


def stress(text: str = TEXT) -> Phase:
    return profile(text).phases[1]


STRESS = stress()


def step(text: str) -> Step:
    return profile(TEXT.replace("create-service", text)).phases[0].do[0]


def test_the_steps_of_a_phase_come_in_order() -> None:
    stage = profile().phases[0]

    assert list(sequence(stage, 7)) == [
        Tick(0.0, "stage/do[0]", 0, operations.CreateService()),
        Tick(0.0, "stage/do[1]", 0, operations.SetPartition(3)),
        Tick(0.0, "stage/do[2]", 0, operations.SetImage("nginx:1.16.0")),
        Tick(0.0, "stage/do[3]", 0, operations.DeletePods(ordinals=(3, 1))),
    ]


def test_the_ticks_of_a_seed_are_these() -> None:
    assert list(islice(ticks(stress(), 7), 8)) == [
        Tick(
            0.699831,
            "stress/tasks[3]",
            0,
            operations.DeletePods(ranks=(0.5510497527311673, 0.10139218592517552), grace_s=2),
        ),
        Tick(2.482906, "stress/tasks[0]", 0, operations.Scale(replicas=6)),
        Tick(6.408194, "stress/tasks[2]", 0, operations.ChangeTemplate(field="env", value="a7cb684e")),
        Tick(7.000166, "stress/tasks[1]", 0, operations.SetPartition(partition=3)),
        Tick(8.482906, "stress/tasks[0]", 1, operations.Scale(replicas=7)),
        Tick(
            8.699831,
            "stress/tasks[3]",
            1,
            operations.DeletePods(ranks=(0.24209399951847344, 0.7787441856349376), grace_s=1),
        ),
        Tick(11.081615, "stress/tasks[4]", 0, operations.Rollback(rank=0.41907410179630533)),
        Tick(13.408194, "stress/tasks[2]", 1, operations.ChangeTemplate(field="env", value="fbb55fee")),
    ]


def test_another_seed_gives_other_ticks() -> None:
    assert list(ticks(stress(), 7)) != list(ticks(stress(), 8))


def test_a_tasks_ticks_are_evenly_spaced_from_a_moment_of_its_own_until_the_end() -> None:
    found = [tick for tick in ticks(stress(), 7) if tick.task == "stress/tasks[0]"]

    offset = found[0].at_s
    assert 0.0 <= offset < 6.0
    assert [tick.k for tick in found] == list(range(len(found)))
    assert [tick.at_s for tick in found] == [round(offset + k * 6.0, 6) for k in range(len(found))]
    assert 20.0 - 6.0 <= found[-1].at_s < 20.0


@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
def test_ticks_come_in_the_order_of_time(seed: int) -> None:
    found = [tick.at_s for tick in ticks(STRESS, seed)]

    assert found == sorted(found)


def test_a_task_that_goes_leaves_the_draws_of_those_before_it() -> None:
    without = TEXT.replace("      - {rollback: random, every: 15s}\n", "")

    kept = [tick for tick in ticks(stress(), 7) if tick.task != "stress/tasks[4]"]

    assert list(ticks(stress(without), 7)) == kept


def test_a_longer_phase_begins_with_the_same_ticks() -> None:
    short = list(ticks(stress(), 7))
    longer = list(ticks(stress(TEXT.replace("for: 20s", "for: 40s")), 7))

    assert longer[: len(short)] == short


def test_a_phase_without_tasks_has_no_ticks() -> None:
    assert list(ticks(profile().phases[0], 7)) == []


def test_the_kth_draw_depends_on_nothing_but_seed_task_and_k() -> None:
    deletion = step("{delete-pods: {pick: random, count: 3, grace: [0s, 5s]}}")

    in_order = [draw(7, "stress/tasks[3]", k, deletion) for k in range(20)]
    backwards = [draw(7, "stress/tasks[3]", k, deletion) for k in reversed(range(20))]

    assert in_order == backwards[::-1]
    assert len(set(in_order)) == 20
    assert draw(8, "stress/tasks[3]", 0, deletion) != in_order[0]
    assert draw(7, "stress/tasks[4]", 0, deletion) != in_order[0]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("create-service", operations.CreateService()),
        ("delete-service", operations.DeleteService()),
        ("create-set", operations.CreateSet()),
        ("{create-set: Parallel}", operations.CreateSet("Parallel")),
        ("{delete-set: foreground}", operations.DeleteSet("foreground")),
        ("{scale: 3}", operations.Scale(3)),
        ("{set-partition: 2}", operations.SetPartition(2)),
        ("{set-strategy: OnDelete}", operations.SetStrategy("OnDelete")),
        ("{set-strategy: {type: RollingUpdate, partition: 2}}", operations.SetStrategy("RollingUpdate", 2)),
        ("{set-image: nginx:1.16.0}", operations.SetImage("nginx:1.16.0")),
        ("{rollback: previous}", operations.Rollback(0.9999999999999999)),
        ("{delete-pods: {pick: each}}", operations.DeletePods(every=True)),
        ("{delete-pods: {pick: [3, 1], grace: 0s}}", operations.DeletePods(ordinals=(3, 1), grace_s=0)),
        ("write-pages", operations.WritePages()),
        ("{scale: {choose: [4], by: spec}}", operations.Scale(4, "spec")),
        ("{set-strategy: Recreate}", operations.SetStrategy("Recreate")),
        ("{set-max-unavailable: 2}", operations.SetMaxUnavailable(2)),
        ("{set-max-unavailable: 50%}", operations.SetMaxUnavailable("50%")),
        ("{set-min-ready-seconds: 5}", operations.SetMinReadySeconds(5)),
        ("{set-start-ordinal: 3}", operations.SetStartOrdinal(3)),
        ("{set-retention: {when-scaled: Delete}}", operations.SetRetention("Delete", "Retain")),
        ("{set-history-limit: 0}", operations.SetHistoryLimit(0)),
        ("{change-template: sound}", operations.ChangeTemplate("sound", "63556d64")),
        ("{rollback: 2}", operations.Rollback(0.0, 2)),
        (
            "{conflicting-writers: {writers: 2, replicas: 3}}",
            operations.ConflictingWriters((3, 3), "63556d64"),
        ),
        ("{evict-pods: {pick: [1], grace: 5s}}", operations.EvictPods(ordinals=(1,), grace_s=5)),
        ("{create-budget: {min-available: 50%}}", operations.CreateBudget(min_available="50%")),
        ("{create-budget: {max-unavailable: 0}}", operations.CreateBudget(max_unavailable=0)),
        ("delete-budget", operations.DeleteBudget()),
        ("{delete-claims: {pick: each}}", operations.DeleteClaims(every=True)),
        ("{hold-claims: {pick: [1]}}", operations.HoldClaims(ordinals=(1,))),
        ("{release-claims: {pick: each}}", operations.ReleaseClaims(every=True)),
        ("{relabel-pods: {pick: [0], direction: out}}", operations.RelabelPods(ordinals=(0,), direction="out")),
        ("{steal-name: {pick: [0]}}", operations.StealName(ordinals=(0,))),
        ("{orphan-pods: {pick: [0]}}", operations.OrphanPods(ordinals=(0,))),
        ("{hold-pods: {pick: [0]}}", operations.HoldPods(ordinals=(0,))),
        ("{release-pods: {pick: each}}", operations.ReleasePods(every=True)),
        ("{crash-container: {pick: [0]}}", operations.CrashContainer(ordinals=(0,))),
        ("{fail-pods: {pick: [0]}}", operations.FailPods(ordinals=(0,))),
        ("{make-unready: {pick: [0]}}", operations.MakeUnready(ordinals=(0,))),
        ("{make-ready: {pick: each}}", operations.MakeReady(every=True)),
        ("cordon", operations.Cordon(0.38802227306181447)),
        ("uncordon", operations.Uncordon()),
        ("drain", operations.Drain(0.38802227306181447)),
        ("{taint: NoSchedule}", operations.Taint(0.38802227306181447, "NoSchedule")),
        ("untaint", operations.Untaint()),
        (
            "{inflict: {fault: slow-api, seconds: 3, share: 0.5, delay: 2s}}",
            operations.Inflict("slow-api", 3, 0.5, 2.0),
        ),
        ("{mix: [{scale: 3}]}", operations.Scale(3)),
        ("{probe-dns: {from: 2}}", operations.ProbeDns(2)),
        ("{probe-dns: {names: absent}}", operations.ProbeDns(1, "absent")),
        ("{probe-http: {from: 2}}", operations.ProbeHttp(2)),
    ],
)
def test_a_step_without_choices_is_its_operation(text: str, drawn: AnyOperation) -> None:
    assert draw(7, "stage/do[0]", 0, step(text)) == drawn


def test_choices_reach_every_value_and_no_other() -> None:
    def values(text: str) -> set[object]:
        choice = step(text)
        drawn = [draw(7, "stress/tasks[0]", k, choice) for k in range(50)]
        return {getattr(one, type(one).__struct_fields__[0]) for one in drawn}

    assert values("{scale: {between: [2, 4]}}") == {2, 3, 4}
    assert values("{set-partition: {choose: [0, 3]}}") == {0, 3}
    assert values("{set-image: {choose: any}}") == {"nginx:1.27", "nginx:1.16.0"}


def test_a_mix_draws_each_step_as_often_as_its_weight_says() -> None:
    mix = step("{mix: [{weight: 3, scale: 1}, {set-partition: 2}]}")

    drawn = [draw(7, "stress/tasks[0]", k, mix) for k in range(400)]

    share = drawn.count(operations.Scale(1)) / 400
    assert set(drawn) == {operations.Scale(1), operations.SetPartition(2)}
    assert 0.68 < share < 0.82


def test_another_weight_leaves_the_draws_within_a_mix() -> None:
    def scales(weight: int) -> dict[int, AnyOperation]:
        mix = step(f"{{mix: [{{weight: {weight}, scale: {{between: [0, 99]}}}}, delete-service]}}")
        drawn = ((k, draw(7, "stress/tasks[0]", k, mix)) for k in range(50))
        return {k: one for k, one in drawn if isinstance(one, operations.Scale)}

    rare, often = scales(1), scales(9)

    assert len(often) > len(rare)
    assert [k for k in rare if k in often and rare[k] != often[k]] == []


def test_random_deletions_draw_ranks_and_whole_seconds_of_grace() -> None:
    deletion = step("{delete-pods: {pick: random, count: 3, grace: [1s, 3s]}}")

    drawn = [draw(7, "stress/tasks[0]", k, deletion) for k in range(100)]

    assert {one.grace_s for one in drawn if isinstance(one, operations.DeletePods)} == {1, 2, 3}
    ranks = [rank for one in drawn if isinstance(one, operations.DeletePods) for rank in one.ranks]
    assert len(set(ranks)) == 300
    assert all(0.0 <= rank < 1.0 for rank in ranks)


def test_template_changes_differ_from_one_another() -> None:
    change = step("{change-template: annotation}")

    drawn = [draw(7, "stress/tasks[2]", k, change) for k in range(100)]

    assert len(set(drawn)) == 100
    assert drawn[0] == operations.ChangeTemplate("annotation", "a7cb684e")


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (operations.CreateService(), "create the service"),
        (operations.DeleteService(), "delete the service"),
        (operations.CreateSet(), "create the set"),
        (operations.CreateSet("Parallel"), "create the set, Parallel"),
        (operations.DeleteSet("orphan"), "delete the set, orphan"),
        (operations.Scale(3), "scale to 3"),
        (operations.SetPartition(2), "set the partition to 2"),
        (operations.SetStrategy("OnDelete"), "set the strategy to OnDelete"),
        (operations.SetStrategy("RollingUpdate", 2), "set the strategy to RollingUpdate, partition 2"),
        (operations.Scale(3, "spec"), "scale to 3 in the spec"),
        (operations.SetStrategy("Recreate"), "set the strategy to Recreate"),
        (operations.SetMaxUnavailable("50%"), "set maxUnavailable to 50%"),
        (operations.SetMinReadySeconds(5), "set minReadySeconds to 5"),
        (operations.SetStartOrdinal(3), "set the start ordinal to 3"),
        (
            operations.SetRetention("Delete", "Retain"),
            "set the retention of claims to Delete when scaled, Retain when deleted",
        ),
        (operations.SetHistoryLimit(2), "set the history limit to 2"),
        (operations.ChangeTemplate("broken-image", "1f"), "change the template to an image that no registry has"),
        (
            operations.ChangeTemplate("broken-readiness", "1f"),
            "change the template to a readiness probe that never passes",
        ),
        (operations.ChangeTemplate("sound", "1f"), "change the template back to the profile's image and probe"),
        (operations.Rollback(0.0, 2), "roll back to revision 2"),
        (operations.ConflictingWriters((3, 5), "1f"), "write the whole set 2 times at once, replicas 3, 5"),
        (operations.EvictPods(ordinals=(1,), grace_s=5), "evict pods 1, grace 5s"),
        (operations.CreateBudget(min_available="50%"), "create a budget, minAvailable 50%"),
        (operations.CreateBudget(max_unavailable=1), "create a budget, maxUnavailable 1"),
        (operations.DeleteBudget(), "delete the budget"),
        (operations.DeleteClaims(every=True), "delete the claim of every pod"),
        (operations.HoldClaims(ordinals=(1,)), "hold the claim of pods 1 by a finalizer"),
        (operations.ReleaseClaims(every=True), "release the claim of every pod"),
        (operations.RelabelPods(ordinals=(0,), direction="out"), "relabel pods 0 out of the selector"),
        (operations.RelabelPods(ordinals=(0,), direction="in"), "relabel pods 0 into the selector"),
        (operations.StealName(ranks=(0.5,)), "give pod of rank 0.500 a neighbour's name label"),
        (operations.OrphanPods(ranks=(0.5,)), "orphan pod of rank 0.500"),
        (operations.HoldPods(every=True), "hold every pod by a finalizer"),
        (operations.ReleasePods(every=True), "release every pod"),
        (operations.CrashContainer(every=True), "crash the container of every pod"),
        (operations.FailPods(ranks=(0.5,)), "let the deadline of pod of rank 0.500 pass"),
        (operations.MakeUnready(every=True), "make every pod unready"),
        (operations.MakeReady(every=True), "make every pod ready"),
        (operations.Cordon(0.5), "cordon the node of rank 0.500"),
        (operations.Uncordon(), "uncordon what was cordoned"),
        (operations.Drain(0.5), "drain the node of rank 0.500"),
        (operations.Taint(0.5), "taint the node of rank 0.500, NoExecute"),
        (operations.Untaint(), "untaint what was tainted"),
        (operations.Inflict("slow-api", 5), "inflict slow-api for 5s"),
        (operations.SetImage("nginx:1.27"), "set the image to nginx:1.27"),
        (operations.ChangeTemplate("env", "1f"), "change the template's env to 1f"),
        (operations.Rollback(0.9999999999999999), "roll back to the previous revision"),
        (operations.Rollback(0.25), "roll back to the revision of rank 0.250"),
        (operations.DeletePods(every=True, grace_s=0), "delete every pod, grace 0s"),
        (operations.DeletePods(ordinals=(3, 1)), "delete pods 3, 1"),
        (operations.DeletePods(ranks=(0.5,)), "delete pod of rank 0.500"),
        (operations.DeletePods(ranks=(0.5, 0.25), grace_s=5), "delete pods of rank 0.500, 0.250, grace 5s"),
        (operations.WritePages(), "write the page of each pod"),
        (operations.ProbeDns(2), "resolve the name of each pod from 2"),
        (operations.ProbeDns(1, "service"), "resolve the service's name from 1"),
        (operations.ProbeHttp(1), "fetch the page of each pod from 1"),
    ],
)
def test_an_operation_is_told_in_a_few_words(operation: AnyOperation, text: str) -> None:
    assert describe(operation) == text
