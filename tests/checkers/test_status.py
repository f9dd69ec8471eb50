"""Statuses: counters, completion, generations, revisions (S40-S42, S47-S50), and how old the states may be that explain them."""

import pytest

from chaos.checkers.judge import fold
from chaos.history.run import Controller
from tests.checkers.scenes.ordering import newborn, settled
from tests.checkers.scenes.ownership import disowned
from tests.checkers.scenes.update import updating
from tests.checkers.test_update import rolled
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import World, info


def test_a_creation_is_followed_by_a_status_without_and_one_with_the_new_pod() -> None:
    world = settled(1)
    world.spec(replicas=2)
    world.create_pod(1, "a")
    world.status(1, 1, 1, 1, "a", "a")
    world.status(2, 1, 2, 2, "a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_second_status_without_the_new_pod_is_no_later_syncs() -> None:
    world = settled(1)
    world.spec(replicas=2)
    world.create_pod(1, "a")
    world.status(1, 1, 1, 1, "a", "a")
    world.status(2, 1, 2, 2, "a", "a")
    world.status(1, 1, 1, 1, "a", "a")

    assert breached(world) == ["status.counters"]


def test_the_status_of_a_creation_may_know_more_than_the_least_that_explains_the_creation() -> None:
    """Two pods go one after the other; either absence explains the creation, only both explain its status."""
    world = settled(4)
    for ordinal in (1, 3):
        world.kill(ordinal)
    world.gone(1)
    world.gone(3)
    world.create_pod(1, "a")
    world.counted("a", "a", replicas=2, current=2, updated=2)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_the_status_of_a_creation_may_not_know_pods_that_forbid_the_creation() -> None:
    world = settled(2)
    world.kill(1)
    world.counted("a", "a")
    world.gone(1)
    world.create_pod(1, "a")
    world.status(2, 2, 1, 1, "a", "a", observed=1)
    world.spec(replicas=2)
    world.status(2, 2, 1, 1, "a", "a")

    assert breached(world) == ["status.counters"]


def test_a_refused_creation_ends_in_a_status_all_the_same() -> None:
    world = World()
    world.create_set(2)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    world.spec(replicas=1)
    world.status(0, 0, 0, 0, "a", "a")

    report = fold(info(), ended(world))

    assert {name: each.findings for name, each in report.guarantees.items() if each.findings} == {}
    assert report.notes == ("statuses explained by a refused create or a repeated delete, which leave no event (2)",)


def test_terminating_pods_count_as_replicas_and_as_ready_but_not_as_current() -> None:
    world = settled(2)
    world.kill(1)
    world.status(2, 2, 1, 1, "a", "a")

    assert (breaches(world), doubts(world)) == ({}, set())


@pytest.mark.parametrize("field", ["replicas", "ready", "current", "updated"])
def test_no_counter_may_be_one_too_high(field: str) -> None:
    world = settled(2)
    world.kill(1)
    right = {"replicas": 2, "ready": 2, "current": 1, "updated": 1}
    world.counted("a", "a", **{**right, field: right[field] + 1})

    assert breached(world) == ["status.counters"]


def test_pods_without_an_owner_may_be_counted_or_not() -> None:
    for counted in (1, 2):
        world = settled(2)
        disowned(world, 1)
        world.status(counted, counted, counted, counted, "a", "a", observed=1)
        world.spec(replicas=2)
        world.status(counted, counted, counted, counted, "a", "a")

        assert (breaches(world), doubts(world)) == ({}, set())


def test_a_status_may_land_on_a_newer_spec_than_it_was_computed_from() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.spec(replicas=4)
    world.status(2, 2, 2, 2, "a", "a", observed=2)

    assert breaches(world) == {}


def test_an_observed_generation_does_not_go_back() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.status(2, 2, 2, 2, "a", "a")
    world.status(2, 2, 2, 2, "a", "a", observed=1)

    assert breached(world) == ["status.observed-generation"]


def test_an_observed_generation_may_go_back_with_a_new_process_of_the_controller() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.status(2, 2, 2, 2, "a", "a")
    world.show()
    world.entry("run", "controller-restarted")
    world.status(2, 2, 2, 2, "a", "a", observed=1)

    assert breaches(world) == {}


def test_completion_asks_for_ready_pods() -> None:
    world = updating(1)
    rolled(world, 0, "b")
    world.unready(0)
    world.counted("a", "b")
    world.counted("b", "b")

    assert breached(world) == ["status.completion"]


def test_completion_comes_with_the_status_that_counts_the_last_pod_ready() -> None:
    world = updating(1)
    rolled(world, 0, "b")
    world.counted("b", "b")

    assert (breaches(world), doubts(world)) == ({}, set())


def test_a_complete_update_may_not_be_left_unsaid() -> None:
    world = updating(1)
    rolled(world, 0, "b")
    world.counted("a", "b")

    assert breached(world) == ["partition.current-revision"]


def test_promotion_while_condemned_pods_are_left_is_too_early() -> None:
    """kubernetes#119685: updated = ready = replicas, but more than spec.replicas."""
    world = updating(2, partition=1)
    rolled(world, 1, "b")
    world.counted("a", "b")
    world.spec(replicas=1, updateStrategy={"rollingUpdate": {"partition": 0}})
    world.kill(0)
    world.gone(0)
    world.replace(0, "b")
    world.status(2, 2, 2, 2, "b", "b")

    assert breached(world) == ["status.completion"]


def test_promotion_while_no_pod_exists_is_too_early() -> None:
    """kubernetes#119685: 0 = 0 = 0 while two pods are wanted."""
    world = newborn(2)
    world.new_template("b")
    world.revision("b")
    world.status(0, 0, 0, 0, "b", "b")

    assert breached(world) == ["status.completion"]


def test_promotion_by_a_graceful_delete_below_the_partition_is_too_early() -> None:
    """kubernetes#119685 as seen on 1.28.3: one write promotes, the next takes it back."""
    world = updating(2, partition=1)
    rolled(world, 1, "b")
    world.counted("a", "b")
    world.kill(0)
    world.gone(0)
    world.status(1, 1, 1, 1, "b", "b")

    assert breached(world, "1.28.4") == ["status.completion"]


def test_a_rollback_finds_its_old_revision_again() -> None:
    world = updating(2)
    world.new_template("a")
    world.counted("a", "a")

    found = judged(ended(world), "revision.update-revision")

    assert (found.verdict, found.exercised) == ("held", 3)


def test_a_change_of_replicas_makes_no_revision() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.revision("d")
    world.counted("a", "d")

    assert breached(world) == ["revision.update-revision", "revisions.only-templates", "revisions.template"]


def test_a_template_that_no_revision_equals_is_taken_at_the_controllers_word() -> None:
    """A controller of an older version drops fields that it does not know."""
    world = settled(2)
    world.new_template("newer-than-the-controller")
    world.revision("b")
    world.counted("a", "b")
    world.terminate(1)
    world.gone(1)
    world.create_pod(1, "b")

    assert breaches(world, "1.36.3") == {}


def test_a_write_that_only_states_older_than_10_s_explain_leaves_its_guarantee_unknown() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.spec(replicas=2)
    world.wait(11)
    world.show()
    world.create_pod(2, "a")

    found = judged(ended(world), "ordering.range")

    assert (found.verdict, found.findings) == ("unknown", ())
    assert "suspect: creation of web-2 at web-a at resourceVersion 116" in found.why


def test_a_pause_of_the_controller_covers_old_states() -> None:
    world = settled(2)
    world.lease("kcm")
    world.spec(replicas=3)
    world.spec(replicas=2)
    world.wait(11)
    world.lease("kcm")
    world.create_pod(2, "a")

    report = fold(info(), ended(world))

    assert report.guarantees["ordering.range"].verdict == "held"
    assert report.notes[0] == (
        "creation of web-2 at web-a at resourceVersion 117 is explained only by states 11.0 s old; harmless: the "
        "controller's Lease was not renewed meanwhile (1)"
    )


@pytest.mark.parametrize(
    ("version", "spec", "why"),
    [
        (
            "1.37.2",
            {"updateStrategy": {"type": "Recreate"}},
            "updateStrategy Recreate means nothing to a controller whose gate StatefulSetRecreateStrategy is off",
        ),
        ("1.37.2", {"updateStrategy": {"type": "Sideways"}}, "updateStrategy Sideways is not known"),
        ("1.26.6", {}, "the status of controller 1.26.6 counts pods in the middle of a sync: not judged"),
    ],
)
def test_a_set_that_the_rules_do_not_cover_is_unknown_and_accused_of_nothing(
    version: str, spec: dict[str, object], why: str
) -> None:
    world = settled(2)
    world.spec(**spec)
    world.terminate(0)
    world.terminate(1)

    report = fold(info(controller=Controller(version)), ended(world))

    assert {name: each.findings for name, each in report.guarantees.items() if each.findings} == {}
    assert report.guarantees["update.justified-deletes"].why == why
    assert report.guarantees["status.counters"].verdict == "unknown"


def older_by_ten_minutes(world: World) -> World:
    """What went before is forgotten, as far as nothing needs it any more."""
    for _ in range(3):
        world.wait(400)
        world.kill(1)
        world.gone(1)
        world.replace(1, "a")
        world.counted("a", "a", ready=1)
        world.spec(replicas=2)
        world.counted("a", "a")
    world.show()
    return world


def test_what_is_forgotten_is_not_missed() -> None:
    world = older_by_ten_minutes(settled(2))
    world.spec(replicas=1)
    world.terminate(1)
    world.counted("a", "a", current=2, updated=2)

    assert (breaches(world), doubts(world)) == ({}, set())


def test_what_is_wrong_after_much_was_forgotten_is_still_found() -> None:
    world = older_by_ten_minutes(settled(2))
    world.terminate(0)

    assert breached(world) == ["update.justified-deletes"]


def test_a_new_process_may_start_from_states_that_are_no_longer_kept() -> None:
    world = settled(2)
    world.spec(replicas=3)
    world.spec(replicas=2)
    older_by_ten_minutes(world)
    world.entry("run", "controller-restarted")
    world.create_pod(2, "a")

    why = "creation of web-2 at web-a at resourceVersion {} could not be judged: nothing retained explains a write just"
    assert breaches(world) == {}
    assert [text for text in doubts(world) if text.startswith(why.format(world.rv))]


def test_a_write_before_the_revision_of_the_template_is_known_cannot_be_judged() -> None:
    world = World()
    world.create_set(1)
    world.create_pod(0, "a")

    found = judged(ended(world), "ordering.range")

    assert (found.verdict, found.why) == (
        "unknown",
        "creation of web-0 at web-a at resourceVersion 102 could not be judged: the revision of the set's template is not "
        "known",
    )
