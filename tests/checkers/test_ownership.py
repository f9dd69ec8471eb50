"""Who may be adopted, who is let go, and what is put back (S8, S59, S60)."""

import pytest

from chaos.checkers.judge import fold
from tests.checkers.scenes.cascade import orphaned
from tests.checkers.scenes.ordering import settled
from tests.checkers.scenes.ownership import POD_NAME, disowned, patched, relabelled
from tests.checkers.verdicts import breached, breaches, doubts, ended, judged
from tests.checkers.world import NAME, World, info


def test_an_orphan_may_have_matched_when_the_controller_looked() -> None:
    world = settled(2)
    disowned(world, 1)
    relabelled(world, 1)
    world.adopt(1)

    assert "ownership.adoption" not in breaches(world)


def test_that_it_matched_only_twelve_seconds_ago_is_a_suspect() -> None:
    world = settled(2)
    disowned(world, 1)
    relabelled(world, 1)
    world.wait(12)
    world.show()
    world.adopt(1)

    assert "ownership.adoption" not in breaches(world)
    assert any("web-1 was adopted" in why and "fit only 12." in why for why in doubts(world))


def test_an_orphan_that_is_being_deleted_is_not_adopted() -> None:
    world = settled(2)
    start = world.start("patch", "pods", "web-1", {"kind": "orphan-pods", "ordinals": [1]}, world.pod_uid(1))
    world.change(
        "pods",
        "web-1",
        {
            "metadata": {
                "ownerReferences": None,
                "deletionTimestamp": "2026-01-01T00:00:30Z",
                "deletionGracePeriodSeconds": 30,
            }
        },
    )
    world.finish(start, rv=world.rv)
    world.adopt(1)

    assert "ownership.adoption" in breaches(world)


def test_an_orphan_that_is_deleted_right_after_the_controller_looked_may_be_adopted() -> None:
    world = settled(2)
    disowned(world, 1)
    world.kill(1)
    world.adopt(1)

    assert "ownership.adoption" not in breaches(world)


def let_go(*, before_the_delete: bool) -> World:
    """web-1 loses its owner just before the set is deleted, or because of it, and gets it back."""
    world = settled(2)
    world.wait(30)
    if before_the_delete:
        disowned(world, 1)
    world.finish(world.delete_set("orphan"))
    world.set_deleting("orphan")
    if not before_the_delete:
        world.orphan(1)
    world.adopt(1)
    return world


def test_a_set_that_asked_in_time_may_adopt_although_it_is_deleted_meanwhile() -> None:
    assert "ownership.adoption" not in breaches(let_go(before_the_delete=True))


def test_a_set_does_not_adopt_what_its_own_orphan_delete_lets_go() -> None:
    world = let_go(before_the_delete=False)

    assert "the set was being deleted before it became an orphan" in breaches(world)["ownership.adoption"][0]


def test_a_set_made_again_adopts_the_pods_of_the_one_before() -> None:
    world = orphaned(2)
    world.create_set(2)
    world.adopt(0)
    world.adopt(1)
    world.counted("a", "a")

    assert breaches(world) == {}
    assert judged(world.entries, "ownership.adoption").exercised == 2


@pytest.mark.parametrize(("label", "expected"), [("nginx", []), ("other", ["ownership.adoption"])])
def test_a_revision_is_adopted_by_its_labels(label: str, expected: list[str]) -> None:
    world = settled(1)
    name, uid = f"{NAME}-a", world.set["metadata"]["uid"]
    start = world.start("patch", "controllerrevisions", name, {"kind": "orphan-pods", "every": True})
    world.change("controllerrevisions", name, {"metadata": {"labels": {"app": label}, "ownerReferences": None}})
    world.finish(start, rv=world.rv)
    owner = {"uid": uid, "controller": True, "name": NAME}
    world.change("controllerrevisions", name, {"metadata": {"ownerReferences": [owner]}})

    assert breached(world) == expected


