"""Claims: every legal way to come by one, to own one and to lose one (S15, S19, S52-S58)."""

import pytest

from tests.checkers.scenes.claims import (
    NEEDS,
    deleted_before_its_claims,
    deleted_by_us,
    foreigner,
    going,
    make,
    never_owned,
    newborn,
    own,
    owned_by_set,
    the_pod,
    the_set,
    under,
)
from tests.checkers.scenes.identity import with_claims
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import CLAIM, NAME, World

CLAIM_0 = f"{CLAIM}-{NAME}-0"


# S52, S15


def test_a_claim_may_have_labels_that_admission_adds() -> None:
    world = newborn()
    make(world, 0, zone="a")

    assert breaches(world) == {}


def test_a_claim_that_this_run_creates_may_look_as_it_likes() -> None:
    world = newborn()
    world.start("create", NEEDS, CLAIM_0, {"kind": "delete-claims", "ordinals": [0]})
    world.claim(0)

    assert judged(ended(world), "claims.shape").exercised == 0


def recreated_over_a_claim_that_goes(seconds: float, *, own_write: bool = False) -> World:
    """web-0 is created so long after this run deleted its claim, which a finalizer still holds."""
    world = with_claims(1)
    world.kill(0)
    deleted_by_us(world, 0)
    going(world, 0)
    if own_write:
        world.spec(replicas=2)
        make(world, 1)
        world.create_pod(1, "a")
    world.wait(seconds)
    world.show()
    world.gone(0)
    world.create_pod(0, "a")
    return world


def test_a_controller_may_not_have_seen_yet_that_a_claim_goes() -> None:
    assert "claims.before-pod" not in breaches(recreated_over_a_claim_that_goes(5))


def test_that_it_has_not_seen_it_for_ten_seconds_is_a_suspect() -> None:
    world = recreated_over_a_claim_that_goes(12)

    assert "claims.before-pod" not in breaches(world)
    assert any("its claim www-web-0 was there and to stay only" in why for why in doubts(world))


def test_that_it_has_not_seen_it_although_it_read_a_younger_claim_of_its_own_is_a_breach() -> None:
    assert "claims.before-pod" in breaches(recreated_over_a_claim_that_goes(12, own_write=True))


def test_before_1_36_own_claims_are_no_floor() -> None:
    assert "claims.before-pod" not in breaches(recreated_over_a_claim_that_goes(12, own_write=True), "1.35.6")


def test_a_claim_may_go_right_after_its_pod_was_made() -> None:
    world = newborn()
    make(world, 0)
    deleted_by_us(world, 0)
    world.remove(NEEDS, CLAIM_0)
    world.create_pod(0, "a")

    assert breaches(world) == {}


# S57


def test_a_claim_whose_end_woke_nobody_may_stay_missing() -> None:
    """A controller is not told of claims: nothing happened after it went that would make it look (S83)."""
    world = World(claims=True)
    world.claim(0)
    world.settled(1)
    world.kill(0)
    world.gone(0)
    world.counted("a", "a")
    world.create_pod(0, "a")
    world.counted("a", "a")
    deleted_by_us(world, 0)
    world.remove(NEEDS, CLAIM_0)
    world.live(400)
    world.entry("run", "phase-ended", {"name": "wait", "reached": False, "why": "web-0 is not Ready"})

    assert breaches(world) == {}


# S54-S56, S58


@pytest.mark.parametrize(("scaled", "deleted"), [("Delete", "Retain"), ("Retain", "Delete"), ("Delete", "Delete")])
def test_a_policy_that_was_just_taken_back_may_still_be_acted_on(scaled: str, deleted: str) -> None:
    world = under(scaled, deleted, 1)
    world.counted("a", "a")
    world.spec(persistentVolumeClaimRetentionPolicy={"whenScaled": "Retain", "whenDeleted": "Retain"})
    if deleted == "Delete":
        own(world, 0, the_set(world))

    assert breaches(world) == {}


