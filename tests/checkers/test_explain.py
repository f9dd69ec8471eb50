"""The explain rule on histories of a controller that is right, and of ones that are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from chaos.checkers.controller.algorithm import Create, Delete, Sync
from chaos.checkers.controller.rules import Rules, rules
from chaos.checkers.controller.states import Pod, Sight
from chaos.history.run import Controller
from tests.checkers.lagging import PLAIN, Kind, Mutation, play
from tests.checkers.scenes.cascade import orphaned
from tests.checkers.verdicts import breached

NEW = rules("1.37.2", {})
RELEASES = ("1.26.15", "1.28.15", "1.33.13", "1.35.2", "1.36.3", "1.37.2")
GATES = {"StatefulSetRecreateStrategy": True}
KINDS = (
    PLAIN,
    Kind(failing=0.1, losing=0.05),
    Kind(parallel=True, failing=0.05, losing=0.03),
    Kind(min_ready_s=6),
    Kind(parallel=True, min_ready_s=4, start=2, max_unavailable="50%", failing=0.05),
    Kind(max_unavailable=2, start=3, calm=60, failing=0.03),
    Kind(stanza=False),
    Kind(stanza=False, parallel=True),
    Kind(type="Recreate", stanza=False),
    Kind(type="Recreate", stanza=False, parallel=True, failing=0.05),
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(RELEASES), st.sampled_from(KINDS))
def test_a_right_controller_is_never_accused_however_stale_its_caches(seed: int, version: str, kind: Kind) -> None:
    if kind.type == "Recreate":
        version = "1.37.2"

    report = play(seed, rules(version, GATES), kind=kind, steps=120).report(controller=Controller(version, GATES))

    assert {name: j.findings for name, j in report.guarantees.items() if j.findings} == {}
    assert {name: j.why for name, j in report.guarantees.items() if "not be judged" in j.why} == {}


def is_healthy(sight: Sight) -> bool:
    version = sight.version
    return len(sight.pods) == version.replicas and all(
        pod.healthy and version.in_range(pod.ordinal) for pod in sight.pods
    )


def deletes(made: Sync, *pods: Pod) -> Sync:
    return structs.replace(made, updates=tuple(Delete(pod.ordinal, pod.uid) for pod in pods))


def create_without_waiting(sight: Sight, made: Sync, rules: Rules) -> Sync:
    ordinals = {pod.ordinal for pod in sight.pods}
    missing = [each for each in sight.version.ordinals if each not in ordinals]
    if made.actions or sight.version.deleting or not missing:
        return made
    old = missing[0] < sight.version.partition and sight.version.type == "RollingUpdate"
    return structs.replace(made, replicas=(Create(missing[0], sight.current if old else sight.update),))


def delete_next_condemned(sight: Sight, made: Sync, rules: Rules) -> Sync:
    condemned = [pod for pod in reversed(sight.pods) if not sight.version.in_range(pod.ordinal)]
    in_range = {pod.ordinal for pod in sight.pods if sight.version.in_range(pod.ordinal) and pod.healthy}
    waiting = [pod for pod in condemned if not pod.terminating and pod.ready]
    if made.actions or len(in_range) != sight.version.replicas or not waiting or not condemned[0].terminating:
        return made
    return structs.replace(made, condemned=(Delete(waiting[0].ordinal, waiting[0].uid),))


def partition_off_by_one(sight: Sight, made: Sync, rules: Rules) -> Sync:
    version = sight.version
    at = version.start + version.partition - 1
    below = [pod for pod in sight.pods if pod.ordinal == at and pod.revision != sight.update]
    healthy = is_healthy(sight) and version.type == "RollingUpdate"
    return deletes(made, below[0]) if healthy and not made.actions and below else made


def update_revision_below_partition(sight: Sight, made: Sync, rules: Rules) -> Sync:
    new = tuple(Create(each.ordinal, sight.update) if isinstance(each, Create) else each for each in made.replicas)
    return structs.replace(made, replicas=new)


def update_on_delete(sight: Sight, made: Sync, rules: Rules) -> Sync:
    old = [pod for pod in sight.pods if pod.revision != sight.update]
    by_hand = is_healthy(sight) and sight.version.type == "OnDelete"
    return deletes(made, old[-1]) if by_hand and not made.actions and old else made


def two_at_once(sight: Sight, made: Sync, rules: Rules) -> Sync:
    """One more than the budget."""
    if not made.updates:
        return made
    least = sight.version.start + sight.version.partition
    old = [pod for pod in reversed(sight.pods) if pod.ordinal >= least and pod.revision != sight.update]
    staying = [pod for pod in old if sight.version.in_range(pod.ordinal) and not pod.terminating]
    return deletes(made, *staying[: len(made.updates) + 1])


def ignore_min_ready(sight: Sight, made: Sync, rules: Rules) -> Sync:
    """Being Ready is enough to go on."""
    ordinals = {pod.ordinal for pod in sight.pods}
    missing = [each for each in sight.version.ordinals if each not in ordinals]
    lower = [pod for pod in sight.pods if missing and pod.ordinal < missing[0]]
    ready = all(pod.running_and_ready and not pod.terminating for pod in lower)
    if (
        made.actions
        or not missing
        or not ready
        or sight.version.type != "RollingUpdate"
        or sight.current != sight.update
    ):
        return made
    return structs.replace(made, replicas=(Create(missing[0], sight.update),))


def start_at_zero(sight: Sight, made: Sync, rules: Rules) -> Sync:
    version = sight.version
    moved = tuple(
        Create(each.ordinal - version.start, each.revision) if isinstance(each, Create) else each
        for each in made.replicas
    )
    return structs.replace(made, replicas=moved)


def recreate_too_early(sight: Sight, made: Sync, rules: Rules) -> Sync:
    ordinals = {pod.ordinal for pod in sight.pods}
    missing = [each for each in sight.version.ordinals if each not in ordinals]
    if made.actions or not missing or sight.version.type != "Recreate":
        return made
    return structs.replace(made, replicas=(Create(missing[0], sight.update),))


@pytest.mark.parametrize(
    ("mutation", "kind", "guarantee"),
    [
        (create_without_waiting, PLAIN, "ordering.create-gate"),
        (delete_next_condemned, PLAIN, "ordering.scale-down-order"),
        (partition_off_by_one, PLAIN, "partition.update-floor"),
        (partition_off_by_one, Kind(start=3), "partition.update-floor"),
        (partition_off_by_one, Kind(parallel=True), "partition.update-floor"),
        (update_revision_below_partition, PLAIN, "partition.create-revision"),
        (update_revision_below_partition, Kind(parallel=True), "partition.create-revision"),
        (update_revision_below_partition, Kind(stanza=False), "partition.create-revision"),
        (update_on_delete, PLAIN, "ondelete.no-update-deletes"),
        (update_on_delete, Kind(parallel=True), "ondelete.no-update-deletes"),
        (two_at_once, PLAIN, "update.max-unavailable"),
        (two_at_once, Kind(max_unavailable=2, calm=100), "update.max-unavailable"),
        (two_at_once, Kind(parallel=True, max_unavailable=2), "update.max-unavailable"),
        (ignore_min_ready, Kind(min_ready_s=60), "ordering.min-ready-seconds"),
        (start_at_zero, Kind(start=5), "ordering.start-ordinal"),
        (recreate_too_early, Kind(type="Recreate", stanza=False), "recreate.old-first"),
    ],
)
def test_a_wrong_controller_is_caught_by_the_guarantee_that_it_breaks(
    mutation: Mutation, kind: Kind, guarantee: str
) -> None:
    named: set[str] = set()
    for seed in range(12):
        world = play(seed, rules("1.37.2", GATES), mutation=mutation, kind=kind)
        report = world.report(controller=Controller("1.37.2", GATES))
        named |= {name for name, judgement in report.guarantees.items() if judgement.findings}
        if guarantee in named:
            return

    assert guarantee in named


def test_what_a_new_set_finds_may_be_read_as_it_was_before_the_set() -> None:
    """One of its orphans is being deleted when it comes: the cache of pods does not wait for that of sets."""
    world = orphaned(2)
    world.live(11)
    start = world.start("delete", "pods", "web-1", {"kind": "delete-pods", "ordinals": [1]}, world.pod_uid(1))
    world.terminate(1)
    world.finish(start, rv=world.rv)
    world.live(1)
    world.create_set(2, text="b")
    world.revision("b")
    world.adopt(0)
    world.status(2, 2, 0, 0, "b", "b", observed=1)
    world.show()

    assert breached(world) == []
