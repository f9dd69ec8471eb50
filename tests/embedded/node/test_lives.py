"""The lives of pods: what a kubelet tells of them, from the first status to the removal of the object."""

import itertools
from typing import Any

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.node.settings import NodeSettings
from tests.embedded.node.world import NS, USER, World, condition, is_ready, nginx, phase, sh, simulate, state


def test_a_pod_is_pending_then_creating_then_running() -> None:
    async def test(world: World) -> list[tuple[str, str, bool]]:
        world.create("web-0")
        await anyio.sleep(2)
        return world.seen("web-0", lambda pod: (phase(pod), state(pod), is_ready(pod)))

    assert simulate(test) == [
        ("Pending", "", False),
        ("Pending", "waiting/ContainerCreating", False),
        ("Running", "running", True),
    ]


def test_a_running_pod_has_the_status_that_a_real_kubelet_writes() -> None:
    async def test(world: World) -> Json:
        world.create("web-0")
        await anyio.sleep(2)
        status: Json = world.pod("web-0")["status"]
        return status

    status = simulate(test)

    [container] = status["containerStatuses"]
    assert {
        key: status[key]
        for key in ("phase", "observedGeneration", "hostIP", "podIP", "podIPs", "startTime", "qosClass")
    } == {
        "phase": "Running",
        "observedGeneration": 1,
        "hostIP": "10.99.0.1",
        "podIP": "10.244.0.2",
        "podIPs": [{"ip": "10.244.0.2"}],
        "startTime": "2026-01-01T00:00:00Z",
        "qosClass": "BestEffort",
    }
    assert [(each["type"], each["status"]) for each in status["conditions"]] == [
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", "True"),
        ("ContainersReady", "True"),
    ]
    assert container["image"] == "docker.io/library/nginx:1"
    assert container["imageID"].startswith("sha256:")
    assert container["containerID"].startswith("containerd://")
    assert (container["started"], container["ready"], container["restartCount"]) == (True, True, 0)


def test_the_address_is_told_with_the_first_container_not_with_the_sandbox() -> None:
    async def test(world: World) -> list[tuple[str | None, bool]]:
        world.create("web-0")
        await anyio.sleep(2)
        return world.seen(
            "web-0",
            lambda pod: (
                condition(pod, "PodReadyToStartContainers").get("status"),
                "podIP" in pod["status"],
            ),
        )

    assert simulate(test) == [(None, False), ("False", False), ("True", False), ("True", True)]


def test_a_deleted_pod_tells_that_it_saw_the_deletion_then_how_it_ended_then_is_removed() -> None:
    async def test(world: World) -> list[tuple[object, ...]]:
        world.create("web-0")
        await anyio.sleep(2)
        world.delete("web-0")
        await anyio.sleep(3)
        assert world.gone_at("web-0") < 3.5
        return world.seen(
            "web-0",
            lambda pod: (
                phase(pod),
                pod["status"].get("observedGeneration"),
                is_ready(pod),
                pod["metadata"].get("deletionGracePeriodSeconds"),
                state(pod),
            ),
        )[-4:]

    assert simulate(test) == [
        ("Running", 1, True, 30, "running"),
        ("Running", 2, True, 30, "running"),
        ("Succeeded", 2, False, 30, "terminated/Completed"),
        ("Succeeded", 2, False, 0, "terminated/Completed"),
    ]


def test_a_program_that_ignores_term_is_killed_when_its_grace_is_over() -> None:
    async def test(world: World) -> tuple[float, Json]:
        world.create("slow", sh("sleep 3600"), terminationGracePeriodSeconds=7)
        await anyio.sleep(2)
        world.delete("slow")
        await anyio.sleep(20)
        ended = next(item for _, _, item in world.events if state(item).startswith("terminated"))
        terminated: Json = ended["status"]["containerStatuses"][0]["state"]["terminated"]
        return world.gone_at("slow"), terminated

    gone, terminated = simulate(test)

    assert 9 < gone < 10.5
    assert (terminated["exitCode"], terminated["reason"]) == (137, "Error")


def test_a_script_that_traps_term_ends_by_itself_after_the_deletion_was_told() -> None:
    async def test(world: World) -> list[tuple[object, ...]]:
        world.create("kind", sh("trap 'exit 0' TERM; sleep 3600 & wait"))
        await anyio.sleep(2)
        world.delete("kind")
        await anyio.sleep(3)
        told = world.seen("kind", lambda pod: (phase(pod), pod["status"].get("observedGeneration"), is_ready(pod)))
        return told[-2:]

    assert simulate(test) == [("Running", 2, True), ("Succeeded", 2, False)]


