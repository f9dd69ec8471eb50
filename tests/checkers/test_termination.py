"""How pods end: who may remove them at once, and what says that a container got its grace (S3, S4)."""

from typing import Any

import pytest

from chaos.checkers.judge import fold
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.termination import bound, dismissed, ends, followed, on_a_node, runs
from tests.checkers.verdicts import breached, breaches, ended, judged
from tests.checkers.world import NAME, World, info


def forced(world: World, ordinal: int) -> None:
    """This run removes a pod at once."""
    start = world.start(
        "delete",
        "pods",
        f"{NAME}-{ordinal}",
        {"kind": "delete-pods", "ordinals": [ordinal], "grace_s": 0},
        world.pod_uid(ordinal),
        grace_s=0,
    )
    dismissed(world, ordinal)
    world.finish(start, rv=world.rv)


def scaled_down(world: World) -> World:
    world.spec(replicas=1)
    return world


def test_a_pod_that_was_never_scheduled_goes_at_once() -> None:
    world = scaled_down(settled(2))
    dismissed(world, 1)

    assert breaches(world) == {}


def test_a_pod_may_get_its_node_while_it_is_being_deleted_and_goes_at_once() -> None:
    """The delete has read a pod without a node by then, and keeps the grace of 0 that it decided on (Kubernetes 1.37.2)."""
    world = scaled_down(settled(2))
    world.change("pods", f"{NAME}-1", {"spec": {"nodeName": "node-1"}})
    dismissed(world, 1)

    assert breaches(world) == {}
    assert judged(ended(world), "termination.graceful-deletes").exercised == 0


def test_a_pod_that_has_ended_goes_at_once() -> None:
    world = on_a_node()
    world.fail(0)
    dismissed(world, 0)

    assert breaches(world) == {}


def test_a_pod_without_grace_of_its_own_goes_at_once() -> None:
    world = scaled_down(on_a_node(2, terminationGracePeriodSeconds=0))
    world.terminate(1, 0)

    assert breaches(world) == {}


def test_this_run_may_remove_a_pod_by_force() -> None:
    world = on_a_node()
    forced(world, 0)

    assert breaches(world) == {}


def test_a_pod_that_is_let_go_with_its_node_goes_at_once() -> None:
    world = on_a_node()
    world.change("pods", f"{NAME}-0", {"status": {"conditions": [{"type": "DisruptionTarget", "status": "True"}]}})
    world.terminate(0, 0)

    assert breaches(world) == {}


def test_a_graceful_delete_that_this_run_cuts_short_needs_no_final_phase() -> None:
    world = on_a_node()
    world.kill(0)
    forced(world, 0)

    assert breaches(world) == {}


def test_an_eviction_by_force_needs_no_final_phase() -> None:
    world = on_a_node()
    body = {"deleteOptions": {"gracePeriodSeconds": 0}}
    world.start(
        "create", "pods/eviction", f"{NAME}-0", {"kind": "delete-pods", "every": True}, world.pod_uid(0), body=body
    )
    world.change("pods", f"{NAME}-0", {"status": {"conditions": [{"type": "DisruptionTarget", "status": "True"}]}})
    world.terminate(0)
    world.gone(0)

    assert breaches(world) == {}


def test_a_kubelet_before_1_27_gives_no_final_phase() -> None:
    world = World()
    world.add("nodes", {"metadata": {"name": "node-1"}, "status": {"nodeInfo": {"kubeletVersion": "v1.26.9"}}})
    world.settled(1)
    bound(world, 0)
    world.kill(0)
    ends(world, 0, "2026-01-01T00:00:03Z")
    dismissed(world, 0)

    found = judged(ended(world), "termination.evidence")

    assert (found.verdict, found.why) == ("unknown", "a kubelet of version v1.26.9 removes pods without a final phase")


@pytest.mark.parametrize(
    ("at", "code", "reason"),
    [
        ("2026-01-01T00:00:01Z", 137, "OOMKilled"),
        ("2026-01-01T00:00:01Z", 137, "ContainerStatusUnknown"),
        ("2026-01-01T00:00:01Z", 143, "Error"),
        ("2026-01-01T00:00:27Z", 137, "Error"),
        ("2025-12-31T23:59:50Z", 137, "Error"),
    ],
)
def test_a_container_may_end_in_other_ways_than_by_a_hasty_kill(at: str, code: int, reason: str) -> None:
    world = on_a_node()
    world.kill(0)
    ends(world, 0, at, code, phase="Failed", reason=reason)

    assert breaches(world) == {}


def test_a_short_grace_is_not_judged() -> None:
    world = on_a_node()
    world.spec(replicas=0)
    world.terminate(0, 4)
    ends(world, 0, "2026-01-01T00:00:26Z", 137, phase="Failed")

    assert judged(ended(world), "termination.grace").exercised == 0


def test_a_container_that_had_ended_before_its_pod_was_deleted_had_no_grace_to_get() -> None:
    world = on_a_node()
    ends(world, 0, "2026-01-01T00:00:00Z", 137, phase="Running")
    world.kill(0)
    ends(world, 0, "2026-01-01T00:00:00Z", 137, phase="Failed")

    assert breaches(world) == {}


def asked(world: World, verb: str, operation: dict[str, Any], **more: Any) -> None:
    world.start(verb, "pods", f"{NAME}-0", operation, world.pod_uid(0), **more)


@pytest.mark.parametrize(
    ("verb", "operation", "more"),
    [
        ("delete", {"kind": "delete-pods", "ordinals": [0], "grace_s": 1}, {"grace_s": 1}),
        ("exec", {"kind": "probe-http"}, {}),
    ],
)
def test_a_container_that_this_run_hurried_or_meddled_with_proves_nothing(
    verb: str, operation: dict[str, Any], more: dict[str, Any]
) -> None:
    world = on_a_node()
    asked(world, verb, operation, **more)
    world.kill(0)
    ends(world, 0, "2026-01-01T00:00:01Z", 137, phase="Failed")

    assert breaches(world) == {}


def test_clocks_of_two_nodes_may_differ_a_little() -> None:
    world, _ = followed("2026-01-01T00:00:16Z")

    assert breaches(world) == {}


def test_after_a_forced_delete_two_may_run_at_once() -> None:
    world = on_a_node()
    world.kill(0)
    forced(world, 0)
    world.replace(0, "a")
    runs(world, 0, "2025-12-31T23:00:01Z")

    assert breaches(world) == {}
    assert fold(info(), world.entries).guarantees["termination.one-instance"].exercised == 0


def test_a_pod_that_the_controller_deletes_without_grace_is_a_breach_whatever_the_reason() -> None:
    world = scaled_down(on_a_node(2))
    world.terminate(1, 0)

    assert breached(world) == ["termination.graceful-deletes"]
