"""Claims and volumes: how they are bound, protected and reclaimed."""

from typing import Any

import anyio

from chaos.embedded.api.defaults import VOLUME_PROTECTION
from chaos.embedded.controllers.claims import ClaimController
from chaos.embedded.controllers.protection import uses
from chaos.embedded.controllers.volumes import BINDER_FINALIZER
from chaos.embedded.interface import Json
from tests.embedded.controllers.world import NS, USER, World, live


def controller(world: World) -> ClaimController:
    return ClaimController(world.api, world.lag, world.latency, world.now)


def claim(world: World, name: str = "data", **spec: Any) -> Json:
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Mi"}}, **spec}
    return world.add("persistentvolumeclaims", NS, {"metadata": {"name": name}, "spec": asked})


def mount(name: str = "data") -> Json:
    return {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": name}}]}


def unused(world: World, name: str = "data") -> tuple[str, str]:
    (condition,) = world.get("persistentvolumeclaims", name)["status"]["conditions"]
    return condition["status"], condition["reason"]


def test_a_claim_gets_a_volume_of_its_own_in_the_order_of_the_real_binder() -> None:
    world = World()
    world.follow("persistentvolumeclaims", "persistentvolumes")

    async def act() -> None:
        claim(world)
        await anyio.sleep(1)

    live(world, act, controller(world))

    made = world.get("persistentvolumeclaims", "data")
    volume = world.get("persistentvolumes", f"pvc-{made['metadata']['uid']}", "")
    assert made["spec"]["volumeName"] == volume["metadata"]["name"]
    assert made["status"]["phase"] == volume["status"]["phase"] == "Bound"
    assert made["status"]["capacity"] == {"storage": "10Mi"}
    assert volume["spec"]["claimRef"]["uid"] == made["metadata"]["uid"]
    assert volume["metadata"]["finalizers"] == ["kubernetes.io/pv-controller", "kubernetes.io/pv-protection"]
    told = [
        (
            resource[10:],
            item["status"].get("phase"),
            item["spec"].get("volumeName") is not None,
            "conditions" in item["status"],
        )
        for resource, _, item in world.seen
    ]
    assert told == [
        ("volumeclaims", "Pending", False, False),
        ("volumeclaims", "Pending", False, False),
        ("volumes", "Pending", False, False),
        ("volumes", "Bound", False, False),
        ("volumeclaims", "Pending", True, False),
        ("volumeclaims", "Bound", True, False),
        ("volumeclaims", "Bound", True, True),
    ]


def test_a_claim_of_no_class_or_an_unknown_one_stays_pending_until_there_is_such_a_class() -> None:
    world = World()
    claim(world, "none", storageClassName="")
    claim(world, "late", storageClassName="late")

    async def act() -> None:
        await anyio.sleep(1)
        assert world.get("persistentvolumeclaims", "late")["status"]["phase"] == "Pending"
        world.add("storageclasses", "", {"metadata": {"name": "late"}, "provisioner": "p", "reclaimPolicy": "Retain"})
        await anyio.sleep(1)

    live(world, act, controller(world))

    phases = [item["status"]["phase"] for item in world.api.list("persistentvolumeclaims").items]
    assert phases == ["Bound", "Pending"]


def test_a_claim_in_use_goes_when_its_pod_has_gone_and_takes_its_volume_along() -> None:
    world = World()
    claim(world)
    world.pod("web-0", "10.0.0.1", **mount())
    world.follow("persistentvolumes")

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("persistentvolumeclaims", "data")
        await anyio.sleep(1)
        world.status("pods", "web-0", {"phase": "Succeeded"})
        await anyio.sleep(1)
        assert world.names("persistentvolumeclaims") == ["data"]
        world.delete("pods", "web-0", grace_s=0)
        await anyio.sleep(1)

    live(world, act, controller(world))

    assert world.names("persistentvolumeclaims") == []
    assert world.names("persistentvolumes", "") == []
    states = [item for _, _, item in world.seen if item["status"]["phase"] == "Released"]
    assert [(item["metadata"].get("finalizers"), "deletionTimestamp" in item["metadata"]) for item in states[:3]] == [
        ([BINDER_FINALIZER, VOLUME_PROTECTION], False),
        ([VOLUME_PROTECTION], False),
        ([VOLUME_PROTECTION], True),
    ]
    assert world.seen[-1][1] == "DELETED"


def test_a_pod_that_was_never_put_on_a_node_does_not_hold_a_claim() -> None:
    world = World()
    claim(world)
    world.add("pods", NS, {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}], **mount()}})

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("persistentvolumeclaims", "data")
        await anyio.sleep(1)

    live(world, act, controller(world))

    assert world.names("persistentvolumeclaims") == []


