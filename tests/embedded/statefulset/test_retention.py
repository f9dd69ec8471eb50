"""Who owns the claims, by the retention policy (S19, S54-S58)."""

from typing import Any

import pytest

from chaos.embedded.controllers.statefulset import retention
from chaos.embedded.interface import Json
from tests.embedded.statefulset.world import NS, USER, World, claim_template, play

BOTH = {"whenScaled": "Delete", "whenDeleted": "Delete"}
SCALED = {"whenScaled": "Delete", "whenDeleted": "Retain"}
DELETED = {"whenScaled": "Retain", "whenDeleted": "Delete"}
RETAIN = {"whenScaled": "Retain", "whenDeleted": "Retain"}


def owners(world: World, claim: str) -> list[tuple[str, str]]:
    meta = world.api.get("persistentvolumeclaims", NS, claim)["metadata"]
    return [(each["kind"], each["name"]) for each in meta.get("ownerReferences", ())]


async def created(world: World, policy: Json, replicas: int = 2) -> None:
    world.create(
        replicas=replicas, volumeClaimTemplates=[claim_template()], persistentVolumeClaimRetentionPolicy=policy
    )
    await world.quiet()


@pytest.mark.parametrize(
    ("policy", "kept", "condemned"),
    [
        (RETAIN, [], []),
        (DELETED, [("StatefulSet", "web")], [("StatefulSet", "web")]),
        (SCALED, [], [("Pod", "web-1")]),
        (BOTH, [("StatefulSet", "web")], [("Pod", "web-1")]),
    ],
)
def test_claims_are_owned_as_the_policy_says(policy: Json, kept: list[Any], condemned: list[Any]) -> None:
    async def scenario(world: World) -> None:
        await created(world, policy)
        assert (owners(world, "www-web-0"), owners(world, "www-web-1")) == (kept, kept)
        world.stuck = ["web-1"]
        world.change(replicas=1)
        await world.quiet()
        assert (owners(world, "www-web-0"), owners(world, "www-web-1")) == (kept, condemned)

    play(scenario)


def test_the_pod_owns_its_claim_before_it_is_scaled_away() -> None:
    async def scenario(world: World) -> None:
        await created(world, SCALED)
        seen: list[str] = []

        def hear(kind: str, item: Json) -> None:
            meta = item["metadata"]
            if meta["name"] == "www-web-1" and meta.get("ownerReferences"):
                seen.append("owned")
            if meta["name"] == "web-1" and "deletionTimestamp" in meta and kind == "MODIFIED":
                seen.append("deleted")

        for resource in ("pods", "persistentvolumeclaims"):
            world.api.watch(resource, hear, since=world.api.list(resource).rv)
        world.change(replicas=1)
        await world.quiet()
        assert seen[:2] == ["owned", "deleted"]

    play(scenario)


def test_a_change_of_policy_reaches_the_claims_of_running_pods() -> None:
    async def scenario(world: World) -> None:
        await created(world, RETAIN)
        world.change(persistentVolumeClaimRetentionPolicy=DELETED)
        await world.quiet()
        assert owners(world, "www-web-0") == owners(world, "www-web-1") == [("StatefulSet", "web")]
        world.change(persistentVolumeClaimRetentionPolicy=RETAIN)
        await world.quiet()
        assert owners(world, "www-web-0") == owners(world, "www-web-1") == []

    assert play(scenario).moves == ["+web-0", "*web-0", "+web-1", "*web-1"]


def test_a_pod_that_somebody_else_deletes_does_not_take_its_claim_along() -> None:
    async def scenario(world: World) -> None:
        await created(world, SCALED)
        world.delete("web-1")
        await world.quiet()
        assert owners(world, "www-web-1") == []

    play(scenario)


def test_a_claim_that_something_else_controls_is_left_alone_and_told_of() -> None:
    foreign = {"apiVersion": "example.com/v1", "kind": "Backup", "name": "b", "uid": "b", "controller": True}

    async def scenario(world: World) -> None:
        world.api.create(
            "persistentvolumeclaims", NS, claim_template("www-web-0", ownerReferences=[foreign]), user=USER
        )
        await world.quiet()
        await created(world, BOTH, replicas=1)
        assert owners(world, "www-web-0") == [("Backup", "b")]

    assert "ConflictingController" in {reason for reason, _ in play(scenario).told()}


def test_a_contested_claim_of_a_condemned_pod_is_not_told_of_again_and_again() -> None:
    foreign = {"apiVersion": "example.com/v1", "kind": "Backup", "name": "b", "uid": "b", "controller": True}

    async def scenario(world: World) -> None:
        await created(world, RETAIN)
        owned = {"metadata": {"ownerReferences": [foreign]}}
        world.api.patch("persistentvolumeclaims", NS, "www-web-1", owned, "merge", user=USER)
        await world.quiet()
        world.stuck = ["web-1"]
        world.change(replicas=1, persistentVolumeClaimRetentionPolicy=BOTH)
        await world.quiet()
        for ready in (False, True) * 3:
            world.set_ready("web-0", ready)
            await world.quiet()
        assert owners(world, "www-web-1") == [("Backup", "b")]

    assert play(scenario).told() == []


SET: Json = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "web", "uid": "s"},
    "spec": {"replicas": 1, "persistentVolumeClaimRetentionPolicy": DELETED},
}
POD: Json = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "uid": "p"}}


def reference(kind: str, name: str, uid: str, **more: bool) -> Json:
    api_version = {"StatefulSet": "apps/v1", "Pod": "v1"}.get(kind, "example.com/v1")
    return {"apiVersion": api_version, "kind": kind, "name": name, "uid": uid, **more}


OURS = reference("StatefulSet", "web", "s", controller=True, blockOwnerDeletion=True)
PLAIN = reference("Backup", "b", "b")
FOREIGN = reference("Backup", "b", "b", controller=True)


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ([], [OURS]),
        ([OURS], None),
        ([OURS, PLAIN], None),
        ([PLAIN], [PLAIN, OURS]),
        ([reference("StatefulSet", "web", "s")], [OURS]),
        ([reference("Pod", "web-0", "p", controller=True)], [OURS]),
        ([reference("StatefulSet", "web", "earlier", controller=True)], None),
        ([reference("Pod", "web-0", "earlier", controller=True)], None),
        ([FOREIGN], None),
        ([FOREIGN, OURS], [FOREIGN]),
    ],
)
def test_references_of_others_are_kept_and_only_wrong_ones_of_ours_change(
    present: list[Json], wanted: list[Json] | None
) -> None:
    claim = {"metadata": {"name": "www-web-0", "ownerReferences": present}}

    assert retention.owners(SET, POD, claim) == wanted
