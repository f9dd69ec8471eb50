"""Quietness: which status says nothing, and who may write one all the same (S84)."""

from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.quietness import condition, repeats_itself
from tests.checkers.verdicts import breached, ended, judged
from tests.checkers.world import NAME, World


def managed(world: World, manager: str) -> World:
    """The last status is said to be by this manager."""
    fields = [{"manager": manager, "subresource": "status"}]
    told = {"type": "Mine", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}
    world.change("statefulsets", NAME, {"metadata": {"managedFields": fields}, "status": {"conditions": [told]}})
    return world


def test_conditions_alone_are_nothing_new() -> None:
    assert breached(repeats_itself().world) == ["progress.quietness"]


def test_a_condition_that_comes_with_other_news_is_none_of_ours() -> None:
    world = settled(1)
    world.unready(0)
    condition(world, "Synced", "2026-01-01T00:00:09Z", readyReplicas=0, availableReplicas=0)

    assert breached(world) == []


def test_somebody_else_may_write_conditions() -> None:
    assert breached(managed(settled(1), "kubectl")) == []
    assert breached(managed(settled(1), "kube-controller-manager")) == ["progress.quietness"]


def test_an_older_controller_drops_the_conditions_of_others() -> None:
    world = managed(settled(1), "kubectl")
    world.change("statefulsets", NAME, {"metadata": {"managedFields": None}, "status": {"conditions": None}})

    assert breached(world, "1.36.3") == []


def test_an_edit_of_the_set_is_no_status() -> None:
    world = settled(1)
    world.change("statefulsets", NAME, {"metadata": {"annotations": {"note": "x"}}, "status": {"conditions": []}})

    assert breached(world) == []


def test_nothing_said_proves_nothing() -> None:
    world = World()
    world.create_set(0)

    assert judged(ended(world), "progress.quietness").verdict == "unknown"
