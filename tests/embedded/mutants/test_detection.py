"""A sample of the planted defects, found by the shipped profiles; `make detection` hunts all."""

import random

import pytest

from tests.embedded.mutants.detection import Edit, edits, hunt

SAMPLE = {
    "M01": {"ordering.create-gate"},
    "M15": {"partition.update-floor"},
    "M16": {"partition.create-revision"},
    "M20": {"ondelete.no-update-deletes"},
    "M46": {"identity.claim"},
    "M58": {"identity.data"},
    "M61": {"dns.endpoints"},
}


@pytest.mark.parametrize("edit", [each for each in edits() if each.name in SAMPLE], ids=lambda each: each.name)
def test_a_planted_defect_is_found_by_its_guarantee(edit: Edit) -> None:
    found = hunt(edit, random.Random(f"sample/{edit.name}"))

    assert found is not None
    assert SAMPLE[edit.name] & set(found.guarantees)


def test_every_defect_can_be_planted_and_has_a_name_of_its_own() -> None:
    from tests.embedded.mutants.detection import PACKAGE

    names = [each.name for each in edits()]
    assert len(names) == len(set(names)) >= 30
    assert all((PACKAGE / "embedded" / each.file).read_text().count(each.find) == 1 for each in edits())
