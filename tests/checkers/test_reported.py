"""Tests that fail today, each for a bug in judge.py or in the controller's part."""

from chaos.checkers.judge import fold
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.update import updating
from tests.checkers.tamper import renumbered
from tests.checkers.verdicts import breached, breaches, ended, judged
from tests.checkers.world import World, info


def test_a_restart_takes_its_place_between_the_events_that_are_held() -> None:
    """No marker comes between the old process's last write, the restart and the new process's first write."""
    world = updating(3, partition=3)
    world.show()
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.entry("run", "controller-restarted")
    world.terminate(2)

    assert breaches(world) == {}


def test_writes_of_the_old_process_do_not_use_up_a_restart() -> None:
    world = updating(3, partition=3)
    world.show()
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.lease("kcm-1")
    world.unready(0)
    world.counted("a", "b")
    world.lease("kcm-2")
    world.ready(0)
    world.terminate(2)

    assert breaches(world) == {}


def test_what_comes_after_the_closing_list_of_another_stream_is_not_judged() -> None:
    world = settled(2)
    world.show()
    held = {world.set["metadata"]["uid"]: world.set["metadata"]["resourceVersion"]}
    closed = world.rv
    # The set is scaled after its closing LIST; its watch shows that no more.
    world.rv += 1
    world.create_pod(2, "a")
    world.end()
    entries = [
        e
        if (e.stream, e.type) != ("statefulsets", "final")
        else type(e)(e.i, e.t, e.stream, str(closed), "", "final", held)
        for e in world.entries
    ]

    assert {n: j.findings for n, j in fold(info(), renumbered(entries)).guarantees.items() if j.findings} == {}


def test_a_rollback_that_makes_a_second_revision_of_one_template_is_a_breach() -> None:
    world = updating(2)
    world.new_template("a")
    world.revision("aa", text="a")
    world.counted("a", "aa")

    assert breached(world) == ["revision.update-revision", "revisions.reuse"]


def test_a_revision_that_equals_no_template_does_not_exercise_its_guarantee() -> None:
    world = World()
    world.create_set(1, text="newer-than-the-controller")
    world.revision("b")
    world.status(0, 0, 0, 0, "b", "b")

    assert judged(ended(world), "revision.update-revision").verdict == "unknown"


def test_a_gap_of_the_lease_may_hide_a_restart() -> None:
    world = updating(3, partition=3)
    world.lease("kcm-1")
    world.partition(0)
    world.partition(3)
    world.counted("a", "b")
    world.show()
    world.entry("leases", "gap", {"why": "410 Gone"})
    world.terminate(2)

    assert breaches(world) == {}
