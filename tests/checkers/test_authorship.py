"""Who deleted a pod, from everything that a record can tell."""

from chaos.checkers.authorship import Authorship, first_deletion
from chaos.checkers.judge import Judge, fold
from chaos.history.entries import MARKED
from chaos.history.order import CHANGES, Objects
from tests.checkers.scenes.cascade import collected, orphaned
from tests.checkers.scenes.ordering import settled
from tests.checkers.verdicts import breached, breaches, ended
from tests.checkers.world import World, info


def authors(world: World) -> list[tuple[str, str]]:
    """Each pod that was deleted, and by whom, once everything is in."""
    authorship = Authorship()
    for entry in world.entries:
        authorship.on_entry(entry)
    authorship.close()
    objects = {stream: Objects() for stream in MARKED}
    found: list[tuple[str, str]] = []
    for entry in world.entries:
        if entry.type in CHANGES and entry.stream in MARKED:
            event = objects[entry.stream].event(entry)
            if first_deletion(event):
                found.append((event.after["metadata"]["name"], authorship.author(event)))
            authorship.on_event(event)
    return found


def asked(world: World, ordinal: int, grace_s: int | None = None) -> int:
    """The start entry of an own delete."""
    operation = {"kind": "delete-pods", "ordinals": [ordinal], "grace_s": grace_s}
    return world.start("delete", "pods", f"web-{ordinal}", operation, world.pod_uid(ordinal), grace_s=grace_s)


def test_the_answer_to_a_graceful_delete_carries_the_version_of_its_event() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0)
    world.finish(start, rv=world.rv)

    assert authors(world) == [("web-0", "own")]
    assert breaches(world) == {}


def test_the_answer_to_a_delete_without_grace_carries_the_version_of_the_removal() -> None:
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.terminate(0, grace_s=0)
    world.gone(0)
    world.finish(start, rv=world.rv)

    assert authors(world) == [("web-0", "own")]
    assert breaches(world) == {}


def test_the_answer_may_come_before_the_events() -> None:
    world = settled(2)
    start = asked(world, 0, grace_s=0)
    # The removal's: after the mark, and the marker's tick.
    world.finish(start, rv=world.rv + 3)
    world.terminate(0, grace_s=0)
    world.show()
    world.gone(0)

    assert authors(world) == [("web-0", "own")]
    assert breaches(world) == {}


def test_a_removal_that_was_never_announced_is_its_own_first_event() -> None:
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.gone(0)
    world.finish(start, rv=world.rv)

    assert authors(world) == [("web-0", "own")]


def test_an_answer_without_a_version_brought_the_grace_to_0() -> None:
    """The kubelet removed the pod between the two writes of the API server."""
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0, grace_s=0)
    world.gone(0)
    world.finish(start)

    assert authors(world) == [("web-0", "own")]
    assert breaches(world) == {}


def test_an_answer_without_a_version_did_not_begin_a_graceful_deletion() -> None:
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.terminate(0)
    world.terminate(0, grace_s=0)
    world.gone(0)
    world.finish(start)

    assert authors(world) == [("web-0", "controller")]
    assert breached(world) == ["update.justified-deletes"]


def test_an_answer_without_a_version_does_not_tell_who_began_what_was_seen_only_at_its_end() -> None:
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.gone(0)
    world.finish(start)

    assert authors(world) == [("web-0", "ambiguous")]
    assert breaches(world) == {}


def test_a_pod_that_is_removed_without_a_mark_was_deleted_by_nobody() -> None:
    """The kubelet wrote the status of the pod that had borne the name; the API server then removed whatever bore it."""
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.terminate(0, grace_s=0)
    world.gone(0)
    world.finish(start, rv=world.rv)
    world.replace(0, "a")
    world.counted("a", "a")
    world.gone(0)

    assert authors(world) == [("web-0", "own"), ("web-0", "other")]
    assert breaches(world) == {}


def test_a_200_with_a_foreign_version_changed_nothing() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0)
    world.unready(0)
    world.finish(start, rv=world.rv)

    assert authors(world) == [("web-0", "controller")]
    assert breached(world) == ["update.justified-deletes"]


def test_a_200_to_a_request_that_left_after_the_event_was_received_changed_nothing() -> None:
    world = settled(1)
    world.terminate(0)
    world.finish(asked(world, 0), rv=world.rv)

    assert authors(world) == [("web-0", "controller")]
    assert breached(world) == ["update.justified-deletes"]


def test_a_refused_delete_did_nothing() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0)
    world.finish(start, "fail")

    assert authors(world) == [("web-0", "controller")]


