"""What was worked out of an object is not worked out again.

States and their parts are never changed: a new state is a new object that shares what did not change. So the same object says
the same, and most questions are asked of one more than once.
"""

import functools
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def of_same(most: int) -> Callable[[Callable[[T], R]], Callable[[T], R]]:
    """Remembers what a function gave for the very same object, for `most` of them."""

    def remembering(function: Callable[[T], R]) -> Callable[[T], R]:
        known: dict[int, tuple[T, R]] = {}

        @functools.wraps(function)
        def remembered(state: T) -> R:
            found = known.get(id(state))
            if found is not None:
                return found[1]
            if len(known) >= most:
                known.clear()
            made = function(state)
            # With the object, so that no other gets its identity.
            known[id(state)] = (state, made)
            return made

        return remembered

    return remembering
