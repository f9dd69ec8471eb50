"""EndpointSlices: what is in them, when they are written, and what happens to them."""

from typing import Any

import anyio

from chaos.embedded.controllers.endpoints import TRIGGERED, EndpointSliceController
from chaos.embedded.controllers.slices import FULL, reconcile
from chaos.embedded.interface import Json
from tests.embedded.controllers.world import NS, USER, World, live

SELECTOR = {"app": "web"}


def controller(world: World) -> EndpointSliceController:
    return EndpointSliceController(world.api, world.now, world.lag, world.latency)


def service(world: World, name: str = "web", **spec: Any) -> Json:
    ports = [{"port": 80, "name": "web", "targetPort": "http"}]
    labels = {"app": "web"}
    body = {"metadata": {"name": name, "labels": labels}, "spec": {"selector": SELECTOR, "ports": ports, **spec}}
    return world.add("services", NS, body)


def the_slice(world: World) -> Json:
    (only,) = world.api.list("endpointslices", NS).items
    return only


def told(item: Json) -> list[tuple[str, bool, bool, bool]]:
    return [
        (each["targetRef"]["name"], *(each["conditions"][kind] for kind in ("ready", "serving", "terminating")))
        for each in item["endpoints"] or ()
    ]


def test_a_service_without_pods_has_one_empty_slice() -> None:
    world = World()
    made = service(world, clusterIP="None")

    async def act() -> None:
        await anyio.sleep(1)

    live(world, act, controller(world))

    item = the_slice(world)
    assert (item["endpoints"], item["ports"], item["addressType"]) == (None, None, "IPv4")
    assert item["metadata"]["name"].startswith("web-")
    assert len(item["metadata"]["name"]) == 9
    assert item["metadata"]["labels"] == {
        "app": "web",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "service.kubernetes.io/headless": "",
    }
    assert [each["uid"] for each in item["metadata"]["ownerReferences"]] == [made["metadata"]["uid"]]


