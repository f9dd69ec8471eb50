"""What a mutant is, and that it is what runs."""

import ast
import sys
from pathlib import Path

import pytest

from tests.mutation.mutating import mutants, mutated
from tests.mutation.planting import plant

SOURCE = '''
"""A module."""
LIMIT = 5

def most(values, limit: int = 3):
    """Of all."""
    found = []
    for value in values:
        if value < limit and not value in found:
            found.append(value)
    return max(found)

class Box:
    def __init__(self):
        self.full = False

    @property
    def state(self):
        if self.full:
            return f"full of {1 + 1}"
        return ""
'''


def test_every_place_that_can_say_something_else_is_a_mutant() -> None:
    assert [mutant.key for mutant in mutants(SOURCE)] == [
        "most: if value < limit and (not value in found): -> if not (value < limit and (not value in found)): #1",
        "most: value < limit and (not value in found) -> value < limit or not value in found #1",
        "most: value < limit -> value <= limit #1",
        "most: not value in found -> value in found #1",
        "most: value in found -> value not in found #1",
        "most: found.append(value) -> pass #1",
        "most: return max(found) -> return None #1",
        "most: max(found) -> min(found) #1",
        "Box.__init__: self.full = False -> pass #1",
        "Box.__init__: False -> True #1",
        "Box.state: if self.full: -> if not self.full: #1",
        "Box.state: return f'full of {1 + 1}' -> return None #1",
        "Box.state: return '' -> return 'mutant' #1",
    ]


def test_a_mutant_differs_from_its_module_in_nothing_else() -> None:
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()

    for mutant in mutants(SOURCE):
        changed = ast.unparse(mutated(SOURCE, mutant)).splitlines()
        differing = [line for line, other in zip(plain, changed, strict=True) if line != other]
        assert len(differing) == 1, mutant.key


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "mutable.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mutable", raising=False)
    return "mutable"


@pytest.mark.parametrize(
    ("after", "expected"),
    [("value <= limit", (3, "")), ("min(found)", (1, "")), ("return 'mutant'", (2, "mutant")), ("pass", (None, ""))],
)
def test_whoever_holds_a_function_runs_the_mutant(module: str, after: str, expected: tuple[object, str]) -> None:
    held = __import__(module)
    most, box = held.most, held.Box()
    mutant = next(each for each in mutants(SOURCE) if each.after == after)

    plant(module, SOURCE, mutant)

    try:
        found = most([1, 2, 3])
    except ValueError:
        found = None
    assert (found, box.state) == expected
