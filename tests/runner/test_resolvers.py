"""What kube-system says of the cluster's DNS is read where it may be; nothing is taken for granted where it may not."""

from typing import Any

from chaos.cluster.port import Json, Listing, Refused
from chaos.history.run import Resolver
from chaos.runner.resolvers import resolver_of
from tests.runner.fake import Fake

COREFILE = ".:53 {\n kubernetes cluster.local {\n  ttl 30\n }\n cache 10\n}\n"
NODE_LOCAL = "cluster.local:53 {\n cache 20\n forward . 10.96.0.10\n}\n"


def with_maps(**files: str) -> Fake:
    cluster = Fake()
    for name, text in files.items():
        body = {"metadata": {"name": name}, "data": {"Corefile": text}}
        cluster.objects["configmaps", "kube-system", name.replace("_", "-")] = body
    return cluster


def with_slice(*endpoints: dict[str, Any], service: str = "kube-dns") -> Fake:
    cluster = Fake()
    labels = {"kubernetes.io/service-name": service}
    body = {"metadata": {"name": "x", "labels": labels}, "endpoints": list(endpoints)}
    cluster.objects["endpointslices", "kube-system", "x"] = body
    return cluster


async def test_the_corefile_says_how_long_answers_are_kept() -> None:
    found = await resolver_of(with_maps(coredns=COREFILE))

    assert found == Resolver(10, 10, "ConfigMap kube-system/coredns")


async def test_a_cache_on_the_node_comes_on_top() -> None:
    found = await resolver_of(with_maps(coredns=COREFILE, node_local_dns=NODE_LOCAL))

    assert found == Resolver(30, 30, "ConfigMap kube-system/coredns and node-local-dns")


async def test_without_a_corefile_that_tells_the_longest_usual_is_assumed() -> None:
    assert await resolver_of(Fake()) == Resolver(30, 30, "assumed")
    assert await resolver_of(with_maps(coredns=".:53 {\n}\n")) == Resolver()
    assert await resolver_of(with_maps(coredns=COREFILE, node_local_dns=".:53 {\n import x\n}\n")) == Resolver()


async def test_what_may_not_be_read_is_assumed() -> None:
    class Closed(Fake):
        async def get(self, resource: str, namespace: str, name: str) -> Json:
            raise Refused(403, "Forbidden", "no")

        async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
            raise Refused(403, "Forbidden", "no")

    assert await resolver_of(Closed()) == Resolver()


async def test_the_servers_are_the_ready_endpoints_of_the_dns_service() -> None:
    ready = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}}
    unready = {"addresses": ["10.0.0.8"], "conditions": {"ready": False}}

    found = await resolver_of(with_slice(ready, unready, {"addresses": ["10.0.0.7"]}))
    assert found.servers == ("10.0.0.7", "10.0.0.9")
    assert (await resolver_of(with_slice(ready, service="metrics"))).servers == ()
