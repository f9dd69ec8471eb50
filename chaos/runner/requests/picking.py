"""Which objects an operation means, of those that it can be done to. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from chaos.operations import Picking
from chaos.runner.requests.known import Nothing

Item = TypeVar("Item")


def picked(picking: Picking, fit: Sequence[tuple[int, Item]], lacking: str) -> Sequence[tuple[int, Item]]:
    """The objects that are meant, each with its ordinal, of those that it can be done to.

    Raises:
        Nothing: none is; `lacking` says what.
    """
    if picking.every:
        chosen = list(fit)
    elif picking.ordinals:
        chosen = [each for each in fit if each[0] in picking.ordinals]
    else:
        left = list(fit)
        chosen = [left.pop(int(rank * len(left))) for rank in picking.ranks[: len(fit)]]
    if not chosen:
        raise Nothing(lacking)
    return chosen