def test_a_delete_of_unknown_outcome_may_have_been_it() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.finish(start, "unknown")
    world.wait(60)
    world.terminate(0)

    assert authors(world) == [("web-0", "ambiguous")]
    report = fold(info(), ended(world))
    assert {name: each.findings for name, each in report.guarantees.items() if each.findings} == {}
    assert report.notes[0] == "pod deletes that may be the controller's or somebody else's: not judged (1)"


def test_a_delete_that_was_never_answered_may_have_been_it() -> None:
    world = settled(1)
    asked(world, 0)
    world.terminate(0)

    assert authors(world) == [("web-0", "ambiguous")]
    assert breaches(world) == {}


def test_of_several_own_deletes_one_that_fits_is_enough() -> None:
    world = settled(1)
    starts = [asked(world, 0), asked(world, 0), asked(world, 0)]
    world.terminate(0)
    world.finish(starts[0], "unknown")
    world.finish(starts[1], rv=world.rv)
    world.finish(starts[2], "fail")

    assert authors(world) == [("web-0", "own")]


def test_a_delete_of_an_earlier_pod_of_that_name_is_no_excuse() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0)
    world.finish(start, rv=world.rv)
    world.gone(0)
    world.replace(0, "a")
    world.counted("a", "a")
    world.terminate(0)

    assert authors(world) == [("web-0", "own"), ("web-0", "controller")]
    assert breached(world) == ["update.justified-deletes"]


def test_an_answer_that_names_a_removal_which_never_came_decides_nothing() -> None:
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.terminate(0, grace_s=0)
    world.finish(start, rv=world.rv + 1)

    assert authors(world) == [("web-0", "ambiguous")]
    assert breaches(world) == {}


def test_the_pods_of_a_set_that_is_gone_are_the_garbage_collectors() -> None:
    assert authors(collected()) == [("web-0", "collector"), ("web-1", "collector")]


def test_the_pods_of_a_foreground_delete_are_the_garbage_collectors() -> None:
    world = settled(1)
    world.finish(world.delete_set("foreground"))
    world.set_deleting("foregroundDeletion")
    world.terminate(0)

    assert authors(world) == [("web-0", "collector")]


def test_the_pods_of_a_set_that_is_being_orphaned_are_not_collected() -> None:
    world = settled(1)
    world.set_deleting("orphan")
    world.terminate(0)

    assert authors(world) == [("web-0", "controller")]


def test_a_disrupted_pod_was_deleted_by_whoever_disrupted_it() -> None:
    world = settled(1)
    world.change("pods", "web-0", {"status": {"conditions": [{"type": "DisruptionTarget", "status": "True"}]}})
    world.counted("a", "a")
    world.terminate(0)

    assert authors(world) == [("web-0", "other")]
    assert breaches(world) == {}


def test_a_disruption_that_was_called_off_excuses_nobody() -> None:
    world = settled(1)
    world.change("pods", "web-0", {"status": {"conditions": [{"type": "DisruptionTarget", "status": "False"}]}})
    world.terminate(0)

    assert authors(world) == [("web-0", "controller")]


def test_a_pod_of_no_set_was_deleted_by_somebody_else() -> None:
    world = orphaned(1)
    world.live(11)
    world.terminate(0)

    assert authors(world) == [("web-0", "other")]


def test_the_controller_may_still_take_a_pod_for_its_sets_that_was_just_let_go() -> None:
    """It deletes by name and uid: what it had decided before the orphan delete may come after it."""
    world = orphaned(1)
    world.live(9)
    world.terminate(0)

    assert authors(world) == [("web-0", "ambiguous")]
    assert breaches(world) == {}


def test_only_the_first_event_of_a_deletion_has_an_author() -> None:
    world = settled(1)
    world.terminate(0)
    world.terminate(0, grace_s=1)
    world.gone(0)

    assert authors(world) == [("web-0", "controller")]


def test_judging_waits_for_the_answer() -> None:
    world = settled(1)
    start = asked(world, 0)
    world.terminate(0)
    world.counted("a", "a", ready=0)
    world.show()
    judge = Judge(info())

    fed = len(world.entries)
    for entry in world.entries:
        judge.feed(entry)
    before = judge.violated
    world.finish(start, rv=world.rv - 1)
    for entry in world.entries[fed:]:
        judge.feed(entry)

    assert (before, judge.violated) == (False, True)


def test_judging_does_not_wait_for_a_removal_that_decides_nothing() -> None:
    """A finalizer may keep a pod that was deleted without grace for ever."""
    world = settled(1)
    start = asked(world, 0, grace_s=0)
    world.terminate(0, grace_s=0)
    world.finish(start, rv=world.rv)
    world.counted("a", "a", ready=0)
    world.show()
    judge = Judge(info())

    for entry in world.entries:
        judge.feed(entry)

    assert judge.violated
