"""What a cluster allows is asked before anything is changed."""

from chaos.cluster.port import Refused
from chaos.history.run import Resolver
from chaos.profile import Profile, parse
from chaos.runner.preflight import preflight
from chaos.runner.rights import needed
from tests.runner.fake import Fake


async def test_version_identity_and_the_gates_that_matter() -> None:
    cluster = Fake()
    cluster.objects["namespaces", "", "kube-system"] = {"metadata": {"name": "kube-system", "uid": "u1"}}

    found = await preflight(cluster, "ns")

    assert found == ("1.37.2", "u1", {"MaxUnavailableStatefulSet": True}, (), Resolver())


async def test_a_gate_that_changes_no_promise_is_left_out() -> None:
    class Other(Fake):
        async def metrics(self, path: str) -> str:
            return 'kubernetes_feature_enabled{name="APIServerTracing",stage="BETA"} 1\n'

    assert (await preflight(Other(), "ns")).gates == {}


async def test_metrics_and_identity_may_be_forbidden() -> None:
    class Closed(Fake):
        async def metrics(self, path: str) -> str:
            raise Refused(403, "Forbidden", "no")

    found = await preflight(Closed(), "ns")

    assert (found.gates, found.cluster) == ({}, "")


async def test_missing_rights_are_named_in_a_fixed_order() -> None:
    cluster = Fake()
    cluster.refuses = {"watch pods", "create services"}

    assert (await preflight(cluster, "ns")).missing == ("create services", "watch pods")


async def test_a_profile_is_asked_for_the_rights_of_its_operations_only() -> None:
    cluster = Fake()
    cluster.refuses = {"patch nodes", "create pods/eviction", "update statefulsets"}

    found = await preflight(cluster, "ns", needed(profile("{mix: [{scale: 3}, drain]}")))

    assert found.missing == ("patch nodes", "create pods/eviction")


def profile(step: str) -> Profile:
    target = 'target: {statefulset: web, service: nginx, replicas: 2, images: ["nginx:1.27"]}'
    return parse(f"name: p\n{target}\nphases: [{{name: one, do: [{step}]}}]\n", "p.yaml", {}, ())
