"""The comparison finds planted defects; what the right embedded cluster does stands in for the real one."""

from pathlib import Path

import pytest

from tests.differential import detection, judging, places
from tests.differential.drawing import draw
from tests.embedded.mutants.planting import Edit, edits

SEEDS = range(1, 9)
SAMPLE = ("M01", "M08", "M16", "M27", "M36", "M60")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a right cluster gives."""
    place = tmp_path_factory.mktemp("right")
    for seed in SEEDS:
        judging.keep(place, places.on_embedded(draw(seed), luck=1))
    return place


@pytest.mark.parametrize("edit", [each for each in edits() if each.name in SAMPLE], ids=lambda each: each.name)
def test_a_planted_defect_ends_otherwise(edit: Edit, folder: Path) -> None:
    assert detection.hunt(edit, folder, f"{SEEDS[0]}-{SEEDS[-1]}") is not None


def test_without_a_defect_everything_ends_the_same(folder: Path) -> None:
    nothing = Edit("none", "nothing", "controllers/statefulset/sync.py", "def decide(", "def decide(", (), ())

    assert detection.hunt(nothing, folder, f"{SEEDS[0]}-{SEEDS[-1]}") is None
