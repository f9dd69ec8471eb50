"""Every rule of the specification is judged, or left out with a reason; the page of guarantees is the catalogue's."""

from chaos.checkers.catalogue import GUARANTEES
from chaos.checkers.catalogue.left_out import LEFT_OUT, RULES
from tools.write_guarantees import TARGET, page


def test_every_rule_is_judged_or_left_out_with_a_reason() -> None:
    judged = {rule for guarantee in GUARANTEES.values() for rule in guarantee.rules}
    left_out = {left.rule for left in LEFT_OUT if not left.what}

    assert set(RULES) - judged - left_out == set()
    assert left_out <= set(RULES)
    assert judged & left_out == set()


def test_a_part_is_left_out_only_of_a_rule_that_is_judged() -> None:
    judged = {rule for guarantee in GUARANTEES.values() for rule in guarantee.rules}

    assert [left for left in LEFT_OUT if left.what and left.rule not in judged] == []
    assert [left for left in LEFT_OUT if not left.why] == []


def test_the_page_of_guarantees_is_up_to_date() -> None:
    assert TARGET.read_text() == page(), "make guarantees"
