"""What sets a run apart from every other: its id, the key of its hashes, and the wall clock of its world."""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from chaos import chance, time


class Stamp(NamedTuple):
    """`run` is 8 hexadecimal digits; `key` 16 bytes; `wall` gives the time of day, UTC."""

    run: str
    key: bytes
    wall: Callable[[], datetime.datetime]


def fresh() -> Stamp:
    """A stamp that no other run has, for a cluster that others use too."""
    return Stamp(chance.fresh_key().hex()[:8], chance.fresh_key(), time.wall)


def drawn(seed: int) -> Stamp:
    """The stamp of a run in a world of its own: equal for equal seeds, so that the whole history can be."""
    draws = chance.stream(seed, "stamp")
    return Stamp(draws.randbytes(4).hex(), draws.randbytes(16), time.virtual)
