"""The pure decision of one sync, where a whole cluster would hide the case (S13, S18, S33-S36, S50)."""

import datetime
from typing import Any

import pytest

from chaos.embedded.controllers.statefulset import Rules, sync
from chaos.embedded.interface import Json

NOW = datetime.datetime(2026, 1, 1, 1, tzinfo=datetime.UTC)
LONG_AGO = "2026-01-01T00:00:00Z"
JUST_NOW = "2026-01-01T00:59:55Z"


def pod(ordinal: int, revision: str = "new", ready: str | None = LONG_AGO, phase: str = "Running", **meta: Any) -> Json:
    """A pod of the set; `ready` is since when, None if it is not."""
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": ready}] if ready else []
    labels = {"app": "nginx", "controller-revision-hash": revision}
    return {
        "metadata": {"name": f"web-{ordinal}", "uid": f"u{ordinal}", "labels": labels, **meta},
        "spec": {},
        "status": {"phase": phase, "conditions": conditions},
    }


def going(ordinal: int, revision: str = "new") -> Json:
    return pod(ordinal, revision, deletionTimestamp=JUST_NOW)


def seen(pods: list[Json], *, strategy: Json | None = None, current_replicas: int = 0, **spec: Any) -> sync.Seen:
    template = {"metadata": {"labels": {"app": "nginx"}}, "spec": {}}
    default = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    statefulset = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "ns", "uid": "s", "generation": 1},
        "spec": {"replicas": 3, "template": template, "updateStrategy": strategy or default, **spec},
        "status": {"currentReplicas": current_replicas},
    }
    return sync.Seen(statefulset, pods, "old", "new", template, template, 0, NOW)


def rolling(**fields: int | str) -> Json:
    return {"type": "RollingUpdate", "rollingUpdate": fields}


def doing(seen: sync.Seen, rules: Rules | None = None) -> list[str]:
    """What is created and deleted: `create 0 new`, `delete 1`, `update 2` for a delete of the update."""
    steps = []
    for action in sync.decide(seen, rules or Rules()).actions:
        name = action.pod["metadata"]["name"].removeprefix("web-")
        if action.kind == "create":
            steps.append(f"create {name} {action.pod['metadata']['labels']['controller-revision-hash']}")
        elif action.kind == "delete":
            steps.append(f"{'update' if action.stage == 'update' else 'delete'} {name}")
    return steps


@pytest.mark.parametrize(
    ("strategy", "current_replicas", "revision"),
    [
        (rolling(partition=2), 0, "old"),
        (rolling(partition=1), 3, "new"),
        ({"type": "RollingUpdate"}, 2, "old"),
        ({"type": "RollingUpdate"}, 1, "new"),
        ({"type": "OnDelete"}, 3, "new"),
    ],
)
@pytest.mark.parametrize("start", [0, 5])
def test_a_new_pod_gets_the_revision_of_its_side(
    strategy: Json, current_replicas: int, revision: str, start: int
) -> None:
    given = seen([pod(start, "old")], strategy=strategy, current_replicas=current_replicas, ordinals={"start": start})

    assert doing(given) == [f"create {start + 1} {revision}"]


@pytest.mark.parametrize(
    ("pods", "steps"),
    [
        ([], ["create 0 new"]),
        ([pod(0), pod(2)], ["create 1 new"]),
        ([pod(0, ready=None), pod(2)], []),
        ([going(0), pod(2)], []),
        ([pod(0), pod(1, phase="Failed"), pod(2)], ["delete 1"]),
        ([pod(0), going(1), pod(2), pod(3)], []),
        ([pod(0), pod(1), pod(2), pod(3), pod(4)], ["delete 4"]),
        ([pod(0), pod(1), pod(2), pod(3), going(4)], []),
        ([pod(0), pod(1), pod(2), pod(3, ready=None), pod(4)], ["delete 4"]),
        ([pod(0), pod(1), pod(2), pod(3, ready=None), pod(4, ready=None)], []),
        ([pod(0), pod(1), pod(2), pod(3), pod(4, ready=None)], ["delete 4"]),
    ],
)
def test_an_ordered_set_takes_one_step(pods: list[Json], steps: list[str]) -> None:
    assert doing(seen(pods)) == steps


@pytest.mark.parametrize(("version", "steps"), [("1.33.0", []), ("1.34.0", [])])
def test_a_condemned_pod_that_is_not_available_yet_waits_in_every_release(version: str, steps: list[str]) -> None:
    pods = [pod(0), pod(1), pod(2), pod(3, ready=JUST_NOW), pod(4, ready=JUST_NOW)]

    assert doing(seen(pods, minReadySeconds=60), Rules.of(version)) == steps


@pytest.mark.parametrize(("version", "steps"), [("1.33.0", []), ("1.34.0", ["delete 3"])])
def test_the_only_condemned_pod_not_available_yet_goes_from_1_34(version: str, steps: list[str]) -> None:
    pods = [pod(0), pod(1), pod(2), pod(3, ready=JUST_NOW)]

    assert doing(seen(pods, minReadySeconds=60), Rules.of(version)) == steps


OLD = [pod(ordinal, "old") for ordinal in range(5)]