def test_an_endpoint_tells_of_its_pod() -> None:
    world = World()
    world.node(labels={"topology.kubernetes.io/zone": "north"})
    service(world, clusterIP="None")
    pod = world.pod("web-0", "10.0.0.1", hostname="web-0", subdomain="web")

    async def act() -> None:
        await anyio.sleep(1)

    live(world, act, controller(world))

    target = {"kind": "Pod", "namespace": NS, "name": "web-0", "uid": pod["metadata"]["uid"]}
    assert the_slice(world)["endpoints"] == [
        {
            "addresses": ["10.0.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "hostname": "web-0",
            "targetRef": target,
            "nodeName": "node-1",
            "zone": "north",
        }
    ]
    assert the_slice(world)["ports"] == [{"name": "web", "protocol": "TCP", "port": 8080}]


def test_a_hostname_is_told_only_under_the_pods_own_subdomain() -> None:
    world = World()
    world.node()
    service(world, "other")
    world.pod("web-0", "10.0.0.1", hostname="web-0", subdomain="web")

    async def act() -> None:
        await anyio.sleep(1)

    live(world, act, controller(world))

    assert "hostname" not in the_slice(world)["endpoints"][0]


def test_the_same_slice_follows_a_pod_through_its_life() -> None:
    world = World()
    world.node()
    service(world)
    world.pod("web-0")
    world.follow("endpointslices")

    async def act() -> None:
        await anyio.sleep(2)
        world.make_ready("web-0", "10.0.0.1", "False")
        await anyio.sleep(2)
        world.make_ready("web-0", "10.0.0.1")
        await anyio.sleep(2)
        world.delete("pods", "web-0")
        await anyio.sleep(2)
        world.status("pods", "web-0", {"phase": "Succeeded"})
        await anyio.sleep(2)
        world.delete("pods", "web-0", grace_s=0)
        await anyio.sleep(2)

    live(world, act, controller(world))

    assert [told(item) for _, _, item in world.seen] == [
        [],
        [("web-0", False, False, False)],
        [("web-0", True, True, False)],
        [("web-0", False, True, True)],
        [],
    ]
    assert len({item["metadata"]["name"] for _, _, item in world.seen}) == 1


def test_unready_and_terminating_pods_are_published_as_ready_where_the_service_says_so() -> None:
    world = World()
    world.node()
    service(world, publishNotReadyAddresses=True)
    world.pod("web-0")
    world.make_ready("web-0", "10.0.0.1", "False")
    world.pod("web-1", "10.0.0.2")

    async def act() -> None:
        world.delete("pods", "web-1")
        await anyio.sleep(2)

    live(world, act, controller(world))

    assert told(the_slice(world)) == [("web-0", True, False, False), ("web-1", True, True, True)]


def test_endpoints_keep_their_places_and_new_ones_come_last() -> None:
    world = World()
    world.node()
    service(world)
    world.pod("web-0", "10.0.0.1")
    world.pod("web-1", "10.0.0.2")

    async def act() -> None:
        await anyio.sleep(2)
        world.delete("pods", "web-0", grace_s=0)
        await anyio.sleep(2)
        world.pod("web-0", "10.0.0.3")
        await anyio.sleep(2)

    live(world, act, controller(world))

    assert [name for name, *_ in told(the_slice(world))] == ["web-1", "web-0"]


def test_a_pod_that_changes_its_labels_leaves_one_service_for_another() -> None:
    world = World()
    world.node()
    service(world)
    service(world, "blue", selector={"app": "blue"})
    world.pod("p", "10.0.0.1")

    async def act() -> None:
        await anyio.sleep(2)
        world.api.patch("pods", NS, "p", {"metadata": {"labels": {"app": "blue"}}}, "merge", user=USER)
        await anyio.sleep(2)

    live(world, act, controller(world))

    found = {
        each["metadata"]["labels"]["kubernetes.io/service-name"]: told(each)
        for each in world.api.list("endpointslices").items
    }
    assert found == {"web": [], "blue": [("p", True, True, False)]}


def test_the_annotation_names_the_change_of_readiness_and_goes_when_there_was_none() -> None:
    world = World()
    world.node()
    service(world)
    world.follow("endpointslices")

    async def act() -> None:
        await anyio.sleep(10)
        world.pod("web-0", "10.0.0.1")
        await anyio.sleep(10)
        world.delete("pods", "web-0")
        await anyio.sleep(2)

    live(world, act, controller(world))

    times = [item["metadata"].get("annotations", {}).get(TRIGGERED) for _, _, item in world.seen]
    assert times == ["2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", None]


def test_a_slice_that_somebody_deletes_comes_back_after_a_second() -> None:
    world = World()
    service(world)
    world.follow("endpointslices")

    async def act() -> None:
        await anyio.sleep(2)
        world.delete("endpointslices", the_slice(world)["metadata"]["name"])
        await anyio.sleep(0.9)
        assert world.names("endpointslices") == []
        await anyio.sleep(0.3)

    live(world, act, controller(world))

    assert len(world.names("endpointslices")) == 1


def test_a_change_of_labels_of_the_service_reaches_its_slice() -> None:
    world = World()
    service(world)

    async def act() -> None:
        await anyio.sleep(2)
        world.api.patch("services", NS, "web", {"metadata": {"labels": {"tier": "one"}}}, "merge", user=USER)
        await anyio.sleep(2)

    live(world, act, controller(world))

    labels = the_slice(world)["metadata"]["labels"]
    assert (labels["app"], labels["tier"], labels["kubernetes.io/service-name"]) == ("web", "one", "web")


def test_services_without_a_selector_and_external_names_get_no_slice() -> None:
    world = World()
    service(world, "bare", selector=None)
    service(world, "far", type="ExternalName", externalName="example.com")

    async def act() -> None:
        await anyio.sleep(2)

    live(world, act, controller(world))

    assert world.names("endpointslices") == []


def test_pods_with_other_ports_are_in_a_slice_of_their_own_and_a_full_slice_is_followed_by_another() -> None:
    world = World()
    nodes = {"node-1": world.node()}
    web = service(world)
    named = [world.pod(f"a-{number}", f"10.0.1.{number}") for number in range(FULL + 1)]
    container = {"name": "c", "image": "nginx", "ports": [{"containerPort": 9090, "name": "http"}]}
    other = world.pod("b", "10.0.2.1", containers=[container])

    changes = reconcile(web, [*named, other], nodes, [])

    assert [(each["ports"][0]["port"], len(each["endpoints"])) for each in changes.create] == [
        (8080, 100),
        (8080, 1),
        (9090, 1),
    ]
    assert (changes.update, changes.delete) == ([], [])


def test_a_new_endpoint_goes_into_the_fullest_slice_that_is_written_anyway() -> None:
    world = World()
    nodes = {"node-1": world.node()}
    web = service(world)
    pods = [world.pod(f"p-{number}", f"10.0.1.{number}") for number in range(6)]
    (small,) = reconcile(web, pods[:2], nodes, []).create
    (large,) = reconcile(web, pods[2:5], nodes, []).create
    present = [
        {**each, "metadata": {**each["metadata"], "name": name}} for each, name in ((small, "small"), (large, "large"))
    ]

    changes = reconcile(web, [pods[0], pods[2], pods[3], pods[5]], nodes, present)

    assert [(each["metadata"]["name"], [name for name, *_ in told(each)]) for each in changes.update] == [
        ("large", ["p-2", "p-3", "p-5"]),
        ("small", ["p-0"]),
    ]
    assert (changes.create, changes.delete) == ([], [])


def test_the_pods_of_an_unknown_node_are_left_out() -> None:
    world = World()
    web = service(world)
    pod = world.pod("web-0", "10.0.0.1")

    (only,) = reconcile(web, [pod], {}, []).create

    assert (only["endpoints"], only["ports"]) == ([], [])
