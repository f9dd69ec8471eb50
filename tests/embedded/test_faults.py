"""Each fault by its name, on a whole cluster: what it does, that it ends, and that nothing of it stays."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import anyio
import pytest

from chaos.embedded.controllers.leader import LEASE
from chaos.embedded.faults import NAMES, CannotInflict, Fault, Name
from chaos.embedded.interface import Json
from chaos.embedded.node.resolving import Resolver
from chaos.embedded.virtual import MemoryConnector
from tests.embedded.living import Living, is_ready, live
from tests.embedded.server import NS, pod, statefulset

URL = "http://embedded"
MAPS = f"{URL}/api/v1/namespaces/{NS}/configmaps"


class Reached(Living):
    """The cluster, and a client of its HTTP server."""

    def __init__(self, living: Living, session: aiohttp.ClientSession) -> None:
        super().__init__(living.cluster)
        self.session = session
        self.faults = living.cluster.faults

    async def ask(self, method: str, url: str, body: Json | None = None) -> tuple[int, Any, str]:
        """Status, document and Retry-After."""
        async with self.session.request(method, url, json=body) as answer:
            return answer.status, await answer.json(), answer.headers.get("Retry-After", "")

    async def follow(self, seen: list[tuple[float, str, str]], since: str = "0") -> None:
        """Watch ConfigMaps until the stream ends."""
        async with self.session.get(MAPS, params={"watch": "1", "resourceVersion": since}) as answer:
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "BOOKMARK":
                    continue
                what = event["object"].get("code") or event["object"]["metadata"]["name"]
                seen.append((anyio.current_time(), event["type"], str(what)))

    def remember(self, name: str) -> None:
        self.create("configmaps", {"metadata": {"name": name}})

    def lease(self, namespace: str, name: str) -> Json:
        spec: Json = self.api.get("leases", namespace, name)["spec"]
        return spec

    def holder(self) -> str:
        return str(self.lease("kube-system", LEASE)["holderIdentity"])


def suffer(scenario: Callable[[Reached], Awaitable[None]], nodes: int = 1) -> None:
    async def reach(living: Living) -> None:
        connector = MemoryConnector(living.cluster.edge.server())
        async with aiohttp.ClientSession(connector=connector) as session:
            await scenario(Reached(living, session))
        assert living.cluster.faults.active == []

    live(reach, nodes=nodes)


def test_a_slow_api_is_slow_for_clients_and_controllers() -> None:
    async def scenario(world: Reached) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("slow-api", 10, delay_s=2))
            await anyio.sleep(0.1)
            began = anyio.current_time()
            await world.ask("GET", MAPS)
            assert 2 < anyio.current_time() - began < 2.1
            world.create("statefulsets", statefulset(replicas=1))
            assert await world.until(lambda: world.find("pods", "web-0")) > 2

        began = anyio.current_time()
        await world.ask("GET", MAPS)
        assert anyio.current_time() - began < 0.1

    suffer(scenario)


@pytest.mark.parametrize(
    ("name", "status", "after"), [("api-429", 429, "1"), ("api-500", 500, ""), ("api-503", 503, "")]
)
def test_requests_are_refused_without_effect(name: Name, status: int, after: str) -> None:
    async def scenario(world: Reached) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault(name, 5))
            await anyio.sleep(1)
            code, answer, retry = await world.ask("POST", MAPS, {"metadata": {"name": "a"}})
            assert (code, answer["kind"], retry) == (status, "Status", after)
        assert world.find("configmaps", "a") is None
        assert (await world.ask("POST", MAPS, {"metadata": {"name": "a"}}))[0] == 201

    suffer(scenario)


def test_a_write_whose_answer_is_lost_has_taken_effect() -> None:
    async def scenario(world: Reached) -> None:
        world.faults.begin(Fault("lost-answers", 5))
        assert (await world.ask("POST", MAPS, {"metadata": {"name": "a"}}))[0] == 500
        assert world.find("configmaps", "a") is not None
        await anyio.sleep(6)
        assert (await world.ask("POST", MAPS, {"metadata": {"name": "b"}}))[0] == 201

    suffer(scenario)


def test_who_watches_is_told_that_the_past_is_gone_and_must_list_again() -> None:
    async def scenario(world: Reached) -> None:
        seen: list[tuple[float, str, str]] = []
        past = str(world.api.list("configmaps").rv)
        async with anyio.create_task_group() as group:
            group.start_soon(world.follow, seen)
            await anyio.sleep(1)
            world.remember("a")
            await anyio.sleep(1)
            await world.faults.inflict(Fault("watch-410"))
        assert [each[1:] for each in seen][-2:] == [("ADDED", "a"), ("ERROR", "410")]
        seen.clear()
        await world.follow(seen, past)
        assert [each[1:] for each in seen] == [("ERROR", "410")]

    suffer(scenario)


def test_watches_are_cut_in_the_middle() -> None:
    async def scenario(world: Reached) -> None:
        seen: list[tuple[float, str, str]] = []
        ends: list[str] = []

        async def follow() -> None:
            try:
                await world.follow(seen)
            except aiohttp.ClientError as error:
                ends.append(type(error).__name__)

        async with anyio.create_task_group() as group:
            group.start_soon(follow)
            await anyio.sleep(1)
            await world.faults.inflict(Fault("cut-watches"))
        assert ends == ["ClientPayloadError"]
        assert world.faults.edge.watches == {}

    suffer(scenario)


def test_silent_watches_tell_nothing_until_they_are_healed() -> None:
    async def scenario(world: Reached) -> None:
        seen: list[tuple[float, str, str]] = []
        async with anyio.create_task_group() as group:
            group.start_soon(world.follow, seen)
            await anyio.sleep(1)
            seen.clear()
            world.faults.begin(Fault("silent-watches", 20))
            began = anyio.current_time()
            world.remember("a")
            await anyio.sleep(25)
            group.cancel_scope.cancel()
        ((at, *event),) = seen
        assert event == ["ADDED", "a"]
        assert 20 <= at - began < 22

    suffer(scenario)


def test_a_paused_controller_does_nothing_and_goes_on_as_the_same() -> None:
    async def scenario(world: Reached) -> None:
        holder = world.holder()
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("pause-controller", 30))
            await anyio.sleep(1)
            renewed = world.lease("kube-system", LEASE)["renewTime"]
            world.create("statefulsets", statefulset(replicas=1))
            await anyio.sleep(28)
            assert world.find("pods", "web-0") is None
            assert world.lease("kube-system", LEASE)["renewTime"] == renewed
        await world.until_ready("web-0")
        assert world.holder() == holder

    suffer(scenario)


@pytest.mark.parametrize(
    ("name", "least", "host"),
    [("restart-controller", 5, "embedded_"), ("failover-controller", 15, "embedded-standby_")],
)
def test_a_new_process_leads_after_a_while(name: Name, least: float, host: str) -> None:
    async def scenario(world: Reached) -> None:
        holder = world.holder()
        world.faults.begin(Fault(name, 5))
        world.create("statefulsets", statefulset(replicas=1))
        took = await world.until(lambda: world.holder() != holder)
        assert least <= took < least + 5
        assert world.holder().startswith(host)
        await world.until_ready("web-0")

    suffer(scenario)


def test_a_frozen_kubelet_starts_nothing_and_tells_nothing() -> None:
    async def scenario(world: Reached) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("freeze-kubelet", 30))
            await anyio.sleep(0.1)
            renewed = world.lease("kube-node-lease", "node-1")["renewTime"]
            world.create("pods", pod("a"))
            await anyio.sleep(29)
            assert not is_ready(world.find("pods", "a"))
            assert world.lease("kube-node-lease", "node-1")["renewTime"] == renewed
        await world.until_ready("a")

    suffer(scenario)


def test_a_lost_node_is_named_and_comes_back() -> None:
    async def scenario(world: Reached) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("lose-node", 120, node="node-2"))
            await anyio.sleep(100)
            assert world.faults.active == [("lose-node", "node-2")]
            assert _ready(world, "node-2") == "Unknown"
            assert _ready(world, "node-1") == "True"
        await world.until(lambda: _ready(world, "node-2") == "True")

    suffer(scenario, nodes=2)


def _ready(world: Reached, node: str) -> str:
    conditions = world.api.get("nodes", "", node)["status"]["conditions"]
    return next(str(each["status"]) for each in conditions if each["type"] == "Ready")


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_leaves_a_cluster_that_works(name: Name) -> None:
    async def scenario(world: Reached) -> None:
        await world.faults.inflict(Fault(name, 3))
        assert world.faults.active == []
        world.create("statefulsets", statefulset(replicas=2))
        await world.until_ready("web-1")
        assert (await world.ask("GET", MAPS))[0] == 200

    suffer(scenario)


def test_a_fault_is_inflicted_once_at_a_time_and_on_nodes_that_there_are() -> None:
    async def scenario(world: Reached) -> None:
        world.faults.begin(Fault("freeze-kubelet", 5))
        with pytest.raises(CannotInflict, match="freeze-kubelet node-1 is under way"):
            world.faults.begin(Fault("freeze-kubelet", 5, node="node-1"))
        with pytest.raises(CannotInflict, match="there is no node node-3; expected one of node-1, node-2"):
            world.faults.begin(Fault("lose-node", node="node-3"))
        world.faults.begin(Fault("freeze-kubelet", 5, node="node-2"))
        await anyio.sleep(6)

    suffer(scenario, nodes=2)


def test_a_cancelled_fault_is_healed() -> None:
    async def scenario(world: Reached) -> None:
        with anyio.move_on_after(1):
            await world.faults.inflict(Fault("api-500", 60))
        assert (await world.ask("GET", MAPS))[0] == 200

    suffer(scenario)


def test_faults_are_listed_begun_and_healed_over_http_whatever_fails() -> None:
    async def scenario(world: Reached) -> None:
        faults = f"{URL}/chaos/faults"
        code, begun, _ = await world.ask("POST", f"{faults}/api-500?seconds=60&share=1")
        assert (code, begun["begun"], begun["seconds"]) == (202, "api-500", 60)
        assert (await world.ask("POST", f"{faults}/freeze-kubelet?seconds=60&node=node-1"))[0] == 202
        assert (await world.ask("GET", MAPS))[0] == 500
        code, known, _ = await world.ask("GET", faults)
        assert [each["name"] for each in known["faults"]] == list(NAMES)
        assert known["active"] == [{"name": "api-500"}, {"name": "freeze-kubelet", "node": "node-1"}]
        assert (await world.ask("POST", f"{faults}/api-500"))[0] == 409
        for each in ("api-500", "freeze-kubelet"):
            assert (await world.ask("DELETE", f"{faults}/{each}"))[0] == 200
        await anyio.sleep(0.1)
        assert (await world.ask("GET", MAPS))[0] == 200
        assert (await world.ask("DELETE", f"{faults}/api-500"))[0] == 404

    suffer(scenario)


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/nothing", 404, "there is no fault nothing; expected one of slow-api"),
        ("POST", "/api-500?share=2", 400, "share=2: expected a number from 0 to 1"),
        ("POST", "/api-500?seconds=soon", 400, "seconds=soon: expected a number from 0"),
        ("POST", "/lose-node?node=x", 409, "there is no node x"),
        ("POST", "", 405, "faults are listed by GET"),
        ("PUT", "/api-500", 405, "faults are listed by GET"),
    ],
)
def test_a_wrong_wish_is_said_to_be_wrong(method: str, path: str, status: int, message: str) -> None:
    async def scenario(world: Reached) -> None:
        code, answer, _ = await world.ask(method, f"{URL}/chaos/faults{path}")
        assert (code, answer["message"].startswith(message)) == (status, True)

    suffer(scenario)


def test_a_stopped_api_server_answers_when_it_goes_on_and_nothing_happens_meanwhile() -> None:
    async def scenario(world: Reached) -> None:
        seen: list[tuple[float, str, str]] = []
        async with anyio.create_task_group() as group:
            group.start_soon(world.follow, seen)
            await anyio.sleep(1)
            world.faults.begin(Fault("pause-apiserver", 20))
            world.create("statefulsets", statefulset(replicas=1))
            world.remember("a")
            began = anyio.current_time()
            await world.ask("GET", MAPS)
            assert 19 < anyio.current_time() - began < 21
            assert world.find("pods", "web-0") is None
            assert await world.until(lambda: is_ready(world.find("pods", "web-0"))) < 10
            group.cancel_scope.cancel()
        assert [(at > began + 19, kind, name) for at, kind, name in seen if name == "a"] == [(True, "ADDED", "a")]

    suffer(scenario)


def test_who_is_paused_besides_the_api_server_stays_so() -> None:
    async def scenario(world: Reached) -> None:
        world.faults.begin(Fault("pause-controller", 20))
        await world.faults.inflict(Fault("pause-apiserver", 2))
        assert world.cluster.manager.is_paused
        await anyio.sleep(20)
        assert not world.cluster.manager.is_paused

    suffer(scenario)


def test_without_a_scheduler_pods_wait_for_a_node() -> None:
    async def scenario(world: Reached) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("pause-scheduler", 10))
            await anyio.sleep(0.1)
            world.create("pods", pod("a"))
            await anyio.sleep(9)
            assert "nodeName" not in world.api.get("pods", NS, "a")["spec"]
        assert await world.until(lambda: is_ready(world.find("pods", "a"))) < 10

    suffer(scenario)


def test_while_dns_restarts_nobody_answers() -> None:
    async def scenario(world: Reached) -> None:
        resolver = Resolver(("default.svc.cluster.local",))
        async with anyio.create_task_group() as group:
            group.start_soon(world.faults.inflict, Fault("restart-dns", 10))
            await anyio.sleep(1)
            assert (await world.cluster.dns.resolve("nowhere", resolver)).code == "TIMEOUT"
        assert (await world.cluster.dns.resolve("nowhere", resolver)).code == "NXDOMAIN"

    suffer(scenario)
