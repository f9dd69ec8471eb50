"""What is asked of every guarantee alike: it holds, it is broken, it is not exercised, its record is not whole."""

import random

import pytest

from chaos.checkers.catalogue import GUARANTEES
from chaos.checkers.judge import fold
from chaos.history.order import CHANGES
from chaos.verdict import Judgement
from tests.checkers.scenes import SCENES
from tests.checkers.scenes.scene import Scene
from tests.checkers.tamper import in_other_order, with_gap, without
from tests.checkers.verdicts import ended, judged, verdicts
from tests.checkers.world import World, info

every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.guarantee)


def test_every_guarantee_has_a_scene() -> None:
    assert [scene.guarantee for scene in sorted(SCENES)] == list(GUARANTEES)


@every_scene
def test_it_holds_where_it_is_exercised_and_kept(scene: Scene) -> None:
    report = fold(info(), ended(scene.holds()))

    assert (report.guarantees[scene.guarantee].verdict, report.guarantees[scene.guarantee].why) == ("held", "")
    assert {name: each.findings for name, each in report.guarantees.items() if each.findings} == {}


@every_scene
def test_a_breach_is_named_exactly_with_its_evidence(scene: Scene) -> None:
    world, entry, says = scene.breaks()

    report = fold(info(), ended(world))

    broken = {name for name, each in report.guarantees.items() if each.verdict == "violated"}
    assert {scene.guarantee} <= broken <= {scene.guarantee, *scene.also}
    (finding,) = report.guarantees[scene.guarantee].findings
    assert entry in finding.entries
    assert [text for text in says if text not in finding.message] == []
    assert report.verdict == "violated"


@every_scene
def test_what_is_not_exercised_is_unknown_and_says_what_would_exercise_it(scene: Scene) -> None:
    found = judged(ended(World()), scene.guarantee)

    opportunity = GUARANTEES[scene.guarantee].opportunity
    assert found == Judgement("unknown", False, 0, (), f"exercised 0 of 1 times; it is exercised when {opportunity}")


@every_scene
def test_a_gap_leaves_nothing_held(scene: Scene) -> None:
    entries = ended(scene.holds())

    for at in range(0, len(entries), 3):
        found = judged(with_gap(entries, at, scene.needs), scene.guarantee)
        assert (found.verdict, found.findings) == ("unknown", ())
        assert f"the watch of {scene.needs} had a gap at entry {at}: 410 Gone" in found.why


@every_scene
def test_a_breach_behind_a_gap_is_not_proven(scene: Scene) -> None:
    world, entry, _ = scene.breaks()

    assert judged(with_gap(ended(world), entry, scene.needs), scene.guarantee).verdict == "unknown"


@every_scene
def test_a_breach_before_a_gap_stays_proven(scene: Scene) -> None:
    world, entry, _ = scene.breaks()
    world.show()
    at = len(world.entries)

    found = judged(with_gap(ended(world), at, scene.needs), scene.guarantee)

    assert found.verdict == ("unknown" if scene.at_the_end else "violated")
    assert scene.at_the_end or entry in found.findings[0].entries


@every_scene
def test_a_run_that_was_cut_off_holds_nothing_and_keeps_what_it_proved(scene: Scene) -> None:
    broken = scene.breaks().world
    broken.show()

    holding = fold(info(), scene.holds().entries)

    assert {each.verdict for each in holding.guarantees.values()} == {"unknown"}
    assert "the record has no end: the run was cut off" in holding.guarantees[scene.guarantee].why
    assert scene.at_the_end or judged(broken.entries, scene.guarantee).verdict == "violated"


@every_scene
def test_the_order_of_arrival_changes_no_verdict(scene: Scene) -> None:
    for entries in (ended(scene.holds()), ended(scene.breaks().world)):
        expected = verdicts(entries)
        for seed in range(5):
            assert verdicts(in_other_order(entries, random.Random(seed))) == expected, f"seed {seed}"


@every_scene
def test_a_lost_event_that_the_closing_list_reveals_leaves_it_unknown(scene: Scene) -> None:
    for entries in (ended(scene.holds()), ended(scene.breaks().world)):
        last = {entry.uid: entry.i for entry in entries if entry.stream == scene.needs and entry.type in CHANGES}
        for i in last.values():
            found = judged(without(entries, lambda entry, i=i: entry.i == i), scene.guarantee)  # type: ignore[misc]
            assert (found.verdict, found.findings) == ("unknown", ())