@pytest.mark.parametrize("hook", [{"sleep": {"seconds": 4}}, {"exec": {"command": ["sleep", "4"]}}])
def test_a_pre_stop_hook_holds_the_signal_back_while_the_pod_serves(hook: Json) -> None:
    async def test(world: World) -> tuple[int, str, float]:
        world.create("web-0", nginx(lifecycle={"preStop": hook}))
        await anyio.sleep(2)
        world.delete("web-0")
        await anyio.sleep(3.5)
        address = world.pod("web-0")["status"]["podIP"]
        during = await world.network.fetch(address, 80, "/")
        await anyio.sleep(0.7)
        after = await world.network.fetch(address, 80, "/")
        await anyio.sleep(5)
        return during.status, after.trouble, world.gone_at("web-0")

    during, after, gone = simulate(test)

    assert (during, after) in ((200, "refused"), (200, "timeout"))
    assert 6 < gone < 7.5


def test_a_grace_that_is_shortened_once_the_end_has_begun_changes_nothing() -> None:
    """Seen on a real 1.37.2: what began with 20 s was killed after 20.1 s."""

    async def test(world: World) -> float:
        world.create("slow", sh("sleep 3600"), terminationGracePeriodSeconds=20)
        await anyio.sleep(2)
        world.delete("slow")
        await anyio.sleep(3)
        world.delete("slow", grace_s=8)
        await anyio.sleep(60)
        return world.gone_at("slow")

    assert 22 < simulate(test) < 23


def test_a_second_forced_delete_removes_the_object_but_not_what_runs() -> None:
    """Seen on a real 1.37.2: the object was gone after 3.1 s, the process after 20.1 s."""

    async def test(world: World) -> tuple[float, list[bool]]:
        world.create("slow", sh("sleep 3600"), terminationGracePeriodSeconds=20)
        await anyio.sleep(2)
        world.delete("slow")
        await anyio.sleep(3)
        world.delete("slow", grace_s=0)
        alive = []
        for _ in range(2):
            await anyio.sleep(16)
            alive.append(bool(world.node.lives))
        return world.gone_at("slow"), alive

    assert simulate(test) == (5.002, [True, False])


def test_a_grace_that_is_shortened_during_a_hook_changes_nothing() -> None:
    """Seen on a real 1.37.2: killed after 20.1 s."""

    async def test(world: World) -> float:
        hook = {"preStop": {"exec": {"command": ["sleep", "15"]}}}
        world.create("slow", sh("sleep 3600", lifecycle=hook), terminationGracePeriodSeconds=20)
        await anyio.sleep(2)
        world.delete("slow")
        await anyio.sleep(3)
        world.delete("slow", grace_s=5)
        await anyio.sleep(30)
        return world.gone_at("slow")

    assert 22 < simulate(test) < 23


def test_a_hook_that_uses_the_grace_up_leaves_two_seconds() -> None:
    async def test(world: World) -> float:
        hook = {"preStop": {"sleep": {"seconds": 60}}}
        world.create("slow", sh("sleep 3600", lifecycle=hook), terminationGracePeriodSeconds=5)
        await anyio.sleep(2)
        world.delete("slow")
        await anyio.sleep(20)
        return world.gone_at("slow")

    assert 9 < simulate(test) < 10


def test_a_web_server_that_stops_serves_nobody() -> None:
    async def test(world: World) -> tuple[str, bool]:
        world.create("web-0")
        await anyio.sleep(2)
        address = world.pod("web-0")["status"]["podIP"]
        world.delete("web-0")
        await anyio.sleep(1)
        return (await world.network.fetch(address, 80, "/")).trouble, is_ready(world.pod("web-0"))

    assert simulate(test, NodeSettings(present=("nginx:1",), stopping_s=(5, 5))) == ("refused", True)


def test_what_a_forced_delete_leaves_running_gets_two_seconds() -> None:
    async def test(world: World) -> tuple[list[bool], bool]:
        world.create("slow", sh("sleep 3600"))
        await anyio.sleep(2)
        world.delete("slow", grace_s=0)
        removed = world.gone_at("slow") == anyio.current_time()
        alive = []
        for _ in range(4):
            await anyio.sleep(0.6)
            alive.append(any(each.container for life in world.node.lives.values() for each in life.lives))
        return alive, removed

    assert simulate(test) == ([True, True, True, False], True)


