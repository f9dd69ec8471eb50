"""Revisions: what a right controller may do with them, however stale its caches are (S40-S46)."""

import pytest

from chaos.checkers.judge import fold
from chaos.history.run import Controller
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.revisions import on_second_template, past_the_limit, roll, updated_to
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import NAME, World, info


def named(world: World) -> str:
    """The revision that the set's status calls the newest."""
    name: str = world.set["status"]["updateRevision"]
    return name


def test_a_template_may_change_again_before_its_revision_is_made() -> None:
    world = settled(1)
    world.new_template("b")
    world.new_template("c")
    world.revision("b")
    world.status(1, 1, 1, 0, "a", "b", observed=2)
    world.revision("c")
    world.status(1, 1, 1, 0, "a", "c", observed=3)

    assert breaches(world) == {}
    assert judged(world.entries, "revisions.template").exercised == 3


def test_a_status_may_land_on_a_newer_template_than_it_observed() -> None:
    world = settled(1)
    world.spec(replicas=2)
    world.new_template("b")
    world.counted("a", "a", observed=2)

    assert breaches(world) == {}


def test_a_revision_of_an_older_controller_need_not_hold_every_field() -> None:
    world = settled(1)
    world.new_template("newer")
    world.revision("b")
    world.counted("a", "b")

    assert breached(world, "1.36.3") == []
    assert (
        fold(info(controller=Controller("1.36.3")), world.entries).guarantees["revisions.template"].verdict == "unknown"
    )


def test_a_revision_that_is_older_than_the_run_may_lack_what_a_newer_server_fills_in() -> None:
    world = World()
    world.create_set(1)
    meta = {"name": f"{NAME}-old", "ownerReferences": [{"uid": world.set["metadata"]["uid"], "controller": True}]}
    data = {"spec": {"template": {**world.template("a"), "spec": {}, "$patch": "replace"}}}
    world.add("controllerrevisions", {"metadata": meta, "data": data, "revision": 1}, "listed")
    world.status(0, 0, 0, 0, "old", "old")

    found = judged(ended(world), "revisions.template")

    assert (found.verdict, found.findings) == ("unknown", ())


def test_a_rollback_of_a_controller_that_had_not_seen_the_last_revision_needs_no_new_number() -> None:
    """Nothing proves that it had read the revision b, which it had made itself: its revisions are no floor (W5)."""
    world = settled(
        1,
    )
    updated_to(world, "b")
    world.new_template("a")
    world.status(1, 1, 1, 1, "a", "a")

    assert breaches(world) == {}


def test_a_rollback_that_only_revisions_of_ten_seconds_ago_explain_is_a_suspect() -> None:
    world = settled(1)
    updated_to(world, "b")
    world.wait(12)
    world.new_template("a")
    world.status(1, 1, 1, 1, "a", "a")

    assert breaches(world) == {}
    assert any("web-a is the newest only in what was so 12.0 s ago" in why for why in doubts(world))


def test_after_a_collision_of_names_two_revisions_may_hold_the_same() -> None:
    world = on_second_template()
    world.change("statefulsets", NAME, {"status": {"collisionCount": 1}})
    world.new_template("a")
    world.revision("a2", text="a")

    assert "revisions.reuse" not in breaches(world)


def test_a_revision_may_be_deleted_by_this_run() -> None:
    world = on_second_template()
    world.start("delete", "controllerrevisions", f"{NAME}-b", {"kind": "rollback", "rank": 0.0})
    world.remove("controllerrevisions", f"{NAME}-b")

    assert breaches(world) == {}


def test_revisions_go_with_their_set() -> None:
    world = settled(1)
    world.finish(world.delete_set())
    world.set_gone()
    world.remove("controllerrevisions", f"{NAME}-a")

    assert breaches(world) == {}


def test_revisions_go_before_a_set_that_is_deleted_in_the_foreground() -> None:
    world = settled(1)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    world.remove("controllerrevisions", f"{NAME}-a")

    assert breaches(world) == {}


