"""What was worked out of an object is not worked out again.

States and their parts are never changed: a new state is a new object that shares what did not change. So the same object says
the same, and most questions are asked of one more than once.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def of_same(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Remembers what a function gave for the very same arguments in their places, `most` of them; texts need only be equal."""

    def remembering(function: Callable[P, R]) -> Callable[P, R]:
        known: dict[tuple[Any, ...], tuple[Any, R]] = {}

        @functools.wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs:
                return function(*args, **kwargs)
            key = tuple([arg if type(arg) is str else id(arg) for arg in args])
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                # With its arguments, so that no other object gets their identity.
                found = known[key] = (args, function(*args, **kwargs))
            return found[1]

        return remembered

    return remembering
