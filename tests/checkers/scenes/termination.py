"""Pods that end: by their kubelet, with grace and without."""

from typing import Any

from chaos.checkers.termination import REQUEST_S
from tests.checkers.scenes.scene import Broken, Scene, broken
from tests.checkers.world import NAME, World

ASKED = "2026-01-01T00:00:00Z"
"""When pods are deleted here; `World.terminate` marks them with a grace of 30 s from then on."""


def on_a_node(replicas: int = 1, **spec: Any) -> World:
    """A settled set whose pods have had a node for a while, each with one container that runs."""
    world = World()
    world.settled(replicas)
    for ordinal in range(replicas):
        bound(world, ordinal, **spec)
    world.wait(REQUEST_S)
    return world


def bound(world: World, ordinal: int, **spec: Any) -> int:
    """A pod is on its node."""
    world.change("pods", f"{NAME}-{ordinal}", {"spec": {"nodeName": "node-1", **spec}})
    return runs(world, ordinal, "2025-12-31T23:00:00Z")


def runs(world: World, ordinal: int, since: str) -> int:
    container = {"name": "nginx", "state": {"running": {"startedAt": since}}}
    return world.change("pods", f"{NAME}-{ordinal}", {"status": {"containerStatuses": [container]}})


def ends(world: World, ordinal: int, at: str, code: int = 0, *, phase: str = "Succeeded", reason: str = "") -> int:
    """The kubelet says how a pod's container ended."""
    why = reason or ("Completed" if code == 0 else "Error")
    ended = {"exitCode": code, "reason": why, "startedAt": "2025-12-31T23:00:00Z", "finishedAt": at}
    status = {
        "phase": phase,
        "containerStatuses": [{"name": "nginx", "state": {"terminated": ended}}],
        "conditions": [{"type": "Ready", "status": "False"}],
    }
    return world.change("pods", f"{NAME}-{ordinal}", {"status": status})


def dismissed(world: World, ordinal: int) -> int:
    """The kubelet removes a pod that has ended; gives the entry of its removal."""
    world.terminate(ordinal, 0)
    return world.gone(ordinal)


def updated() -> World:
    """The controller replaces web-0 for a new template."""
    world = on_a_node()
    world.new_template("b")
    world.revision("b")
    world.status(1, 1, 1, 0, "a", "b")
    world.terminate(0)
    return world


def updated_by_force() -> Broken:
    world = on_a_node()
    world.new_template("b")
    world.revision("b")
    world.status(1, 1, 1, 0, "a", "b")
    return broken(world, world.terminate(0, 0), "without grace")


def ended_first() -> World:
    world = on_a_node()
    world.kill(0)
    ends(world, 0, "2026-01-01T00:00:03Z")
    dismissed(world, 0)
    return world


def removed_while_running() -> Broken:
    world = on_a_node()
    world.kill(0)
    return broken(world, dismissed(world, 0), "phase Running")


def killed_at_once() -> Broken:
    world = on_a_node()
    world.kill(0)
    return broken(world, ends(world, 0, "2026-01-01T00:00:01Z", 137, phase="Failed"), "30 s of grace")


def followed(since: str) -> tuple[World, int]:
    """web-0 ends at 0:00:20, and its successor's container says when it started."""
    world = on_a_node()
    world.kill(0)
    ends(world, 0, "2026-01-01T00:00:20Z")
    dismissed(world, 0)
    world.replace(0, "a")
    return world, runs(world, 0, since)


def one_after_the_other() -> World:
    return followed("2026-01-01T00:00:21Z")[0]


def two_at_once() -> Broken:
    world, entry = followed("2026-01-01T00:00:10Z")
    return broken(world, entry, "2026-01-01T00:00:20Z", "2026-01-01T00:00:10Z")


SCENES = (
    Scene("termination.graceful-deletes", updated, updated_by_force),
    Scene("termination.evidence", ended_first, removed_while_running),
    Scene("termination.grace", ended_first, killed_at_once),
    Scene("termination.one-instance", one_after_the_other, two_at_once),
)
