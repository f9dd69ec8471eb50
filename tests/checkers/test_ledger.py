"""How findings, doubts and opportunities become a judgement."""

import pytest

from chaos.checkers.ledger import EVERYTHING, Ledger
from chaos.verdict import Finding, Guarantee, Judgement, Verdict, worst

NAMES = ("dns.answers", "ordering.range")
GUARANTEES = [Guarantee(name, (), "", "", "it rains", "") for name in reversed(NAMES)]


def judgements(ledger: Ledger, *required: str, at_least: int = 1) -> dict[str, Judgement]:
    return ledger.judgements(GUARANTEES, lambda name: name in required, at_least)


def test_nothing_is_held_by_default() -> None:
    why = "exercised 0 of 1 times; it is exercised when it rains"

    assert judgements(Ledger()) == dict.fromkeys(NAMES, Judgement("unknown", False, 0, (), why))


def test_what_was_exercised_and_not_broken_is_held() -> None:
    ledger = Ledger()
    ledger.exercised("dns.answers")
    ledger.exercised("dns.answers", 2)

    assert judgements(ledger)["dns.answers"] == Judgement("held", False, 3)


def test_at_least_is_asked_only_of_what_is_required() -> None:
    ledger = Ledger()
    for name in NAMES:
        ledger.exercised(name, 2)

    found = judgements(ledger, "ordering.range", at_least=3)

    assert {name: each.verdict for name, each in found.items()} == {"dns.answers": "held", "ordering.range": "unknown"}


def test_a_finding_outweighs_doubts_and_missing_opportunities() -> None:
    ledger = Ledger()
    ledger.doubted("dns.", "a gap")
    ledger.violated("dns.answers", "wrong", (3, 1, 3), ["pods/web-0"])

    expected = Judgement("violated", False, 0, (Finding("wrong", (1, 3), ("pods/web-0",)),))
    assert judgements(ledger)["dns.answers"] == expected
    assert ledger.any_violated


@pytest.mark.parametrize(
    ("doubted", "names"),
    [("dns.", ["dns.answers"]), ("dns.answers", ["dns.answers"]), (EVERYTHING, list(NAMES)), ("dns", [])],
)
def test_a_doubt_covers_a_name_or_a_family_or_everything(doubted: str, names: list[str]) -> None:
    ledger = Ledger()
    for name in NAMES:
        ledger.exercised(name)
    ledger.doubted(doubted, "a gap")

    assert [name for name, each in judgements(ledger).items() if each.why == "a gap"] == names


def test_reasons_are_named_once_and_at_most_three() -> None:
    ledger = Ledger()
    for why in ("one", "one", "two", "three", "four", "five"):
        ledger.doubted("dns.answers", why)

    assert judgements(ledger)["dns.answers"].why == "one; two; three (and 2 more reasons)"


def test_a_freeze_keeps_what_was_found_and_takes_nothing_more() -> None:
    ledger = Ledger()
    ledger.violated("dns.answers", "before", (1,))
    ledger.freeze("dns.", "a gap")
    ledger.violated("dns.answers", "after", (2,))
    ledger.violated("ordering.range", "elsewhere", (3,))

    found = judgements(ledger)

    assert found["dns.answers"].findings == (Finding("before", (1,)),)
    assert found["ordering.range"].findings == (Finding("elsewhere", (3,)),)


def test_a_retraction_takes_back_what_was_found() -> None:
    ledger = Ledger()
    ledger.violated("dns.answers", "before", (1,))
    ledger.retract("dns.", "a lost event")
    ledger.violated("dns.answers", "after", (2,))

    assert judgements(ledger)["dns.answers"] == Judgement("unknown", False, 0, (), "a lost event")
    assert not ledger.any_violated


def test_a_retraction_leaves_what_was_concluded_before_anything_can_have_been_lost() -> None:
    ledger = Ledger()
    for i in range(25):
        ledger.reach(i)
        ledger.violated("dns.answers", f"wrong {i}", (i,))
        ledger.violated("ordering.range", f"wrong {i}", (i,))

    ledger.retract("dns.", "a lost event", 1)

    found = judgements(ledger)
    assert found["dns.answers"].findings == (Finding("wrong 0", (0,)), Finding("wrong 1", (1,)))
    assert found["dns.answers"].why == ""
    assert len(found["ordering.range"].findings) == 20


def test_findings_above_twenty_are_only_counted() -> None:
    ledger = Ledger()
    for i in range(25):
        ledger.violated("dns.answers", f"wrong {i}", (i,))

    found = judgements(ledger)["dns.answers"]

    assert ([each.message for each in found.findings], found.why) == (
        [f"wrong {i}" for i in range(20)],
        "5 more findings are not listed",
    )


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "unknown"),
        (["held"], "held"),
        (["held", "unknown"], "unknown"),
        (["unknown", "violated", "held"], "violated"),
    ],
)
def test_one_violation_decides_and_one_unknown_spoils(verdicts: list[Verdict], expected: Verdict) -> None:
    assert worst(verdicts) == expected


def test_three_reasons_are_all_that_there_are() -> None:
    ledger = Ledger()
    for why in ("one", "two", "three"):
        ledger.doubted("dns.answers", why)

    assert judgements(ledger)["dns.answers"].why == "one; two; three"


def test_reasons_and_notes_are_kept_up_to_fifty() -> None:
    ledger = Ledger()
    for number in range(60):
        ledger.doubted("dns.answers", f"reason {number}")
        ledger.note(f"note {number}")
        ledger.note("note 0")

    assert judgements(ledger)["dns.answers"].why == "reason 0; reason 1; reason 2 (and 47 more reasons)"
    assert (len(ledger.notes), ledger.notes["note 0"], ledger.notes["more notes, which are not listed"]) == (51, 61, 10)
