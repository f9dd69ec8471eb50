"""The same object gives the same answer, without being asked twice."""

from typing import Any

from chaos.checkers.memo import of_same


def test_only_what_is_new_is_worked_out() -> None:
    asked = []

    @of_same(2)
    def size(state: dict[str, Any]) -> int:
        asked.append(state)
        return len(state)

    one, two, three = {"a": 1}, {"a": 1}, {"b": 1, "c": 2}
    sizes = [size(one), size(one), size(two), size(one), size(three), size(three), size(one)]

    assert sizes == [1, 1, 1, 1, 2, 2, 1]
    assert asked == [one, two, three, one]
