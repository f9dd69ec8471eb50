"""The end of a set: who may still delete or lose what, and what was never asked for (S7, S61-S64)."""

import pytest

from chaos.checkers.judge import fold
from tests.checkers.scenes.cascade import collected, orphaned
from tests.checkers.scenes.ordering import settled
from tests.checkers.verdicts import breached, breaches, ended, judged
from tests.checkers.world import World, info


def test_a_pod_may_be_created_by_a_sync_that_had_not_seen_the_sets_end() -> None:
    world = settled(1)
    world.spec(replicas=2)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    world.create_pod(1, "a")

    assert breaches(world) == {}


def test_the_controller_may_go_on_until_it_sees_the_orphan_delete() -> None:
    world = settled(2)
    world.wait(30)
    world.spec(replicas=1)
    start = world.delete_set("orphan")
    world.terminate(1)
    world.set_deleting("orphan")
    world.finish(start)
    world.orphan(0)
    world.orphan(1)
    world.set_gone()
    world.gone(1)

    assert breaches(world) == {}


def test_an_orphan_that_still_names_its_set_is_a_breach() -> None:
    world = settled(2)
    world.wait(30)
    start = world.delete_set("orphan")
    world.finish(start)
    world.orphan(0)
    gone = world.set_gone()

    (finding,) = judged(ended(world), "cascade.orphan").findings
    assert finding.entries == (start, gone)
    assert finding.message == (
        f"the set is gone at resourceVersion {world.rv} after an orphan delete, and web-1 still names it as its owner"
    )


def test_a_pod_that_was_created_meanwhile_may_be_collected() -> None:
    world = settled(2)
    world.wait(30)
    world.spec(replicas=3)
    world.create_pod(2, "a")
    world.finish(world.delete_set("orphan"))
    world.set_deleting("orphan")
    world.orphan(0)
    world.orphan(1)
    world.set_gone()
    world.terminate(2)
    world.gone(2)

    assert breaches(world) == {}


def test_this_run_may_delete_the_orphans() -> None:
    world = orphaned(2)
    world.kill(1)
    world.gone(1)

    assert breaches(world) == {}


def test_an_orphan_may_be_evicted() -> None:
    world = orphaned(2)
    world.change("pods", "web-1", {"status": {"conditions": [{"type": "DisruptionTarget", "status": "True"}]}})
    world.terminate(1)

    assert breaches(world) == {}


def test_an_orphan_that_another_set_took_over_is_that_ones() -> None:
    world = orphaned(2)
    world.create_set(1)
    world.adopt(0)
    world.adopt(1)
    world.counted("a", "a")
    world.terminate(1)

    assert breaches(world) == {}


@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_an_orphan_delete_without_surely_an_effect_proves_nothing(outcome: str) -> None:
    world = settled(2)
    world.wait(30)
    world.finish(world.delete_set("orphan"), outcome)
    world.set_deleting("orphan")
    world.orphan(1)
    world.change("pods", "web-1", {"metadata": {"labels": {"app": "mine"}}})
    world.live(11)
    world.terminate(1)

    report = fold(info(), ended(world))

    assert {name: each.findings for name, each in report.guarantees.items() if each.findings} == {}
    assert report.guarantees["cascade.orphan"].verdict == "unknown"


def test_a_failed_orphan_delete_does_not_spare_the_pods_of_a_later_one() -> None:
    world = settled(2)
    world.finish(world.delete_set("orphan"), "fail")
    world.finish(world.delete_set())
    world.set_gone()
    for ordinal in (0, 1):
        world.terminate(ordinal)
        world.gone(ordinal)

    assert breaches(world) == {}
    assert judged(world.entries, "cascade.background").exercised == 2


def test_two_ways_asked_for_at_once_prove_nothing() -> None:
    world = settled(2)
    world.wait(30)
    starts = [world.delete_set("orphan"), world.delete_set("background")]
    for start in starts:
        world.finish(start)
    world.set_gone()
    world.terminate(0)

    assert breaches(world) == {}


def test_the_answer_may_come_after_what_it_answers() -> None:
    world = settled(2)
    world.wait(30)
    start = world.delete_set("orphan")
    world.set_deleting("orphan")
    world.orphan(0)
    world.orphan(1)
    world.set_gone()
    world.live(11)
    world.terminate(1)
    world.show()
    world.finish(start)

    assert breached(world) == ["cascade.orphan"]


def test_pods_that_wait_to_be_collected_when_the_record_ends_leave_it_unknown() -> None:
    world = settled(2)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)

    found = judged(ended(world), "cascade.background")

    assert (found.verdict, found.why) == ("unknown", "1 pods had not been collected when the record ended")


