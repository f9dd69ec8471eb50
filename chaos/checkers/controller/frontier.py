"""Where the controller's two caches may stand: the frontier of the explain rule.

An element says: the last sync may have read version s of the set, and the next may read any pods from p on. After a pod write
the sync is open: `open` holds every version of the pods that explains all that it has written (`made`), since what it writes
next, and the status that ends it, must fit one of the same. One minimal p per s instead would raise false alarms; see `Trial`.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct

from chaos.checkers.controller.algorithm import Action


class Element(Struct, frozen=True, gc=False, order=True):
    """Indices into the versions of a set and of its pods.

    `began`: the second of the run before which the open sync surely had not begun. `wrong`: how many of its writes were
    violations.
    """

    s: int
    p: int
    open: tuple[int, ...] = ()
    made: tuple[Action, ...] = ()
    began: float = float("-inf")
    wrong: int = 0


def pruned(elements: Iterable[Element]) -> list[Element]:
    """The elements without the dominated: closed ones that a closed one with no higher s and p makes superfluous."""
    distinct = list(elements)
    if len(distinct) == 1:
        return distinct
    distinct = sorted(set(distinct))
    closed: list[Element] = []
    for element in distinct:
        if not element.open and not any(kept.p <= element.p for kept in closed):
            closed.append(element)
    return closed + [element for element in distinct if element.open]


def closed(element: Element) -> Element:
    """The element once its sync is over."""
    return Element(element.s, element.p)


def floors_of_pods(elements: Iterable[Element], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Versions s of the set from `first` to before `end` that an element allows, and the oldest pods a new sync may read there."""
    waiting = deque(sorted(elements))
    floor = None
    for s in range(first, end):
        while waiting and waiting[0].s <= s:
            p = waiting.popleft().p
            floor = p if floor is None or p < floor else floor
        if floor is not None:
            yield s, floor