def test_a_crashing_container_is_started_again_at_once_then_after_10_then_20_seconds() -> None:
    async def test(world: World) -> list[float]:
        world.create("crash", sh("sleep 1; exit 3"))
        await anyio.sleep(120)
        starts: dict[int, float] = {}
        for at, _, item in world.events:
            for each in item["status"].get("containerStatuses") or ():
                if "running" in each["state"]:
                    starts.setdefault(each["restartCount"], at)
        return list(starts.values())

    starts = simulate(test)

    pauses = [after - before - 1 for before, after in itertools.pairwise(starts)]
    assert pauses[0] < 1.5
    assert 10 < pauses[1] < 16.5
    assert 20 < pauses[2] < 31.5


def test_a_crashing_container_waits_in_back_off_before_it_starts() -> None:
    async def test(world: World) -> tuple[list[str], Json]:
        world.create("crash", sh("sleep 1; exit 3"))
        await anyio.sleep(20)
        waiting = next(item for _, _, item in world.events if state(item) == "waiting/CrashLoopBackOff")
        return world.seen("crash", state)[2:], waiting["status"]["containerStatuses"][0]

    states, waiting = simulate(test)

    assert states[:6] == [
        "running",
        "terminated/Error",
        "running",
        "terminated/Error",
        "waiting/CrashLoopBackOff",
        "running",
    ]
    assert waiting["state"]["waiting"]["message"].startswith("back-off 10s restarting failed container=c pod=crash_ns(")
    assert waiting["lastState"]["terminated"]["exitCode"] == 3
    assert (waiting["restartCount"], waiting["ready"], waiting["started"]) == (1, False, False)


@pytest.mark.parametrize(
    ("policy", "script", "expected"),
    [
        ("Never", "exit 0", "Succeeded"),
        ("Never", "exit 4", "Failed"),
        ("OnFailure", "exit 0", "Succeeded"),
        ("OnFailure", "exit 4", "Running"),
        ("Always", "exit 0", "Running"),
    ],
)
def test_the_restart_policy_decides_what_an_exit_means(policy: str, script: str, expected: str) -> None:
    async def test(world: World) -> str:
        world.create("pod", sh(f"sleep 1; {script}"), restartPolicy=policy)
        await anyio.sleep(8)
        return phase(world.pod("pod"))

    assert simulate(test) == expected


def test_a_pod_that_ended_tells_its_phase_only_when_its_sandbox_is_gone() -> None:
    async def test(world: World) -> list[tuple[str, str | None, str | None]]:
        world.create("job", sh("sleep 1"), restartPolicy="Never")
        await anyio.sleep(8)
        return world.seen(
            "job",
            lambda pod: (
                phase(pod),
                condition(pod, "Ready").get("reason"),
                condition(pod, "PodReadyToStartContainers").get("status"),
            ),
        )[-2:]

    assert simulate(test) == [("Running", "PodCompleted", "True"), ("Succeeded", "PodCompleted", "False")]


def test_an_image_that_no_registry_has_is_asked_for_again_and_again() -> None:
    async def test(world: World) -> list[str]:
        world.create("pod", {"name": "c", "image": "nginx:does-not-exist"})
        await anyio.sleep(20)
        world.delete("pod")
        await anyio.sleep(3)
        last = world.seen("pod", lambda pod: (phase(pod), condition(pod, "PodReadyToStartContainers").get("status")))[
            -2:
        ]
        assert last == [("Pending", "False"), ("Failed", "False")]
        return world.seen("pod", state)[1:]

    assert simulate(test) == [
        "waiting/ContainerCreating",
        "waiting/ErrImagePull",
        "waiting/ImagePullBackOff",
        "waiting/ErrImagePull",
        "waiting/ImagePullBackOff",
        "waiting/ContainerCreating",
        "terminated/ContainerStatusUnknown",
    ]


@pytest.mark.parametrize("image", ["nginx:broken", "invalid.example/nginx:1", "does-not-exist"])
def test_broken_images_are_known_by_their_names(image: str) -> None:
    async def test(world: World) -> str:
        world.create("pod", {"name": "c", "image": image})
        await anyio.sleep(6)
        return state(world.pod("pod"))

    assert simulate(test) == "waiting/ImagePullBackOff"


def test_an_image_is_pulled_once_per_node() -> None:
    async def test(world: World) -> list[float]:
        took = []
        for name in ("one", "two"):
            began = anyio.current_time()
            world.create(name)
            await anyio.sleep(60)
            took.append(
                next(at for at, _, item in world.events if item["metadata"]["name"] == name and is_ready(item)) - began
            )
        return took

    first, second = simulate(test, NodeSettings(pull_s=(30, 30)))

    assert 30 < first < 31.5
    assert second < 1.2


