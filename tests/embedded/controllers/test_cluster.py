"""The controllers together: what is owned, what is claimed, what has a name."""

from typing import Any

import anyio
import pytest

from chaos.embedded.interface import Json
from tests.embedded.living import Living, is_ready, live
from tests.embedded.server import NS, USER, pod, statefulset

SERVICE = {
    "metadata": {"name": "web"},
    "spec": {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80}]},
}
CLAIMS = [
    {
        "metadata": {"name": "www"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
]


def with_volume() -> Json:
    mounted = {
        "name": "nginx",
        "image": "nginx:1.27",
        "volumeMounts": [{"name": "www", "mountPath": "/usr/share/nginx/html"}],
    }
    made = statefulset(replicas=2, volumeClaimTemplates=CLAIMS)
    made["spec"]["template"]["spec"] = {"containers": [mounted]}
    return made


async def ready(living: Living, *names: str) -> None:
    for name in names:
        await living.until_ready(name)


def names(living: Living, resource: str) -> list[str]:
    return [item["metadata"]["name"] for item in living.api.list(resource, NS).items]


def test_a_set_gets_its_pods_in_order_and_each_its_name() -> None:
    async def scenario(living: Living) -> Any:
        living.create("services", SERVICE)
        living.create("statefulsets", statefulset(replicas=3))
        await ready(living, "web-0", "web-1", "web-2")
        await anyio.sleep(1)
        living.create(
            "pods", pod("probe", containers=[{"name": "c", "image": "busybox", "command": ["sleep", "1000"]}])
        )
        await living.until_ready("probe")
        addresses = [living.find("pods", f"web-{n}")["status"]["podIP"] for n in range(3)]  # type: ignore[index]
        answers = [await living.exec("probe", "nslookup", f"web-{n}.web") for n in range(4)]
        return addresses, answers

    addresses, answers = live(scenario)

    assert all(address in answer for address, (_, answer) in zip(addresses, answers, strict=False))
    assert [code for code, _ in answers] == [0, 0, 0, 1]


def test_what_is_written_stays_with_the_ordinal() -> None:
    async def scenario(living: Living) -> Any:
        living.create("statefulsets", with_volume())
        await ready(living, "web-0", "web-1")
        await living.exec("web-1", "sh", "-c", "echo mine > /usr/share/nginx/html/index.html")
        uid = living.find("pods", "web-1")["metadata"]["uid"]  # type: ignore[index]
        living.api.delete("pods", NS, "web-1", user=USER)
        await living.until(
            lambda: (living.find("pods", "web-1") or {"metadata": {"uid": uid}})["metadata"]["uid"] != uid
        )
        await ready(living, "web-1")
        pages = [await living.exec(f"web-{n}", "cat", "/usr/share/nginx/html/index.html") for n in (1, 0)]
        return pages, names(living, "persistentvolumeclaims")

    pages, claims = live(scenario)

    assert pages[0] == (0, "mine\n")
    assert pages[1][0] == 1
    assert claims == ["www-web-0", "www-web-1"]


@pytest.mark.parametrize(
    ("propagation", "left"), [("Background", []), ("Foreground", []), ("Orphan", ["web-0", "web-1"])]
)
def test_pods_go_with_their_set_or_stay(propagation: Any, left: list[str]) -> None:
    async def scenario(living: Living) -> Any:
        living.create("statefulsets", statefulset(replicas=2))
        await ready(living, "web-0", "web-1")
        living.api.delete("statefulsets", NS, "web", user=USER, propagation=propagation)
        await living.until(lambda: living.find("statefulsets", "web") is None)
        at_the_end_of_the_set = names(living, "pods")
        await anyio.sleep(40)
        owners = [item["metadata"].get("ownerReferences") for item in living.api.list("pods", NS).items]
        return at_the_end_of_the_set, names(living, "pods"), owners, names(living, "controllerrevisions")

    at_the_end, later, owners, revisions = live(scenario)

    assert later == left
    assert owners == [None] * len(left)
    assert len(revisions) == (1 if left else 0)
    # In the foreground the set waits for its pods.
    assert (at_the_end == []) == (propagation == "Foreground")


def test_orphans_are_adopted_by_a_set_of_their_name() -> None:
    async def scenario(living: Living) -> Any:
        living.create("statefulsets", statefulset(replicas=2))
        await ready(living, "web-0", "web-1")
        uids = [item["metadata"]["uid"] for item in living.api.list("pods", NS).items]
        living.api.delete("statefulsets", NS, "web", user=USER, propagation="Orphan")
        await living.until(lambda: living.find("statefulsets", "web") is None)
        made = living.create("statefulsets", statefulset(replicas=2))
        await anyio.sleep(5)
        pods = living.api.list("pods", NS).items
        return uids, made["metadata"]["uid"], pods

    uids, owner, pods = live(scenario)

    assert [item["metadata"]["uid"] for item in pods] == uids
    assert [item["metadata"]["ownerReferences"][0]["uid"] for item in pods] == [owner, owner]


@pytest.mark.parametrize(("when_deleted", "left"), [("Retain", ["www-web-0", "www-web-1"]), ("Delete", [])])
def test_claims_go_with_the_set_if_the_policy_says_so(when_deleted: str, left: list[str]) -> None:
    async def scenario(living: Living) -> Any:
        made = with_volume()
        made["spec"]["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": when_deleted, "whenScaled": "Retain"}
        living.create("statefulsets", made)
        await ready(living, "web-0", "web-1")
        await anyio.sleep(1)
        living.api.delete("statefulsets", NS, "web", user=USER, propagation="Background")
        await anyio.sleep(60)
        return names(living, "persistentvolumeclaims"), len(living.api.list("persistentvolumes").items)

    assert live(scenario) == (left, len(left))


def test_claims_go_with_a_scale_down_if_the_policy_says_so() -> None:
    async def scenario(living: Living) -> Any:
        made = with_volume()
        made["spec"]["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Retain", "whenScaled": "Delete"}
        living.create("statefulsets", made)
        await ready(living, "web-0", "web-1")
        uid = living.find("pods", "web-0")["metadata"]["uid"]  # type: ignore[index]
        living.api.delete("pods", NS, "web-0", user=USER)
        await living.until(
            lambda: (living.find("pods", "web-0") or {"metadata": {"uid": uid}})["metadata"]["uid"] != uid
        )
        await ready(living, "web-0")
        living.api.patch("statefulsets", NS, "web", {"spec": {"replicas": 1}}, "merge", user=USER)
        await anyio.sleep(60)
        return names(living, "persistentvolumeclaims")

    assert live(scenario) == ["www-web-0"]


def test_a_claim_in_use_is_kept_until_its_pod_is_gone() -> None:
    async def scenario(living: Living) -> Any:
        living.create("statefulsets", with_volume())
        await ready(living, "web-0", "web-1")
        uid = living.find("persistentvolumeclaims", "www-web-1")["metadata"]["uid"]  # type: ignore[index]
        living.api.delete("persistentvolumeclaims", NS, "www-web-1", user=USER)
        await anyio.sleep(5)
        kept = living.find("persistentvolumeclaims", "www-web-1")
        living.api.delete("pods", NS, "web-1", user=USER)
        await anyio.sleep(30)
        fresh = living.find("persistentvolumeclaims", "www-web-1")
        return uid, kept, fresh, is_ready(living.find("pods", "web-1"))

    uid, kept, fresh, is_back = live(scenario)

    assert kept["metadata"]["uid"] == uid
    assert "deletionTimestamp" in kept["metadata"]
    assert fresh["metadata"]["uid"] != uid
    assert is_back


def test_a_namespace_goes_with_everything_in_it() -> None:
    async def scenario(living: Living) -> Any:
        living.create("services", SERVICE)
        living.create("statefulsets", with_volume())
        await ready(living, "web-0", "web-1")
        living.api.delete("namespaces", "", NS, user=USER)
        await living.until(lambda: living.api.store.get("namespaces", "", NS) is None, 120)
        left = {resource: names(living, resource) for resource in ("pods", "services", "endpointslices", "events")}
        return left, len(living.api.list("persistentvolumes").items)

    left, volumes = live(scenario)

    assert all(found == [] for found in left.values())
    assert volumes == 0


def test_a_restarted_manager_is_another_holder_and_goes_on() -> None:
    async def scenario(living: Living) -> Any:
        before = living.api.get("leases", "kube-system", "kube-controller-manager")["spec"]
        living.create("statefulsets", statefulset(replicas=3))
        await living.until_ready("web-0")
        living.cluster.manager.restart(3.0)
        await ready(living, "web-1", "web-2")
        return before, living.api.get("leases", "kube-system", "kube-controller-manager")["spec"]

    before, after = live(scenario)

    assert before["holderIdentity"] != after["holderIdentity"]
    assert after["leaseTransitions"] == before["leaseTransitions"] + 1


def test_a_controller_that_is_left_out_does_nothing() -> None:
    async def scenario(living: Living) -> list[str]:
        living.create("statefulsets", statefulset())
        await anyio.sleep(30)
        return names(living, "pods")

    assert live(scenario, without=["statefulset"]) == []