@pytest.mark.parametrize(
    ("value", "partition", "steps"),
    [
        (1, 0, ["update 4"]),
        (3, 0, ["update 4", "update 3", "update 2"]),
        ("30%", 0, ["update 4"]),
        ("40%", 0, ["update 4", "update 3"]),
        ("1%", 0, ["update 4"]),
        (9, 0, [f"update {ordinal}" for ordinal in (4, 3, 2, 1, 0)]),
        (3, 3, ["update 4", "update 3"]),
        (1, 9, []),
    ],
)
@pytest.mark.parametrize("policy", ["OrderedReady", "Parallel"])
def test_max_unavailable_is_rounded_down_and_at_least_one(
    value: int | str, partition: int, steps: list[str], policy: str
) -> None:
    strategy = rolling(maxUnavailable=value, partition=partition)

    assert doing(seen(OLD, strategy=strategy, replicas=5, podManagementPolicy=policy)) == steps


@pytest.mark.parametrize("down", [1, 3])
def test_an_ordered_set_scales_before_it_updates_and_updates_only_while_all_are_well(down: int) -> None:
    strategy = rolling(maxUnavailable=down)
    unready = [pod(0, "old", None), *OLD[1:]]

    assert doing(seen([*OLD, pod(5, "old")], strategy=strategy, replicas=5)) == ["delete 5"]
    assert doing(seen([*OLD, going(5, "old")], strategy=strategy, replicas=5)) == []
    assert doing(seen(unready, strategy=strategy, replicas=5)) == []


@pytest.mark.parametrize(
    ("pods", "steps_1_35", "steps_1_37"),
    [
        # A broken old pod goes first and for free, and still counts against the others.
        ([pod(0, "old", None), *OLD[1:]], ["update 4"], ["update 0", "update 4"]),
        ([pod(0, "old", None), pod(1, "old", None), *OLD[2:]], [], ["update 1", "update 0"]),
        (
            [pod(0, "old", None), pod(1, "old", None), pod(2, "old", None), *OLD[3:]],
            [],
            ["update 2", "update 1", "update 0"],
        ),
        # Unavailable pods that are updated already, or on their way, use up the budget.
        ([*OLD[:3], pod(3, ready=None), going(4, "old")], [], []),
        ([*OLD[:4], pod(4, ready=None)], ["update 3"], ["update 3"]),
    ],
)
def test_the_budget_of_a_parallel_set(pods: list[Json], steps_1_35: list[str], steps_1_37: list[str]) -> None:
    given = seen(pods, strategy=rolling(maxUnavailable=2), replicas=5, podManagementPolicy="Parallel")

    assert doing(given, Rules.of("1.35.0")) == steps_1_35
    assert doing(given, Rules.of("1.37.2")) == steps_1_37


@pytest.mark.parametrize(
    ("pods", "steps"),
    [
        (OLD[:3], ["update 2"]),
        ([*OLD[:2], pod(2)], ["update 1"]),
        ([*OLD[:2], pod(2, ready=None)], []),
        ([*OLD[:2], going(2)], []),
        ([pod(0, "old", None), *OLD[1:2], pod(2)], ["update 1"]),
        ([*OLD[:2], pod(2, "bad", None)], ["update 2"]),
    ],
)
def test_without_the_gate_the_walk_stops_at_what_is_not_available(pods: list[Json], steps: list[str]) -> None:
    given = seen(pods, podManagementPolicy="Parallel", strategy=rolling(maxUnavailable=3))

    assert doing(given, Rules.of("1.36.3")) == steps


@pytest.mark.parametrize(
    ("pods", "completes"),
    [
        ([pod(0), pod(1), pod(2)], True),
        ([pod(0), pod(1), pod(2, ready=None)], False),
        ([pod(0), pod(1), pod(2, "old")], False),
        ([pod(0), pod(1)], False),
        ([pod(0), pod(1), pod(2), pod(3)], False),
        ([pod(0), pod(1), going(2)], False),
        # Ready is enough, although not one of them is available yet.
        ([pod(0), pod(1), pod(2, ready=JUST_NOW)], True),
    ],
)
def test_an_update_is_complete_with_all_replicas_updated_and_ready_and_no_other(
    pods: list[Json], completes: bool
) -> None:
    status = sync.decide(seen(pods, minReadySeconds=60), Rules()).status

    assert status["currentRevision"] == ("new" if completes else "old")


@pytest.mark.parametrize(("replaced", "current"), [(2, 3), (1, 4), (0, 5)])
def test_only_pods_that_were_deleted_are_taken_off_the_current_ones(replaced: int, current: int) -> None:
    decision = sync.decide(seen(OLD, strategy=rolling(maxUnavailable=2), replicas=5), Rules())

    assert sync.without(decision, replaced)["currentReplicas"] == current


@pytest.mark.parametrize(
    ("version", "gate"),
    [("1.34.9", False), ("1.35.0", True), ("1.35.3", True), ("1.35.4", False), ("1.36.3", False), ("1.37.2", True)],
)
def test_which_releases_have_max_unavailable(version: str, gate: bool) -> None:
    assert Rules.of(version).max_unavailable is gate


def test_the_default_rules_are_those_of_1_37() -> None:
    assert Rules.of("1.37.2") == Rules()
    assert Rules.of("1.33.0") == Rules(False, False, False, False, False, False)
