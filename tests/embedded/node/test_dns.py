"""Names in the cluster: what CoreDNS would answer from the same Services and EndpointSlices."""

from typing import Any

import anyio
import pytest

from chaos.embedded.interface import Json
from chaos.embedded.node.dns import Server, Target
from chaos.embedded.node.resolving import SERVERS, Resolver, candidates, resolver_of
from tests.embedded.node.world import NS, USER, World, simulate

SEARCH = Resolver((f"{NS}.svc.cluster.local", "svc.cluster.local", "cluster.local"))


def service(world: World, name: str = "nginx", **spec: Any) -> Json:
    """A headless Service with a named port, unless `spec` says otherwise."""
    ports = [{"name": "web", "port": 80, "protocol": "TCP"}]
    body = {"metadata": {"name": name}, "spec": {"clusterIP": "None", "ports": ports, **spec}}
    return world.api.create("services", NS, body, user=USER)


def endpoint(address: str, hostname: str = "", ready: bool | None = True) -> Json:
    """One pod behind a Service."""
    conditions = {} if ready is None else {"ready": ready}
    return {"addresses": [address], "conditions": conditions, **({"hostname": hostname} if hostname else {})}


def backed(world: World, *endpoints: Json, name: str = "nginx-1", of: str = "nginx") -> None:
    """An EndpointSlice of a Service."""
    body = {
        "metadata": {"name": name, "labels": {"kubernetes.io/service-name": of}},
        "addressType": "IPv4",
        "endpoints": list(endpoints),
        "ports": [{"name": "web", "port": 80, "protocol": "TCP"}],
    }
    world.api.create("endpointslices", NS, body, user=USER)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nginx.ns.svc.cluster.local", ["10.244.0.2", "10.244.0.4"]),
        ("NGINX.ns.svc.Cluster.local", ["10.244.0.2", "10.244.0.4"]),
        ("web-0.nginx.ns.svc.cluster.local", ["10.244.0.2"]),
        ("web-1.nginx.ns.svc.cluster.local", None),
        ("10-244-0-4.nginx.ns.svc.cluster.local", ["10.244.0.4"]),
        ("10-244-0-2.nginx.ns.svc.cluster.local", None),
        ("_web._tcp.nginx.ns.svc.cluster.local", ["10.244.0.2", "10.244.0.4"]),
        ("_other._tcp.nginx.ns.svc.cluster.local", None),
        ("empty.ns.svc.cluster.local", None),
        ("plain.ns.svc.cluster.local", ["10.96.0.77"]),
        ("missing.ns.svc.cluster.local", None),
        ("nginx.other.svc.cluster.local", None),
        ("a.b.web-0.nginx.ns.svc.cluster.local", None),
        ("ns.svc.cluster.local", []),
        ("other.svc.cluster.local", None),
        ("svc.cluster.local", []),
        ("cluster.local", []),
        ("10-244-0-2.ns.pod.cluster.local", None),
        ("example.com", None),
    ],
)
def test_a_name_has_the_addresses_of_its_ready_endpoints(name: str, expected: list[str] | None) -> None:
    async def test(world: World) -> list[str] | None:
        service(world)
        service(world, "empty")
        service(world, "plain", clusterIP="10.96.0.77")
        backed(
            world,
            endpoint("10.244.0.2", "web-0"),
            endpoint("10.244.0.3", "web-1", ready=False),
            endpoint("10.244.0.4", ready=None),
        )
        await anyio.sleep(1)
        return world.dns.servers[SERVERS[0]].lookup(name)

    assert simulate(test) == expected


def test_srv_records_name_a_target_for_each_endpoint_and_port() -> None:
    async def test(world: World) -> list[list[Target] | None]:
        service(world)
        backed(world, endpoint("10.244.0.2", "web-0"), endpoint("10.244.0.3"))
        await anyio.sleep(1)
        names = ("_web._tcp.nginx", "nginx", "_web._udp.nginx", "web-0.nginx")
        return [world.dns.servers[SERVERS[0]].services(f"{name}.ns.svc.cluster.local") for name in names]

    by_port, all_of_them, wrong, one = simulate(test)

    web_0 = Target(80, "web-0.nginx.ns.svc.cluster.local", "10.244.0.2")
    other = Target(80, "10-244-0-3.nginx.ns.svc.cluster.local", "10.244.0.3")
    assert by_port == all_of_them == [web_0, other]
    assert wrong is None
    assert one == [web_0]


