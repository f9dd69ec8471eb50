"""A clock that a test sets by hand."""

from chaos.time import Clock


class Ticks(Clock):
    """Every reading is a millisecond later than the last, or where a test put it."""

    def __init__(self) -> None:
        self.t = 0.0

    def now(self) -> float:
        self.t = round(self.t + 0.001, 6)
        return self.t
