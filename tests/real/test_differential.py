"""The same schedules on this cluster and on the embedded one end the same; `make differential` does it with 300."""

from pathlib import Path

import anyio
import pytest

from tests.differential import judging
from tests.differential.drawing import draw
from tests.real.conftest import kubeconfig

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def test_ten_schedules_end_the_same_on_both_clusters(tmp_path: Path) -> None:
    schedules = [draw(seed) for seed in range(1001, 1011)]
    anyio.run(judging.ask, kubeconfig(), schedules, 8, tmp_path)
    there = [record for record in (judging.kept(tmp_path, each) for each in schedules) if record is not None]

    _, found = judging.compare(there, is_first_enough=False)

    assert len(there) == len(schedules)
    assert [str(each) for each in found] == []