def test_this_run_may_give_a_pod_its_owner_back() -> None:
    world = settled(2)
    patched(world, 1, {"ownerReferences": None, "labels": {"app": "other"}})
    owner = {"uid": world.set["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True, "name": NAME}
    patched(world, 1, {"ownerReferences": [owner]})

    assert "ownership.adoption" not in breaches(world)


def test_a_pod_may_be_released_that_matches_again_by_then() -> None:
    world = settled(2)
    relabelled(world, 1)
    relabelled(world, 1, "nginx")
    world.orphan(1)

    assert "ownership.release" not in breaches(world)


def test_the_collector_takes_the_owner_of_pods_whose_set_goes() -> None:
    assert breaches(orphaned(2)) == {}


@pytest.mark.parametrize(("seconds", "expected"), [(50, []), (70, ["ownership.release"])])
def test_a_pod_that_no_longer_matches_is_released_in_time(seconds: float, expected: list[str]) -> None:
    world = settled(2)
    relabelled(world, 1)
    world.counted("a", "a", replicas=1, ready=1, current=1, updated=1)
    world.show()
    world.live(seconds)

    assert breached(world) == expected


def test_a_pod_that_never_matched_is_not_to_be_deleted() -> None:
    world = World()
    world.create_set(1)
    world.revision("a")
    world.status(0, 0, 0, 0, "a", "a")
    world.create_pod(0, "a", labels={"app": "other"})
    world.terminate(0)

    assert "ownership.release" in breaches(world)


def test_a_new_process_may_have_read_what_was_so_before() -> None:
    world = settled(2)
    disowned(world, 1)
    relabelled(world, 1)
    world.entry("run", "controller-restarted")
    world.adopt(1)

    assert "ownership.adoption" not in breaches(world)


def test_a_label_that_this_run_puts_back_is_no_repair() -> None:
    world = settled(1)
    patched(world, 0, {"labels": {POD_NAME: "web-1"}})
    patched(world, 0, {"labels": {POD_NAME: "web-0"}})

    assert judged(ended(world), "ownership.repair").exercised == 0


def test_the_index_label_is_not_put_back() -> None:
    world = settled(1)
    patched(world, 0, {"labels": {"apps.kubernetes.io/pod-index": "7"}})
    world.live(1)
    for _ in range(6):
        world.unready(0)
        world.counted("a", "a")
        world.ready(0)
        world.counted("a", "a")
        world.live(9)

    assert breaches(world) == {}


def test_a_label_stays_wrong_while_the_pod_is_not_reached() -> None:
    """web-0 is not Ready, so that no sync gets to web-1 (OrderedReady)."""
    world = settled(2)
    patched(world, 1, {"labels": {POD_NAME: "web-0"}})
    world.unready(0)
    world.counted("a", "a")
    for _ in range(6):
        world.live(9)
        world.unready(1)
        world.counted("a", "a")
        world.ready(1)
        world.counted("a", "a")

    assert breaches(world) == {}


# S14


def made(**changes: object) -> World:
    world = settled(1)
    world.kill(0)
    world.gone(0)
    world.create_pod(0, "a", **changes)
    return world


@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": {"v": "a", "sidecar": "injected"}},
        {"containers": [{"image": "a"}, {"name": "proxy", "image": "p"}]},
        {"containers": [{"image": "a", "env": [{"name": "ADDED", "value": "x"}]}]},
    ],
)
def test_admission_may_add_to_a_pod(changes: dict[str, object]) -> None:
    assert breaches(made(**changes)) == {}


def test_admission_may_rewrite_a_pod_which_leaves_it_open() -> None:
    world = made(containers=[{"image": "mirror/a"}])

    found = fold(info(), ended(world)).guarantees["revisions.pod-content"]

    assert (found.verdict, found.findings) == ("unknown", ())
    assert "image is mirror/a, expected a" in found.why
