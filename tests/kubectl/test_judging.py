"""When two answers are the same, and which differences are excused."""

from tests.real.kubectl.chapters import CHAPTERS
from tests.real.kubectl.judging import differences, unexcused
from tests.real.kubectl.known import KNOWN, Known
from tests.real.kubectl.running import Said
from tests.real.kubectl.steps import Relation, Step


def told(real: Said, embedded: Said, relation: Relation = "same") -> list[str]:
    return differences(Step("a step", "get pods", relation=relation), real, embedded)


def test_the_same_but_for_ages_is_the_same() -> None:
    assert told(Said(0, "NAME   AGE\na      3s\n", ""), Said(0, "NAME   AGE\na      12m\n", "")) == []


def test_exit_codes_and_both_streams_count() -> None:
    found = told(Said(0, "a\n", ""), Said(1, "b\n", "error\n"))

    assert found == ["-exit code 0", "+exit code 1", "-a", "+b", "-", "+error"]


def test_lines_may_stand_in_another_order_where_that_is_said() -> None:
    real, embedded = Said(0, "a\nb\n", ""), Said(0, "b\na\n", "")

    assert told(real, embedded, "any order") == []
    assert told(real, embedded) != []


def test_the_embedded_cluster_may_have_less_where_that_is_said() -> None:
    assert told(Said(0, "a\nb\nc\n", ""), Said(0, "a\nc\n", ""), "within") == []
    assert told(Said(0, "a\n", ""), Said(0, "a\nd\n", ""), "within") == ["+d"]


def test_only_the_lines_of_a_known_difference_are_excused() -> None:
    known = Known("it has no wings", frozenset({"wings: 2"}))

    assert unexcused(["-  wings: 2"], [known]) == []
    assert unexcused(["-  wings: 2", "-  legs: 2"], [known]) == ["-  legs: 2"]
    assert unexcused(["-  legs: 2"], [known, Known("prose")]) == []


def test_every_command_has_a_name_of_its_own_and_what_is_known_is_of_one() -> None:
    names = [f"{chapter.name}/{step.name}" for chapter in CHAPTERS for step in chapter.steps]

    assert len(set(names)) == len(names)
    assert set(KNOWN) <= set(names)
