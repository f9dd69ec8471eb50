"""Commands and logs through the API server, and nodes that freeze or are lost."""

import anyio
import pytest

from chaos.embedded.interface import ApiError, Json
from tests.embedded.node.world import NODE, NS, USER, World, is_ready, nginx, phase, printed, sh, simulate


async def refused(world: World, pod: str, *command: str, container: str = "") -> tuple[int, str]:
    """How a command is refused."""
    with pytest.raises(ApiError) as error:
        await world.exec(pod, *command, container=container)
    return error.value.status, error.value.message


def test_a_command_gives_its_exit_code_and_output() -> None:
    async def test(world: World) -> list[tuple[int, bytes]]:
        world.create("web-0")
        await anyio.sleep(2)
        scripts = ("echo out; echo err >&2; exit 5", "no-such-command")
        return [await world.exec("web-0", "sh", "-c", script) for script in scripts]

    [first, second] = simulate(test)

    assert first == (5, b"out\nerr\n")
    assert second[0] == 127


@pytest.mark.parametrize(
    ("pod", "container", "command", "status", "message"),
    [
        ("none", "", "true", 404, 'pods "none" not found'),
        ("web-0", "x", "true", 400, "container x is not valid for pod web-0"),
        ("two", "", "true", 400, "a container name must be specified for pod two, choose one of: [c d]"),
        ("unplaced", "", "true", 400, "pod unplaced does not have a host assigned"),
        ("ended", "", "true", 500, 'unable to upgrade connection: container not found ("c")'),
        ("web-0", "", "nope", 500, 'exec: "nope": executable file not found in $PATH'),
        ("web-0", "", "/nope", 500, 'exec: "/nope": stat /nope: no such file or directory'),
        ("web-0", "", "/etc", 500, 'exec: "/etc": permission denied'),
    ],
)
def test_a_command_is_refused_as_a_real_api_server_refuses_it(
    pod: str, container: str, command: str, status: int, message: str
) -> None:
    async def test(world: World) -> tuple[int, str]:
        world.create("web-0")
        world.create("two", nginx(), nginx("d"))
        world.create("ended", sh("exit 0"), restartPolicy="Never")
        body = {"metadata": {"name": "unplaced"}, "spec": {"containers": [nginx()]}}
        world.api.create("pods", NS, body, user=USER)
        await anyio.sleep(5)
        return await refused(world, pod, command, container=container)

    found = simulate(test)

    assert found[0] == status
    assert found[1].endswith(message)


def test_a_command_is_killed_with_its_container_but_not_with_another_one() -> None:
    async def test(world: World) -> list[tuple[str, int, float]]:
        world.create("pod", sh("sleep 10; exit 1"), sh("sleep 3600", "d"))
        await anyio.sleep(3)
        ended: list[tuple[str, int, float]] = []

        async def hold(container: str) -> None:
            code, _ = await world.exec("pod", "sleep", "20", container=container)
            ended.append((container, code, round(anyio.current_time())))

        async with anyio.create_task_group() as group:
            group.start_soon(hold, "c")
            group.start_soon(hold, "d")
        return ended

    assert simulate(test) == [("c", 137, 11), ("d", 0, 23)]


def test_logs_are_those_of_the_last_two_runs() -> None:
    async def test(world: World) -> tuple[bytes, bytes]:
        world.create("pod", sh("date +%s; sleep 3; exit 1"))
        await anyio.sleep(8)
        return printed(world, "pod", ""), printed(world, "pod", "c", previous=True)

    last, before = simulate(test)

    assert int(last) - int(before) in (3, 4)


def test_there_are_no_logs_of_what_never_ran() -> None:
    async def test(world: World) -> list[str]:
        world.create("web-0")
        world.create("broken", {"name": "c", "image": "nginx:broken"})
        await anyio.sleep(5)
        messages = []
        for pod, previous in (("web-0", True), ("broken", False)):
            with pytest.raises(ApiError) as error:
                world.kubelets.logs(NS, pod, "c", previous=previous)
            messages.append(error.value.message)
        return messages

    assert simulate(test) == [
        'previous terminated container "c" in pod "web-0" not found',
        'container "c" in pod "broken" is waiting to start: trying and failing to pull image',
    ]


def test_a_node_registers_and_renews_its_lease() -> None:
    async def test(world: World) -> tuple[Json, list[Json]]:
        leases = []
        for _ in range(3):
            await anyio.sleep(10.5)
            leases.append(world.api.get("leases", "kube-node-lease", NODE)["spec"])
        return world.api.get("nodes", "", NODE), leases

    node, leases = simulate(test)

    assert node["metadata"]["labels"] == {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": NODE,
        "kubernetes.io/os": "linux",
    }
    assert node["spec"]["podCIDR"] == "10.244.0.0/24"
    assert node["status"]["capacity"]["pods"] == "110"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.37.2"
    assert [each["type"] for each in node["status"]["conditions"] if each["status"] == "True"] == ["Ready"]
    assert len({each["renewTime"] for each in leases}) == 3
    assert {each["leaseDurationSeconds"] for each in leases} == {40}


def test_a_frozen_kubelet_does_nothing_until_it_thaws_while_containers_run_on() -> None:
    async def test(world: World) -> tuple[list[object], list[object]]:
        world.create("web-0")
        world.create("crash", sh("sleep 5; exit 1"))
        await anyio.sleep(2)
        address = world.pod("web-0")["status"]["podIP"]
        world.node.freeze()
        renewed = world.api.get("leases", "kube-node-lease", NODE)["spec"]["renewTime"]
        versions = [world.pod(name)["metadata"]["resourceVersion"] for name in ("web-0", "crash")]
        world.create("late")
        await anyio.sleep(60)
        during: list[object] = [
            [world.pod(name)["metadata"]["resourceVersion"] for name in ("web-0", "crash")] == versions,
            phase(world.pod("late")),
            world.api.get("leases", "kube-node-lease", NODE)["spec"]["renewTime"] == renewed,
            (await world.network.fetch(address, 80, "/")).status,
        ]
        world.delete("web-0")
        await anyio.sleep(10)
        during.append("deletionTimestamp" in world.pod("web-0")["metadata"])
        world.node.thaw()
        await anyio.sleep(5)
        gone = all(item["metadata"]["name"] != "web-0" for item in world.api.list("pods").items)
        restarts = world.pod("crash")["status"]["containerStatuses"][0]["restartCount"]
        return during, [is_ready(world.pod("late")), gone, restarts >= 1]

    assert simulate(test) == ([True, "Pending", True, 200, True], [True, True, True])


def test_a_lost_node_takes_what_runs_on_it_and_tells_nobody() -> None:
    async def test(world: World) -> tuple[object, ...]:
        world.create("web-0")
        await anyio.sleep(2)
        address = world.pod("web-0")["status"]["podIP"]
        answers: list[int] = []

        async def hold() -> None:
            answers.append((await refused(world, "web-0", "sleep", "100"))[0])

        async with anyio.create_task_group() as group:
            group.start_soon(hold)
            await anyio.sleep(1)
            world.node.lose()
        before = world.pod("web-0")["metadata"]["resourceVersion"]
        world.delete("web-0")
        await anyio.sleep(60)
        trouble = (await world.network.fetch(address, 80, "/")).trouble
        status, message = await refused(world, "web-0", "true")
        still = world.pod("web-0")["status"] == next(
            item["status"] for _, _, item in world.events if item["metadata"]["resourceVersion"] == before
        )
        return answers, trouble, status, "no route to host" in message, still, phase(world.pod("web-0"))

    assert simulate(test) == ([500], "timeout", 500, True, True, "Running")
