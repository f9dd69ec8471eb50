"""The lives of pods on a node: from pending to gone, however they end."""

from typing import Any

import anyio
import pytest

from chaos.embedded.interface import ApiError, Json
from tests.embedded.living import Living, is_ready, live
from tests.embedded.server import NS, USER, pod


def container(**more: Any) -> list[Json]:
    return [{"name": "c", "image": "busybox:1.28.4", **more}]


def phases(living: Living) -> list[str]:
    """What pods go through from now on."""
    seen: list[str] = []

    def hear(kind: str, item: Json) -> None:
        told = "gone" if kind == "DELETED" else item["status"].get("phase", "")
        if not seen or seen[-1] != told:
            seen.append(told)

    living.api.watch("pods", hear, since=living.api.list("pods").rv)
    return seen


def test_a_pod_runs_has_an_address_and_ends_with_its_deletion() -> None:
    async def scenario(living: Living) -> Any:
        seen = phases(living)
        living.create("pods", pod("web-0"))
        running = await living.until_ready("web-0")
        living.api.delete("pods", NS, "web-0", user=USER)
        took = await living.until(lambda: living.find("pods", "web-0") is None)
        return seen, running, took

    seen, running, took = live(scenario)

    assert seen == ["Pending", "Running", "Succeeded", "gone"]
    assert running["status"]["podIP"].startswith("10.244.")
    assert running["status"]["containerStatuses"][0]["started"]
    assert running["spec"]["nodeName"] == "node-1"
    assert took < 1


def test_a_program_that_does_not_stop_is_killed_when_its_grace_is_over() -> None:
    async def scenario(living: Living) -> float:
        spec = {"containers": container(command=["sh", "-c", "sleep 1000"]), "terminationGracePeriodSeconds": 5}
        living.create("pods", pod("stubborn", **spec))
        await living.until_ready("stubborn")
        living.api.delete("pods", NS, "stubborn", user=USER)
        return await living.until(lambda: living.find("pods", "stubborn") is None)

    assert 5 < live(scenario) < 6.1


def test_a_hook_runs_before_the_program_is_told_to_stop() -> None:
    async def scenario(living: Living) -> float:
        hook = {"preStop": {"exec": {"command": ["sleep", "3"]}}}
        containers = [{"name": "c", "image": "nginx:1.27", "lifecycle": hook}]
        living.create("pods", pod("slow", containers=containers))
        await living.until_ready("slow")
        living.api.delete("pods", NS, "slow", user=USER)
        return await living.until(lambda: living.find("pods", "slow") is None)

    assert 3 < live(scenario) < 4.1


def test_a_grace_that_is_shortened_once_the_end_has_begun_changes_nothing() -> None:
    async def scenario(living: Living) -> float:
        living.create("pods", pod("stubborn", containers=container(command=["sh", "-c", "sleep 1000"])))
        await living.until_ready("stubborn")
        living.api.delete("pods", NS, "stubborn", user=USER)
        await anyio.sleep(2)
        living.api.delete("pods", NS, "stubborn", user=USER, grace_s=4)
        return await living.until(lambda: living.find("pods", "stubborn") is None)

    assert 28 < live(scenario) < 29.1


def test_a_removed_pod_takes_its_programs_with_it() -> None:
    async def scenario(living: Living) -> Any:
        living.create("pods", pod("web-0"))
        address = (await living.until_ready("web-0"))["status"]["podIP"]
        living.create("pods", pod("probe", containers=container(command=["sh", "-c", "sleep 1000"])))
        await living.until_ready("probe")
        before = await living.exec("probe", "wget", "-qO-", f"http://{address}/")
        living.api.delete("pods", NS, "web-0", user=USER, grace_s=0)
        await anyio.sleep(1)
        return before, await living.exec("probe", "wget", "-qO-", f"http://{address}/")

    before, after = live(scenario)

    assert before[0] == 0
    assert "nginx" in before[1]
    assert after[0] == 1


@pytest.mark.parametrize(("policy", "phase"), [("Never", "Failed"), ("OnFailure", "Running"), ("Always", "Running")])
def test_a_program_that_fails_is_started_again_if_the_policy_says_so(policy: str, phase: str) -> None:
    async def scenario(living: Living) -> Any:
        living.create("pods", pod("p", containers=container(command=["sh", "-c", "exit 3"]), restartPolicy=policy))
        await anyio.sleep(25)
        return living.find("pods", "p")

    found = live(scenario)

    status = found["status"]["containerStatuses"][0]
    assert status["restartCount"] == (0 if policy == "Never" else 2)
    if policy == "Never":
        assert found["status"]["phase"] == phase
        assert status["state"]["terminated"]["exitCode"] == 3
    else:
        assert status["lastState"]["terminated"]["exitCode"] == 3


def test_an_image_that_is_not_to_be_had_is_waited_for() -> None:
    async def scenario(living: Living) -> Any:
        living.create("pods", pod("p", containers=[{"name": "c", "image": "nginx:does-not-exist"}]))
        await anyio.sleep(10)
        return living.find("pods", "p")

    found = live(scenario)

    assert found["status"]["phase"] == "Pending"
    assert found["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"


def test_readiness_is_probed() -> None:
    async def scenario(living: Living) -> Any:
        probe = {"exec": {"command": ["test", "-f", "/ready"]}, "periodSeconds": 1, "failureThreshold": 2}
        command = ["sh", "-c", "sleep 3; touch /ready; sleep 5; rm /ready; sleep 100"]
        living.create("pods", pod("p", containers=container(command=command, readinessProbe=probe)))
        up = await living.until(lambda: is_ready(living.find("pods", "p")))
        down = await living.until(lambda: not is_ready(living.find("pods", "p")))
        return up, down

    up, down = live(scenario)

    assert 3 < up < 5.5
    assert 4.5 < down < 7.5


def test_a_command_needs_a_running_container() -> None:
    async def scenario(living: Living) -> list[int]:
        living.create("pods", pod("p", containers=container(command=["sh", "-c", "sleep 1000"])))
        codes = []
        for name in ("p", "nothing"):
            try:
                await living.exec(name, "true")
            except ApiError as error:
                codes.append(error.status)
        await living.until_ready("p")
        try:
            await living.exec("p", "no-such-program")
        except ApiError as error:
            codes.append(error.status)
        return codes

    assert live(scenario) == [400, 404, 500]


def test_a_frozen_kubelet_sees_nothing_until_it_thaws() -> None:
    async def scenario(living: Living) -> Any:
        living.cluster.nodes[0].frozen = True
        living.create("pods", pod("p"))
        await anyio.sleep(20)
        before = living.find("pods", "p")
        living.cluster.nodes[0].frozen = False
        await living.until_ready("p")
        return before

    assert live(scenario)["status"]["phase"] == "Pending"


def test_pods_are_spread_over_the_nodes_that_take_them() -> None:
    async def scenario(living: Living) -> list[str]:
        living.api.patch("nodes", "", "node-2", {"spec": {"unschedulable": True}}, "merge", user=USER)
        for number in range(4):
            living.create("pods", pod(f"p-{number}"))
            await living.until_ready(f"p-{number}")
        return [item["spec"]["nodeName"] for item in living.api.list("pods").items]

    assert sorted(live(scenario, nodes=3)) == ["node-1", "node-1", "node-3", "node-3"]