@pytest.mark.parametrize("version", ["1.35.6", "1.37.2"])
def test_a_revision_may_go_whose_pod_the_controller_had_not_seen(version: str) -> None:
    """Its last pod was created less than 10 s ago: the answer may have been lost, so that this is no floor."""
    world = settled(1)
    world.spec(revisionHistoryLimit=0, updateStrategy={"type": "OnDelete", "rollingUpdate": None})
    updated_to(world, "b")
    world.status(1, 1, 0, 0, "b", "b")
    world.remove("controllerrevisions", f"{NAME}-a")

    assert "revisions.live-kept" not in breaches(world, version)


def test_before_1_36_own_pods_are_no_floor() -> None:
    world = settled(1)
    world.spec(revisionHistoryLimit=0, updateStrategy={"type": "OnDelete", "rollingUpdate": None})
    updated_to(world, "b")
    world.status(1, 1, 0, 0, "b", "b")
    world.wait(20)
    world.show()
    world.remove("controllerrevisions", f"{NAME}-a")

    assert "revisions.live-kept" not in breaches(world, "1.35.6")


def test_a_paused_controller_may_drop_what_was_in_no_use_when_it_was_paused() -> None:
    world = settled(1)
    world.spec(revisionHistoryLimit=0, updateStrategy={"type": "OnDelete", "rollingUpdate": None})
    updated_to(world, "b")
    world.status(1, 1, 0, 0, "b", "b")
    world.lease("kcm")
    world.wait(20)
    world.lease("kcm")
    world.show()
    world.remove("controllerrevisions", f"{NAME}-a")

    assert "revisions.live-kept" not in breaches(world)


def test_the_newest_old_revision_does_not_go_first() -> None:
    world = settled(1)
    for before, text in (("a", "b"), ("b", "c"), ("c", "d")):
        updated_to(world, text)
        roll(world, before, text)
    world.spec(revisionHistoryLimit=2)
    world.counted("d", "d")
    world.wait(20)
    world.spec(replicas=1)
    world.counted("d", "d")
    world.show()
    world.remove("controllerrevisions", f"{NAME}-c")

    assert breached(world) == ["revisions.limit"]


def test_a_negative_limit_keeps_all() -> None:
    world = settled(1)
    world.spec(revisionHistoryLimit=-1)
    updated_to(world, "b")
    roll(world, "a", "b")
    world.live(60)

    assert breaches(world) == {}


def overdue(statuses: int, seconds: float) -> World:
    """One old revision too many while the controller works."""
    world = on_second_template()
    world.spec(revisionHistoryLimit=0)
    world.counted("b", "b")
    world.live(11)
    for number in range(statuses):
        world.spec(replicas=1, minReadySeconds=None, revisionHistoryLimit=0, ordinals={"start": 0}, paused=number)
        world.counted("b", "b")
        world.live(seconds / statuses)
    world.show()
    world.spec(replicas=1)
    return world


def test_a_history_that_is_not_shortened_is_a_breach() -> None:
    assert breached(overdue(3, 30)) == ["revisions.limit"]


@pytest.mark.parametrize(("statuses", "seconds"), [(2, 60), (4, 10)])
def test_a_history_may_be_too_long_for_a_while(statuses: int, seconds: float) -> None:
    assert breaches(overdue(statuses, seconds)) == {}


def test_a_new_process_that_names_a_current_revision_has_read_it() -> None:
    world = on_second_template()
    world.entry("run", "controller-restarted")
    updated_to(world, "c")
    world.new_template("a")
    world.status(1, 1, 0, 0, "b", "a")

    assert [name for name in breaches(world) if name == "revisions.newest"] == ["revisions.newest"]


def test_a_dropped_revision_exercises_both_promises() -> None:
    entries = ended(past_the_limit())

    assert [judged(entries, name).exercised for name in ("revisions.limit", "revisions.live-kept")] == [1, 1]
