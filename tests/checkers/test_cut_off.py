"""What is not in the record proves nothing: a run cut off at any point, a stream that rights forbid."""

import random

import pytest

from chaos.history.entries import Entry
from tests.checkers.scenes import SCENES
from tests.checkers.scenes.scene import Scene
from tests.checkers.tamper import in_other_order, renumbered, without
from tests.checkers.verdicts import ended, judged, violations

every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.guarantee)


@every_scene
def test_a_run_cut_off_anywhere_is_accused_of_nothing_new(scene: Scene) -> None:
    for world in (scene.holds(), scene.breaks().world):
        entries = in_other_order(ended(world), random.Random(1))
        proven = violations(entries)
        for at in range(len(entries)):
            assert violations(renumbered(entries[:at])) <= proven, f"cut off before entry {at}"


@every_scene
def test_a_stream_that_may_not_be_watched_leaves_it_unknown(scene: Scene) -> None:
    for entries in (ended(scene.holds()), ended(scene.breaks().world)):
        seen = without(entries, lambda entry: entry.stream == scene.needs)
        denied = Entry(i=-1, t=0.0, stream=scene.needs, rv="", uid="", type="denied", data={"why": "403"})
        found = judged(renumbered([denied, *seen]), scene.guarantee)
        assert (found.verdict, found.findings) == ("unknown", ())
        assert f"{scene.needs} could not be watched: 403" in found.why