def test_the_slice_of_an_older_service_may_go_after_that_of_the_new_one_came() -> None:
    async def test(world: World) -> list[str] | None:
        service(world)
        backed(world, endpoint("10.244.0.2"), name="old")
        backed(world, endpoint("10.244.0.3"), name="new")
        await anyio.sleep(1)
        world.api.delete("endpointslices", NS, "old", user=USER)
        await anyio.sleep(1)
        return world.dns.servers[SERVERS[0]].lookup("nginx.ns.svc.cluster.local")

    assert simulate(test) == ["10.244.0.3"]


def test_an_answer_is_as_old_as_the_cache() -> None:
    async def test(world: World) -> tuple[list[str] | None, list[str] | None]:
        service(world)
        await anyio.sleep(1)
        backed(world, endpoint("10.244.0.2"))
        before = world.dns.servers[SERVERS[0]].lookup("nginx.ns.svc.cluster.local")
        await anyio.sleep(0.006)
        return before, world.dns.servers[SERVERS[0]].lookup("nginx.ns.svc.cluster.local")

    assert simulate(test) == (None, ["10.244.0.2"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", ["web.ns.svc.cluster.local", "web.svc.cluster.local", "web.cluster.local", "web"]),
        ("web.", ["web"]),
        ("a.b.c.d.e.f", ["a.b.c.d.e.f", *(f"a.b.c.d.e.f.{suffix}" for suffix in SEARCH.search)]),
    ],
)
def test_the_search_list_is_tried_by_the_number_of_dots(name: str, expected: list[str]) -> None:
    assert candidates(name, SEARCH) == expected


def test_a_short_name_is_found_along_the_search_list() -> None:
    async def test(world: World) -> tuple[object, ...]:
        service(world)
        backed(world, endpoint("10.244.0.2", "web-0"))
        await anyio.sleep(1)
        found = await world.dns.resolve("web-0.nginx", SEARCH)
        missing = await world.dns.resolve("web-9.nginx", SEARCH)
        empty = await world.dns.resolve(f"{NS}.svc", SEARCH)
        world.dns.down = True
        return found.addresses, found.name, missing.code, empty.code, (await world.dns.resolve("nginx", SEARCH)).code

    assert simulate(test) == (
        ("10.244.0.2",),
        "web-0.nginx.ns.svc.cluster.local",
        "NXDOMAIN",
        "NODATA",
        "TIMEOUT",
    )


def test_a_pod_may_have_its_own_resolver() -> None:
    pod = {
        "metadata": {"namespace": NS},
        "spec": {"dnsPolicy": "None", "dnsConfig": {"searches": ["a.b"], "options": [{"name": "ndots", "value": "2"}]}},
    }

    assert resolver_of(pod) == Resolver(("a.b",), 2)
    assert resolver_of({"metadata": {"namespace": NS}, "spec": {}}) == SEARCH
    assert SEARCH.text().decode().splitlines() == [
        "search ns.svc.cluster.local svc.cluster.local cluster.local",
        "nameserver 10.96.0.10",
        "options ndots:5",
    ]


def test_a_server_that_is_behind_is_asked_now_and_then_or_directly() -> None:
    async def test(world: World) -> tuple[object, ...]:
        service(world)
        first, second = SERVERS
        await anyio.sleep(1)
        backed(world, endpoint("10.244.0.2", "web-0"))
        await anyio.sleep(0.006)
        world.dns.servers[second] = Server(world.api, lambda: 0.005)
        asked = [(await world.dns.resolve("web-0.nginx", SEARCH)).code for _ in range(20)]
        direct = [(await world.dns.resolve("web-0.nginx", SEARCH, each)).code for each in (first, second, "127.0.0.1")]
        return sorted(set(asked)), direct

    assert simulate(test) == (["NOERROR", "NXDOMAIN"], ["NOERROR", "NXDOMAIN", "TIMEOUT"])


def test_what_the_cluster_says_of_its_dns_can_be_read() -> None:
    async def test(world: World) -> tuple[object, ...]:
        found = world.api.get("configmaps", "kube-system", "coredns")
        (one,) = world.api.list("endpointslices", "kube-system").items
        return "kubernetes cluster.local" in found["data"]["Corefile"], [e["addresses"][0] for e in one["endpoints"]]

    assert simulate(test) == (True, list(SERVERS))