def test_owners_are_taken_away_again_under_retain() -> None:
    world = owned_by_set(1)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenScaled": "Retain", "whenDeleted": "Retain"})
    own(world, 0)
    world.counted("a", "a")

    assert judged(ended(world), "claims.retain").exercised == 1
    assert breaches(world) == {}


def test_a_claim_moves_from_the_set_to_its_condemned_pod_and_back() -> None:
    world = owned_by_set(2, scaled="Delete")
    world.spec(replicas=1)
    own(world, 1, the_pod(world, 1))
    world.spec(replicas=2)
    own(world, 1, the_set(world))

    assert breaches(world) == {}


def test_the_other_owners_of_a_claim_stay() -> None:
    world = with_claims(1)
    world.start("patch", NEEDS, CLAIM_0, {"kind": "delete-claims", "ordinals": [0]})
    own(world, 0, foreigner(controls=False))
    world.entry("operations", "end", {"start": len(world.entries) - 2, "outcome": "ok", "status": 200}, rv=world.rv)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete", "whenScaled": "Retain"})
    own(world, 0, foreigner(controls=False), the_set(world))

    assert breaches(world) == {}


def test_an_owner_that_is_not_ours_is_not_taken_away() -> None:
    world = with_claims(1)
    meta = {"name": "other", "ownerReferences": [{"uid": "x", "controller": True, "name": "x"}]}
    other = world.objects["pods", "web-0"]["metadata"]["uid"]
    ref = {"kind": "Pod", "name": "other", "uid": other, "controller": False}
    world.add("configmaps", {"metadata": meta})
    world.start("patch", NEEDS, CLAIM_0, {"kind": "delete-claims", "ordinals": [0]})
    own(world, 0, ref)
    world.entry("operations", "end", {"start": len(world.entries) - 2, "outcome": "ok", "status": 200}, rv=world.rv)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete", "whenScaled": "Retain"})
    own(world, 0, the_set(world))

    assert breached(world) == ["claims.when-deleted"]


def test_an_earlier_sets_claim_is_left_alone() -> None:
    world = owned_by_set(1)
    world.finish(world.delete_set("orphan"))
    world.orphan(0)
    world.set_gone()
    world.create_set(1)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenDeleted": "Delete", "whenScaled": "Retain"})
    own(world, 0, the_set(world))

    assert "claims.when-deleted" in breaches(world)


def test_the_collector_may_take_dead_owners_away() -> None:
    world = owned_by_set(1)
    own_uid = the_set(world)
    world.start("patch", NEEDS, CLAIM_0, {"kind": "delete-claims", "ordinals": [0]})
    own(world, 0, own_uid, foreigner(controls=False))
    world.entry("operations", "end", {"start": len(world.entries) - 2, "outcome": "ok", "status": 200}, rv=world.rv)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    own(world, 0, foreigner(controls=False))

    assert breaches(world) == {}


def test_an_orphan_delete_takes_the_set_from_its_claims() -> None:
    world = owned_by_set(1)
    world.finish(world.delete_set("orphan"))
    world.set_deleting("orphan")
    world.orphan(0)
    own(world, 0)
    world.set_gone()

    assert breaches(world) == {}


def test_before_1_31_own_references_are_plain() -> None:
    world = under("Retain", "Delete", 1)
    own(world, 0, {**the_set(world), "controller": False})
    world.counted("a", "a")

    assert breaches(world, "1.30.9") == {}
    assert breached(world) == ["claims.when-deleted"]


# S19


def test_a_claim_that_somebody_else_controls_stops_no_scale_down() -> None:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    world.start("patch", NEEDS, f"{CLAIM}-web-1", {"kind": "delete-claims", "ordinals": [1]})
    own(world, 1, foreigner())
    world.entry("operations", "end", {"start": len(world.entries) - 2, "outcome": "ok", "status": 200}, rv=world.rv)
    world.wait(20)
    world.show()
    world.spec(replicas=1)
    world.terminate(1)

    assert breaches(world) == {}


