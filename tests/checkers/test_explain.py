"""The explain rule on histories of a controller that is right, and of ones that are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.checkers.controller.algorithm import Action, Create, Delete, Rules
from chaos.checkers.controller.states import Pod, SetVersion
from chaos.history.run import Controller
from tests.checkers.lagging import Mutation, play

NEW = Rules(completes_any_type=True, reads_own_writes=True)
OLD = Rules(completes_any_type=False, reads_own_writes=False)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([(NEW, "1.37.2"), (OLD, "1.28.4")]))
def test_a_right_controller_is_never_accused_however_stale_its_caches(seed: int, which: tuple[Rules, str]) -> None:
    rules, version = which

    report = play(seed, rules).report(controller=Controller(version))

    assert {name: j.findings for name, j in report.guarantees.items() if j.findings} == {}
    assert {name: j.why for name, j in report.guarantees.items() if "not be judged" in j.why} == {}


def create_without_waiting(v: SetVersion, pods: list[Pod], made: Action | None, cur: str, upd: str) -> Action | None:
    if made is None and not v.deleting:
        missing = [o for o in v.ordinals if o not in {pod.ordinal for pod in pods}]
        return (
            Create(missing[0], cur if missing[0] < v.partition and v.type == "RollingUpdate" else upd)
            if missing
            else None
        )
    return made


def delete_next_condemned(v: SetVersion, pods: list[Pod], made: Action | None, cur: str, upd: str) -> Action | None:
    condemned = [pod for pod in reversed(pods) if not v.in_range(pod.ordinal)]
    in_range = {pod.ordinal for pod in pods if v.in_range(pod.ordinal) and pod.healthy}
    if made is None and len(in_range) == v.replicas and condemned and condemned[0].terminating:
        waiting = [pod for pod in condemned if not pod.terminating and pod.ready]
        return Delete(waiting[0].uid) if waiting else None
    return made


def partition_off_by_one(v: SetVersion, pods: list[Pod], made: Action | None, cur: str, upd: str) -> Action | None:
    healthy = len(pods) == v.replicas and all(pod.healthy and v.in_range(pod.ordinal) for pod in pods)
    if made is None and healthy and v.type == "RollingUpdate":
        below = [pod for pod in pods if pod.ordinal == v.partition - 1 and pod.revision != upd]
        return Delete(below[0].uid) if below else None
    return made


def update_revision_below_partition(
    v: SetVersion, pods: list[Pod], made: Action | None, cur: str, upd: str
) -> Action | None:
    return Create(made.ordinal, upd) if isinstance(made, Create) else made


def update_on_delete(v: SetVersion, pods: list[Pod], made: Action | None, cur: str, upd: str) -> Action | None:
    healthy = len(pods) == v.replicas and all(pod.healthy and v.in_range(pod.ordinal) for pod in pods)
    old = [pod for pod in pods if pod.revision != upd]
    return Delete(old[-1].uid) if made is None and healthy and v.type == "OnDelete" and old else made


@pytest.mark.parametrize(
    ("mutation", "guarantee"),
    [
        (create_without_waiting, "ordering.create-gate"),
        (delete_next_condemned, "ordering.scale-down-order"),
        (partition_off_by_one, "partition.update-floor"),
        (update_revision_below_partition, "partition.create-revision"),
        (update_on_delete, "ondelete.no-update-deletes"),
    ],
)
def test_a_wrong_controller_is_caught_by_the_guarantee_that_it_breaks(mutation: Mutation, guarantee: str) -> None:
    named: set[str] = set()
    for seed in range(12):
        report = play(seed, NEW, mutation=mutation).report()
        named |= {name for name, judgement in report.guarantees.items() if judgement.findings}

    assert guarantee in named