def test_a_command_that_is_not_in_the_image_cannot_be_started() -> None:
    async def test(world: World) -> Json:
        world.create("pod", {"name": "c", "image": "busybox:1", "command": ["nope"]})
        await anyio.sleep(1.2)
        status: Json = world.pod("pod")["status"]["containerStatuses"][0]
        return status

    status = simulate(test)

    assert status["state"]["waiting"]["reason"] == "RunContainerError"
    assert status["state"]["waiting"]["message"].endswith('exec: "nope": executable file not found in $PATH')
    assert status["lastState"]["terminated"]["exitCode"] == 128


def test_init_containers_run_one_after_another_before_the_others() -> None:
    async def test(world: World) -> list[tuple[str, str, str]]:
        world.create("pod", nginx(), initContainers=[sh("sleep 2", "a"), sh("sleep 2", "b")])
        await anyio.sleep(12)
        init = "initContainerStatuses"
        return world.seen("pod", lambda pod: (state(pod, 0, init), state(pod, 1, init), state(pod)))[1:]

    waiting, running, completed = "waiting/PodInitializing", "running", "terminated/Completed"
    assert simulate(test) == [
        (waiting, waiting, waiting),
        (running, waiting, waiting),
        (completed, waiting, waiting),
        (completed, running, waiting),
        (completed, completed, waiting),
        (completed, completed, running),
    ]


def test_a_failing_init_container_fails_a_pod_that_is_never_restarted() -> None:
    async def test(world: World) -> tuple[str, str]:
        world.create("pod", nginx(), initContainers=[sh("exit 1", "a")], restartPolicy="Never")
        await anyio.sleep(5)
        return phase(world.pod("pod")), condition(world.pod("pod"), "Initialized")["status"]

    assert simulate(test) == ("Failed", "False")


def test_a_pod_that_is_deleted_while_it_initializes_has_failed() -> None:
    async def test(world: World) -> list[str]:
        world.create("pod", nginx(), initContainers=[sh("exit 1", "a")])
        await anyio.sleep(8)
        world.delete("pod")
        await anyio.sleep(3)
        return world.seen("pod", phase)

    assert simulate(test) == ["Pending", "Failed"]


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    async def test(world: World) -> list[str]:
        world.create("pod")
        await anyio.sleep(100)
        world.delete("pod")
        await anyio.sleep(3)
        return world.seen("pod", lambda pod: condition(pod, "Initialized").get("lastTransitionTime"))[1:]

    assert simulate(test) == ["2026-01-01T00:00:00Z"]


def test_a_sidecar_outlives_the_containers_that_it_serves() -> None:
    async def test(world: World) -> tuple[list[str], int]:
        world.create("pod", sh("sleep 2"), initContainers=[nginx("s", restartPolicy="Always")], restartPolicy="Never")
        await anyio.sleep(2)
        served = await world.network.fetch(world.pod("pod")["status"]["podIP"], 80, "/")
        await anyio.sleep(8)
        return world.seen("pod", phase), served.status

    assert simulate(test) == (["Pending", "Running", "Succeeded"], 200)


def test_a_readiness_gate_keeps_a_pod_unready_until_somebody_opens_it() -> None:
    async def test(world: World) -> tuple[str, bool, bool]:
        world.create("pod", readinessGates=[{"conditionType": "example.com/gate"}])
        await anyio.sleep(3)
        before = condition(world.pod("pod"), "Ready")["reason"]
        opened = {"type": "example.com/gate", "status": "True"}
        conditions = [*world.pod("pod")["status"]["conditions"], opened]
        body = {"status": {"conditions": conditions}}
        world.api.patch("pods", NS, "pod", body, "merge", user=USER, subresource="status")
        await anyio.sleep(1)
        return before, is_ready(world.pod("pod")), bool(condition(world.pod("pod"), "example.com/gate"))

    assert simulate(test) == ("ReadinessGatesNotReady", True, True)


def test_a_condition_that_another_sets_while_the_kubelet_writes_is_kept() -> None:
    async def test(world: World) -> bool:
        world.create("pod")
        for _ in range(400):
            await anyio.sleep(0.003)
            old = world.pod("pod")["status"].get("conditions") or []
            kept = [each for each in old if each["type"] != "mine"]
            mine = {"type": "mine", "status": "True", "message": str(anyio.current_time())}
            body = {"status": {"conditions": [*kept, mine]}}
            wrote = mine["message"]
            world.api.patch("pods", NS, "pod", body, "merge", user=USER, subresource="status")
            await anyio.sleep(0.003)
            if condition(world.pod("pod"), "mine").get("message") != wrote:
                return False
        return is_ready(world.pod("pod"))

    assert simulate(test)