def test_a_missing_claim_stops_no_scale_down() -> None:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    deleted_by_us(world, 1)
    world.remove(NEEDS, f"{CLAIM}-web-1")
    world.wait(20)
    world.show()
    world.spec(replicas=1)
    world.terminate(1)

    assert breaches(world) == {}


def test_a_pod_in_range_is_replaced_without_its_claims() -> None:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    world.wait(20)
    world.show()
    world.new_template("b")
    world.revision("b")
    world.counted("a", "b")
    world.terminate(1)

    assert breaches(world) == {}


def test_a_pod_that_ended_is_replaced_without_its_claims() -> None:
    world = under("Delete", "Retain", 2)
    world.counted("a", "a")
    world.wait(20)
    world.show()
    world.fail(1)
    world.terminate(1, 0)

    assert breaches(world) == {}


def test_a_policy_of_a_moment_ago_needs_no_owners() -> None:
    world = with_claims(2)
    world.spec(replicas=1)
    world.spec(persistentVolumeClaimRetentionPolicy={"whenScaled": "Delete", "whenDeleted": "Retain"})
    world.terminate(1)

    assert breaches(world) == {}


def test_a_condemned_pod_that_goes_before_its_claims_is_a_breach_whatever_was_so_before() -> None:
    assert breached(deleted_before_its_claims().world) == ["claims.owner-first"]


# S53, S55, S56: when claims go


def test_a_claim_may_not_vanish_even_if_it_was_there_before_its_set() -> None:
    world = World(claims=True)
    world.claim(0)
    world.settled(1)
    world.kill(0)
    world.gone(0)
    world.remove(NEEDS, CLAIM_0)

    assert breached(world) == ["claims.kept"]


def test_a_claim_that_this_run_deletes_may_vanish() -> None:
    world = with_claims(2)
    deleted_by_us(world, 1)
    world.remove(NEEDS, f"{CLAIM}-web-1")

    assert breaches(world) == {}


@pytest.mark.parametrize("name", ["data", f"{CLAIM}-web-x", f"{CLAIM}-other-0", "other-web-0"])
def test_a_claim_of_no_ordinal_may_vanish(name: str) -> None:
    world = with_claims(1)
    world.add(NEEDS, {"metadata": {"name": name}})
    world.remove(NEEDS, name)

    assert breaches(world) == {}


def test_a_claim_does_not_go_while_its_set_is_there() -> None:
    world = owned_by_set(1)
    world.remove(NEEDS, CLAIM_0)

    (message,) = breaches(world)["claims.kept"]
    assert message.endswith("although its owner StatefulSet web is there")


def test_a_claim_goes_before_a_set_that_is_deleted_in_the_foreground() -> None:
    world = owned_by_set(1)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    world.remove(NEEDS, CLAIM_0)

    assert breaches(world) == {}


def left(seconds: float) -> World:
    """The set that owns a claim is gone for so long, and the claim is still there."""
    world = owned_by_set(1)
    world.live(1)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    world.gone(0)
    world.show()
    world.live(seconds)
    return world


def test_a_claim_that_is_not_collected_is_a_breach() -> None:
    (message,) = breaches(left(130))["claims.when-deleted"]
    assert message.startswith(f"claim {CLAIM_0} is still there 130 s after")


def test_a_claim_that_waits_to_be_collected_when_the_record_ends_leaves_it_unknown() -> None:
    found = judged(ended(left(60)), "claims.when-deleted")

    assert (found.verdict, found.why) == ("unknown", f"claim {CLAIM_0} had not been collected when the record ended")


def test_owners_that_are_late_by_a_few_syncs_are_no_breach() -> None:
    world = under("Retain", "Delete", 1)
    for _ in range(4):
        world.live(2)
        world.unready(0)
        world.counted("a", "a")
        world.ready(0)
        world.counted("a", "a")
    own(world, 0, the_set(world))

    assert breaches(world) == {}


def test_before_1_31_missing_owners_are_not_judged() -> None:
    assert breaches(never_owned().world, "1.30.9") == {}