def test_pods_that_terminate_slowly_are_not_left_behind() -> None:
    world = settled(1)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    world.live(600)

    assert breaches(world) == {}


def test_pods_of_an_orphan_delete_are_not_left_behind() -> None:
    world = orphaned(2)
    world.live(600)

    assert breaches(world) == {}


def test_a_foreground_delete_takes_the_pods_first() -> None:
    world = settled(2)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    for ordinal in (0, 1):
        world.terminate(ordinal)
        world.gone(ordinal)
    world.set_gone()

    found = judged(ended(world), "cascade.background")

    assert (found.verdict, found.exercised) == ("held", 2)


def test_a_set_made_again_after_its_pods_went_exercises_no_readoption() -> None:
    world = collected()
    world.create_set(1)
    world.counted("a", "a")

    assert judged(ended(world), "cascade.readoption").exercised == 0


def test_a_set_made_again_with_another_template_has_nothing_to_find() -> None:
    world = orphaned(2)
    world.create_set(2, text="b")
    world.revision("b")
    world.counted("b", "b")

    found = judged(ended(world), "cascade.readoption")

    assert (found.exercised, found.findings) == (0, ())


def test_of_two_revisions_of_one_template_either_may_be_found() -> None:
    world = settled(1)
    world.revision("a2", text="a")
    world.orphan(0)
    world.set_gone()
    world.create_set(1)
    world.adopt(0)
    world.status(0, 0, 0, 0, "a2", "a2")

    assert judged(ended(world), "cascade.readoption").exercised == 1


def test_a_status_before_the_set_owns_anything_may_be_that_of_the_set_before() -> None:
    """A sync that was under way when that set went writes by name, and its retry finds the new one."""
    world = orphaned(2)
    world.revision("b")
    world.create_set(2)
    world.status(2, 2, 2, 0, "a", "b")
    world.adopt(0)
    world.counted("a", "a")

    found = judged(ended(world), "cascade.readoption")

    assert (found.exercised, found.findings) == (1, ())


def test_a_template_that_changed_before_the_controller_saw_the_set_finds_no_old_revision() -> None:
    world = orphaned(2)
    world.create_set(2)
    world.new_template("b")
    world.adopt(0)
    world.revision("b")
    world.counted("b", "b")

    found = judged(ended(world), "cascade.readoption")

    assert (found.exercised, found.findings) == (0, ())


def test_a_set_made_again_over_orphans_replaces_none_of_them() -> None:
    world = orphaned(2)
    world.create_set(2)
    world.adopt(0)
    world.adopt(1)
    world.counted("a", "a")
    world.terminate(1)

    assert breached(world) == ["update.justified-deletes"]


def test_a_set_made_again_with_another_template_rolls_its_orphans() -> None:
    world = orphaned(2)
    world.create_set(2, text="b")
    world.revision("b")
    world.adopt(0)
    world.adopt(1)
    world.status(2, 2, 0, 0, "b", "b")
    world.terminate(1)
    world.gone(1)
    world.replace(1, "b")

    assert breaches(world) == {}


def deleted_again(world: World) -> World:
    """Ten minutes later a second set of that name comes and goes."""
    world.wait(700)
    world.create_set(0)
    world.finish(world.delete_set())
    world.set_gone()
    return world


def test_pods_that_are_left_are_owed_however_long_their_set_is_gone() -> None:
    world = settled(2)
    world.finish(world.delete_set())
    world.set_gone()
    world.terminate(0)
    world.gone(0)

    found = judged(ended(deleted_again(world)), "cascade.background")

    assert found.why == "1 pods had not been collected when the record ended"


def test_what_an_orphan_delete_may_have_done_stays_open_however_long_it_is_past() -> None:
    world = settled(2)
    world.wait(30)
    world.finish(world.delete_set("orphan"), "unknown")
    world.set_gone()
    world.terminate(0)
    world.gone(0)
    world.terminate(1)
    world.gone(1)

    found = judged(ended(deleted_again(world)), "cascade.orphan")

    assert found.why == "nobody knows whether an orphan delete took effect"


def test_pods_that_went_without_a_mark_are_not_left() -> None:
    world = settled(2)
    world.finish(world.delete_set())
    world.set_gone()
    world.gone(0)
    world.gone(1)

    assert "collected when" not in judged(ended(world), "cascade.background").why


def test_of_two_orphan_deletes_one_that_worked_is_enough() -> None:
    world = settled(2)
    world.wait(30)
    first, second = world.delete_set("orphan"), world.delete_set("orphan")
    world.finish(first)
    world.set_gone()
    world.finish(second, "unknown")

    assert breached(world) == ["cascade.orphan"]
