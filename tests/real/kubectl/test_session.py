"""The session of kubectl says the same on the embedded cluster as on the real one, but for what is known."""

from pathlib import Path

import pytest

from tests.real.kubectl.chapters import CHAPTERS
from tests.real.kubectl.comparing import compared
from tests.real.kubectl.known import KNOWN
from tests.real.kubectl.targets import targets

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def test_kubectl_says_the_same_on_both_clusters(tmp_path: Path) -> None:
    with targets(tmp_path) as both:
        found = compared(both, CHAPTERS)

    assert len(found) > 250
    assert {each.name: each.unexcused for each in found if each.unexcused} == {}
    sure = {name for name, excuses in KNOWN.items() if not all(each.is_race for each in excuses)}
    assert sure <= {each.name for each in found if each.told} <= set(KNOWN)
