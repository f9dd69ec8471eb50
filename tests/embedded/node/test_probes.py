"""Probes of a node's kubelet, and what follows from them."""

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.node.probing import Threshold
from tests.embedded.node.world import World, is_ready, nginx, sh, simulate, state

EVERY_SECOND = {"periodSeconds": 1, "failureThreshold": 2}
FILE = {"exec": {"command": ["test", "-f", "/tmp/ok"]}, **EVERY_SECOND}
"""Succeeds while the file is there."""


def first(world: World, name: str, ready: bool, after: float) -> float:
    """When the pod was first seen to be ready, or not, after a time."""
    return next(
        at
        for at, _, item in world.events
        if item["metadata"]["name"] == name and is_ready(item) == ready and at > after
    )


def test_a_container_is_ready_while_its_probe_succeeds() -> None:
    async def test(world: World) -> tuple[float, float]:
        world.create("pod", sh("sleep 10; touch /tmp/ok; sleep 10; rm /tmp/ok; sleep 3600", readinessProbe=FILE))
        await anyio.sleep(40)
        up = first(world, "pod", True, 1)
        return up, first(world, "pod", False, up)

    up, down = simulate(test)

    assert 10.5 < up < 12.5
    assert 21.5 < down < 24


def test_one_failure_below_the_threshold_changes_nothing() -> None:
    threshold = Threshold({"failureThreshold": 3, "successThreshold": 2})

    assert [threshold.add(answer) for answer in (True, True, False, False, True, False, False, False)] == [
        None,
        True,
        True,
        True,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ({"httpGet": {"path": "/", "port": 80}}, True),
        ({"httpGet": {"path": "/", "port": "web"}}, True),
        ({"httpGet": {"path": "/missing", "port": 80}}, False),
        ({"httpGet": {"path": "/", "port": 81}}, False),
        ({"tcpSocket": {"port": 80}}, True),
        ({"tcpSocket": {"port": 81}}, False),
        ({"exec": {"command": ["true"]}}, True),
        ({"exec": {"command": ["false"]}}, False),
        ({"exec": {"command": ["no-such-program"]}}, False),
        ({"exec": {"command": ["sleep", "5"]}}, False),
        ({"exec": {"command": ["sleep", "5"]}, "timeoutSeconds": 6}, True),
    ],
)
def test_what_a_probe_asks(probe: Json, expected: bool) -> None:
    async def test(world: World) -> bool:
        ports = [{"name": "web", "containerPort": 80}]
        world.create("pod", nginx(readinessProbe={"periodSeconds": 2, **probe}, ports=ports))
        await anyio.sleep(10)
        return is_ready(world.pod("pod"))

    assert simulate(test) is expected


def test_a_delay_holds_the_first_probe_back() -> None:
    async def test(world: World) -> float:
        probe = {"exec": {"command": ["true"]}, "initialDelaySeconds": 7, "periodSeconds": 2}
        world.create("pod", nginx(readinessProbe=probe))
        await anyio.sleep(30)
        return first(world, "pod", True, 0)

    assert 7.4 < simulate(test) < 10.5


def test_a_container_that_fails_its_liveness_probe_is_restarted_twice_at_once_then_after_a_rest() -> None:
    async def test(world: World) -> list[str]:
        probe = {"exec": {"command": ["false"]}, **EVERY_SECOND}
        world.create("pod", sh("sleep 3600", livenessProbe=probe), terminationGracePeriodSeconds=2)
        await anyio.sleep(14)

        def told(pod: Json) -> str:
            statuses = pod["status"].get("containerStatuses") or [{}]
            return f"{state(pod)} {statuses[0].get('restartCount')}"

        return world.seen("pod", told)[2:]

    assert simulate(test) == ["running 0", "running 1", "running 2", "waiting/CrashLoopBackOff 2"]


def test_a_startup_probe_holds_the_others_back() -> None:
    async def test(world: World) -> tuple[float, int]:
        startup = {"exec": {"command": ["test", "-f", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 30}
        live = {"exec": {"command": ["test", "-f", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 1}
        world.create("pod", sh("sleep 10; touch /tmp/ok; sleep 3600", startupProbe=startup, livenessProbe=live))
        await anyio.sleep(30)
        restarts: int = world.pod("pod")["status"]["containerStatuses"][0]["restartCount"]
        return first(world, "pod", True, 0), restarts

    ready, restarts = simulate(test)

    assert 10.4 < ready < 12
    assert restarts == 0


def test_a_startup_probe_that_never_succeeds_ends_the_container() -> None:
    async def test(world: World) -> int:
        probe = {"exec": {"command": ["false"]}, **EVERY_SECOND}
        world.create("pod", sh("sleep 3600", startupProbe=probe), terminationGracePeriodSeconds=2)
        await anyio.sleep(7)
        restarts: int = world.pod("pod")["status"]["containerStatuses"][0]["restartCount"]
        return restarts

    assert simulate(test) == 1


def test_a_pod_that_is_being_deleted_is_not_restarted_for_its_liveness() -> None:
    async def test(world: World) -> list[int]:
        probe = {"exec": {"command": ["test", "!", "-f", "/tmp/bad"]}, **EVERY_SECOND}
        world.create("pod", sh("trap 'touch /tmp/bad' TERM; while true; do sleep 1; done", livenessProbe=probe))
        await anyio.sleep(5)
        world.delete("pod")
        await anyio.sleep(40)
        return [item["status"]["containerStatuses"][0]["restartCount"] for _, _, item in world.events[3:]]

    assert set(simulate(test)) == {0}