def test_a_volume_that_is_to_be_retained_stays_released() -> None:
    world = World()
    world.add("storageclasses", "", {"metadata": {"name": "keep"}, "provisioner": "p", "reclaimPolicy": "Retain"})
    claim(world, storageClassName="keep")

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("persistentvolumeclaims", "data")
        await anyio.sleep(1)

    live(world, act, controller(world))

    (volume,) = world.api.list("persistentvolumes").items
    assert volume["status"]["phase"] == "Released"


def test_a_new_claim_of_the_same_name_gets_another_volume() -> None:
    world = World()
    claim(world)

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("persistentvolumeclaims", "data")
        await world.gone("persistentvolumeclaims")
        claim(world)
        await anyio.sleep(1)

    live(world, act, controller(world))

    made = world.get("persistentvolumeclaims", "data")
    assert world.names("persistentvolumes", "") == [f"pvc-{made['metadata']['uid']}"]
    assert made["status"]["phase"] == "Bound"


def test_a_bound_volume_that_somebody_deletes_stays_while_its_claim_does() -> None:
    world = World()
    claim(world)

    async def act() -> None:
        await anyio.sleep(1)
        (volume,) = world.api.list("persistentvolumes").items
        world.delete("persistentvolumes", volume["metadata"]["name"], "")
        await anyio.sleep(1)

    live(world, act, controller(world))

    (volume,) = world.api.list("persistentvolumes").items
    assert VOLUME_PROTECTION in volume["metadata"]["finalizers"]


def test_a_pod_that_the_cache_does_not_show_yet_holds_a_claim() -> None:
    world = World()
    world.lag, world.latency = lambda: 0.05, lambda: 0.0
    claim(world)

    async def act() -> None:
        await anyio.sleep(1)
        world.delete("persistentvolumeclaims", "data")
        await anyio.sleep(0.04)
        world.pod("web-0", "10.0.0.1", **mount())
        await anyio.sleep(1)

    live(world, act, controller(world))

    assert world.names("persistentvolumeclaims") == ["data"]


def test_a_claim_says_whether_pods_use_it() -> None:
    world = World()
    claim(world)
    told = []

    async def act() -> None:
        await anyio.sleep(1)
        told.append(unused(world))
        world.pod("web-0", "10.0.0.1", **mount())
        await anyio.sleep(1)
        told.append(unused(world))
        world.api.delete("pods", NS, "web-0", user=USER, grace_s=0)
        await anyio.sleep(1)
        told.append(unused(world))

    live(world, act, controller(world))

    assert told == [("True", "NoPodsUsingPVC"), ("False", "PodUsingPVC"), ("True", "NoPodsUsingPVC")]


def test_a_terminating_pod_uses_its_claims_while_a_container_runs() -> None:
    running: Json = {"metadata": {}, "status": {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}}
    ended: Json = {"metadata": {}, "status": {"phase": "Running", "containerStatuses": [{"state": {"terminated": {}}}]}}
    going = {"deletionTimestamp": "2026-01-01T00:00:00Z"}

    assert uses(running)
    assert uses(ended)
    assert uses({**running, "metadata": going})
    assert not uses({**ended, "metadata": going})
    assert not uses({**running, "status": {**running["status"], "phase": "Failed"}})
