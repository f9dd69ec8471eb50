"""Namespaces: what is in them from the start, and how they go."""

import anyio

from chaos.embedded.controllers.namespaces import NamespaceController
from chaos.embedded.interface import Json
from tests.embedded.controllers.world import NS, World, live


def controller(world: World) -> NamespaceController:
    return NamespaceController(world.api, world.lag, world.latency, world.now)


def conditions(item: Json) -> dict[str, str]:
    return {each["type"]: each["status"] for each in item["status"].get("conditions", ())}


def test_every_namespace_has_an_account_and_certificates_and_gets_them_back() -> None:
    world = World()

    async def act() -> None:
        world.add("namespaces", "", {"metadata": {"name": "new"}})
        await anyio.sleep(1)
        world.delete("serviceaccounts", "default", "new")
        world.delete("configmaps", "kube-root-ca.crt", "new")
        await anyio.sleep(1)

    live(world, act, controller(world))

    assert world.names("serviceaccounts", "new") == ["default"]
    assert world.names("configmaps", "new") == ["kube-root-ca.crt"]
    assert world.names("serviceaccounts", "kube-system") == ["default"]


def test_nothing_else_goes_before_the_pods_have_had_their_grace() -> None:
    world = World()
    world.pod("web-0", "10.0.0.1", terminationGracePeriodSeconds=20)
    world.add("services", NS, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("namespaces", NS, "")
        await anyio.sleep(4.9)
        assert "deletionTimestamp" not in world.get("pods", "web-0")["metadata"]
        await anyio.sleep(0.2)
        assert world.get("pods", "web-0")["metadata"]["deletionGracePeriodSeconds"] == 20
        await anyio.sleep(10)
        assert world.names("services") == ["web"]
        assert "kube-root-ca.crt" in world.names("configmaps")

        world.delete("pods", "web-0", grace_s=0)
        await anyio.sleep(12)

    live(world, act, controller(world))

    assert NS not in world.names("namespaces", "")
    assert world.names("services") == world.names("configmaps") == world.names("serviceaccounts") == []


def test_an_empty_namespace_goes_five_seconds_after_its_deletion() -> None:
    world = World()

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("namespaces", NS, "")
        await anyio.sleep(5)
        assert NS in world.names("namespaces", "")
        await anyio.sleep(0.5)

    live(world, act, controller(world))

    assert NS not in world.names("namespaces", "")


def test_a_finalizer_holds_the_namespace_which_says_so() -> None:
    world = World()
    world.add("configmaps", NS, {"metadata": {"name": "held", "finalizers": ["example.com/wait"]}})

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("namespaces", NS, "")
        await anyio.sleep(30)
        told = world.get("namespaces", NS, "")
        assert conditions(told)["NamespaceFinalizersRemaining"] == "True"
        messages = [each["message"] for each in told["status"]["conditions"]]
        assert "Some resources are remaining: configmaps. has 1 resource instances" in messages

        world.api.patch("configmaps", NS, "held", {"metadata": {"finalizers": None}}, "merge", user="test")
        await anyio.sleep(30)

    live(world, act, controller(world))

    assert NS not in world.names("namespaces", "")


def test_a_foreign_finalizer_of_the_namespace_is_left_to_its_owner() -> None:
    world = World()

    async def act() -> None:
        await anyio.sleep(1)
        item = world.get("namespaces", NS, "")
        spec = {"finalizers": ["kubernetes", "example.com/mine"]}
        world.api.update("namespaces", "", NS, {**item, "spec": spec}, user="test", subresource="finalize")
        world.delete("namespaces", NS, "")
        await anyio.sleep(30)

    live(world, act, controller(world))

    assert world.get("namespaces", NS, "")["spec"]["finalizers"] == ["example.com/mine"]