def test_a_pod_waits_for_its_claim_to_be_bound() -> None:
    async def test(world: World) -> tuple[str, str]:
        claim = {
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
        }
        world.api.create("persistentvolumeclaims", NS, claim, user=USER)
        volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
        world.create("pod", volumes=volumes)
        await anyio.sleep(60)
        before = phase(world.pod("pod"))
        world.api.patch("persistentvolumeclaims", NS, "data", {"spec": {"volumeName": "pv-1"}}, "merge", user=USER)
        await anyio.sleep(5)
        return before, phase(world.pod("pod"))

    assert simulate(test) == ("Pending", "Running")


def test_the_same_seed_gives_the_same_life_and_another_seed_another() -> None:
    async def test(world: World) -> list[tuple[float, str]]:
        world.create("crash", sh("sleep 1; exit 3"))
        await anyio.sleep(60)
        return [(at, str(item["status"])) for at, _, item in world.events]

    assert simulate(test, seed=1) == simulate(test, seed=1)
    assert simulate(test, seed=1) != simulate(test, seed=2)


def test_idle_pods_cost_nothing() -> None:
    async def test(world: World) -> int:
        for number in range(20):
            world.create(f"web-{number}", nginx(), sh("sleep 1000000", "d"))
        await anyio.sleep(10)
        before = len(world.events)
        await anyio.sleep(36_000)
        return len(world.events) - before

    assert simulate(test) == 0


def test_a_pod_that_wants_a_port_which_another_has_is_rejected_until_that_is_gone() -> None:
    async def test(world: World) -> list[Any]:
        ports = [{"containerPort": 80, "hostPort": 8080}]
        world.create("first", nginx(ports=ports))
        await anyio.sleep(4)
        world.create("second", nginx(ports=ports))
        await anyio.sleep(1)
        status = world.pod("second")["status"]
        world.delete("second")
        is_gone = all(item["metadata"]["name"] != "second" for item in world.api.list("pods").items)
        world.delete("first")
        await anyio.sleep(5)
        world.create("second", nginx(ports=ports))
        await anyio.sleep(4)
        return [status["phase"], status["reason"], is_gone, phase(world.pod("second"))]

    assert simulate(test) == ["Failed", "NodePorts", True, "Running"]


DEADLINE = {"metadata": {}, "spec": {"activeDeadlineSeconds": 1}}


def expire(world: World, name: str) -> None:
    """Give a pod a deadline that has passed, or soon will."""
    world.api.patch("pods", NS, name, DEADLINE, "merge", user=USER)


def ended(pod: Json) -> tuple[str, str, bool, str]:
    """What tells of a deadline that has passed."""
    return phase(pod), str(pod["status"].get("reason", "")), is_ready(pod), state(pod)


def test_a_pod_whose_deadline_has_passed_is_ended_and_failed() -> None:
    async def test(world: World) -> tuple[list[tuple[str, str, bool, str]], Json]:
        world.create("web-0", sh("trap 'sleep 1; exit 0' TERM; while true; do sleep 0.2; done"))
        await anyio.sleep(5)
        expire(world, "web-0")
        await anyio.sleep(5)
        return world.seen("web-0", ended), world.pod("web-0")

    told, pod = simulate(test)

    # As a real kubelet tells it: not Ready at once, Failed once nothing runs any more.
    assert told[-3:] == [
        ("Running", "", True, "running"),
        ("Running", "", False, "running"),
        ("Failed", "DeadlineExceeded", False, "terminated/Completed"),
    ]
    assert pod["status"]["message"] == "Pod was active on the node longer than the specified deadline"
    assert [condition(pod, kind)["reason"] for kind in ("Ready", "ContainersReady")] == ["PodFailed"] * 2
    assert "deletionTimestamp" not in pod["metadata"]


def test_a_deadline_counts_from_the_start_of_the_pod() -> None:
    async def test(world: World) -> list[float]:
        world.create("web-0", activeDeadlineSeconds=10)
        await anyio.sleep(20)
        return [at for at, _, item in world.events if phase(item) == "Failed"]

    (at,) = simulate(test)

    assert 10 <= at <= 12


def test_a_pod_that_was_deleted_before_its_deadline_does_not_fail() -> None:
    async def test(world: World) -> list[str]:
        world.create("web-0", sh("trap 'sleep 3; exit 0' TERM; while true; do sleep 0.2; done"))
        await anyio.sleep(2)
        world.delete("web-0")
        await anyio.sleep(1)
        expire(world, "web-0")
        await anyio.sleep(5)
        return world.seen("web-0", phase)

    assert simulate(test) == ["Pending", "Running", "Succeeded"]
