"""A whole cluster of two nodes, one of which fails: what becomes of a set's pods on it."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.node.node import Node
from tests.embedded.living import Living, is_ready, live
from tests.embedded.server import NS, USER, statefulset

QUICK = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
    for key in ("not-ready", "unreachable")
]


class Failing(Living):
    """The cluster with a set of two pods; `web-0` is on the node that is to fail."""

    async def begin(self) -> Node:
        body = statefulset(replicas=2)
        body["spec"]["template"]["spec"]["tolerations"] = QUICK
        self.create(
            "services", {"metadata": {"name": "web"}, "spec": {"clusterIP": "None", "selector": {"app": "web"}}}
        )
        self.create("statefulsets", body)
        await self.until_ready("web-1")
        name = self.pod("web-0")["spec"]["nodeName"]
        assert self.pod("web-1")["spec"]["nodeName"] != name
        return next(each for each in self.cluster.nodes if each.name == name)

    def pod(self, name: str) -> Json:
        found = self.find("pods", name)
        assert found is not None
        return found

    def uid(self, name: str) -> str:
        return str(self.pod(name)["metadata"]["uid"])

    def node_is(self, node: Node) -> str:
        return str(condition(self.api.get("nodes", "", node.name), "Ready")["status"])

    def taints(self, node: Node) -> list[tuple[str, str]]:
        found = self.api.get("nodes", "", node.name)["spec"].get("taints") or ()
        return sorted((each["key"].rpartition("/")[2], each["effect"]) for each in found)

    def addresses(self) -> list[str]:
        """Who is published as ready."""
        return sorted(
            endpoint["targetRef"]["name"]
            for item in self.api.list("endpointslices", NS).items
            for endpoint in item["endpoints"] or ()
            if endpoint["conditions"]["ready"]
        )


def condition(item: Json, kind: str) -> Json:
    return next((each for each in item["status"]["conditions"] if each["type"] == kind), {})


def fail(scenario: Callable[[Failing, Node], Awaitable[None]]) -> None:
    async def begin(living: Living) -> None:
        failing = Failing(living.cluster)
        await scenario(failing, await failing.begin())

    live(begin, nodes=2)


UNREACHABLE = [("unreachable", "NoExecute"), ("unreachable", "NoSchedule")]


def test_a_kubelet_that_was_frozen_is_lost_and_says_itself_that_it_is_back() -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        uid, since = failing.uid("web-0"), condition(failing.pod("web-0"), "Ready")["lastTransitionTime"]
        node.freeze()
        lost_s = await failing.until(lambda: failing.node_is(node) == "Unknown")
        assert 40 < lost_s < 60
        await anyio.sleep(2)
        assert failing.taints(node) == UNREACHABLE
        assert not is_ready(failing.pod("web-0"))
        assert failing.addresses() == ["web-1"]

        node.thaw()
        assert await failing.until(lambda: failing.node_is(node) == "True") < 11
        assert await failing.until(lambda: failing.taints(node) == []) < 6
        assert await failing.until(lambda: is_ready(failing.pod("web-0"))) < 11
        await anyio.sleep(60)

        assert failing.uid("web-0") == uid
        assert condition(failing.pod("web-0"), "Ready")["lastTransitionTime"] == since
        assert failing.pod("web-0")["status"]["containerStatuses"][0]["restartCount"] == 0
        assert failing.addresses() == ["web-0", "web-1"]

    fail(scenario)


def test_a_kubelet_that_was_frozen_for_too_long_ends_the_pods_that_were_evicted_meanwhile() -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        uid = failing.uid("web-0")
        node.freeze()
        await failing.until(lambda: "deletionTimestamp" in failing.pod("web-0")["metadata"], 120)
        await anyio.sleep(100)
        assert failing.uid("web-0") == uid

        node.thaw()
        await failing.until(lambda: failing.find("pods", "web-0") is None or failing.uid("web-0") != uid)
        await failing.until_ready("web-0")

    fail(scenario)


def test_a_pod_on_a_lost_node_is_evicted_when_its_tolerance_is_over_and_not_replaced_before_it_is_removed_by_force() -> (
    None
):
    async def scenario(failing: Failing, node: Node) -> None:
        uid = failing.uid("web-0")
        node.lose()
        await failing.until(lambda: failing.taints(node) == UNREACHABLE)
        tolerated_s = await failing.until(lambda: "deletionTimestamp" in failing.pod("web-0")["metadata"])
        assert 29 < tolerated_s < 32
        assert condition(failing.pod("web-0"), "DisruptionTarget")["reason"] == "DeletionByTaintManager"
        await anyio.sleep(900)
        assert failing.uid("web-0") == uid
        assert failing.pod("web-0")["status"]["phase"] == "Running"

        failing.api.delete("pods", NS, "web-0", user=USER, grace_s=0)
        await failing.until_ready("web-0")
        assert failing.uid("web-0") != uid
        assert failing.pod("web-0")["spec"]["nodeName"] != node.name

    fail(scenario)


def test_a_lost_node_that_comes_back_ends_what_was_evicted_and_the_set_replaces_it() -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        uid = failing.uid("web-0")
        node.lose()
        await failing.until(lambda: "deletionTimestamp" in failing.pod("web-0")["metadata"], 120)
        await anyio.sleep(60)
        assert failing.uid("web-0") == uid

        node.come_back()
        await failing.until(lambda: failing.find("pods", "web-0") is None or failing.uid("web-0") != uid)
        await failing.until_ready("web-0")
        await failing.until(lambda: failing.node_is(node) == "True" and not failing.taints(node))

    fail(scenario)


def test_a_machine_that_restarts_soon_keeps_its_pods_and_starts_their_containers_again() -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        uid = failing.uid("web-0")
        node.lose()
        await anyio.sleep(20)

        node.come_back()
        await failing.until(lambda: failing.pod("web-0")["status"]["containerStatuses"][0]["restartCount"] == 1)
        await failing.until_ready("web-0")

        (status,) = failing.pod("web-0")["status"]["containerStatuses"]
        ended = status["lastState"]["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (255, "Unknown")
        assert failing.uid("web-0") == uid
        assert failing.node_is(node) == "True"
        await failing.until(lambda: failing.addresses() == ["web-0", "web-1"], 5)

    fail(scenario)


def _forget(failing: Failing, node: Node) -> None:
    failing.api.delete("nodes", "", node.name, user=USER)


def _retire(failing: Failing, node: Node) -> None:
    failing.api.delete("pods", NS, "web-0", user=USER)
    taint = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute", "value": "nodeshutdown"}
    present = failing.api.get("nodes", "", node.name)["spec"].get("taints") or []
    failing.api.patch("nodes", "", node.name, {"spec": {"taints": [*present, taint]}}, "merge", user=USER)


@pytest.mark.parametrize(("give_up", "reason"), [(_forget, "DeletionByPodGC"), (_retire, None)])
def test_the_pods_of_a_node_that_is_given_up_are_removed_by_force(
    give_up: Callable[[Failing, Node], None], reason: str | None
) -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        uid = failing.uid("web-0")
        node.lose()
        await failing.until(lambda: failing.taints(node) == UNREACHABLE)
        seen: list[Json] = []
        failing.api.watch("pods", lambda kind, item: seen.append(item), since=failing.api.list("pods").rv)
        give_up(failing, node)
        await failing.until(lambda: failing.find("pods", "web-0") is None or failing.uid("web-0") != uid, 120)
        last = [item for item in seen if item["metadata"]["uid"] == uid][-1]
        assert last["status"]["phase"] == "Failed"
        if reason is not None:
            assert condition(last, "DisruptionTarget")["reason"] == reason
        await failing.until_ready("web-0")

    fail(scenario)


def test_a_node_that_is_removed_from_the_record_while_its_kubelet_runs_does_not_come_back_by_itself() -> None:
    async def scenario(failing: Failing, node: Node) -> None:
        failing.api.delete("nodes", "", node.name, user=USER)
        await anyio.sleep(60)
        assert [each["metadata"]["name"] for each in failing.api.list("nodes").items] != []
        assert failing.find("nodes", node.name) is None
        node.lose()
        node.come_back()
        await failing.until(lambda: failing.find("nodes", node.name))

    fail(scenario)
