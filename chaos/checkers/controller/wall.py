"""Where the cluster's clock stands against the seconds of the run: minReadySeconds is counted by that clock.

An object that was just created tells: its creationTimestamp, in whole seconds, is not later than the event that showed it, and
the next second is later than the last marker that was sent before it.
"""

from chaos.checkers.controller.states import seconds
from chaos.history.order import Event

SKEW_S = 2.0
"""How far the clocks of the API server and of the controller may be apart (spec S68)."""


class ClusterClock:
    """What the controller's clock may have shown at a second of the run."""

    def __init__(self) -> None:
        self._least = float("-inf")
        self._most = float("inf")

    def learn(self, event: Event, written: float) -> None:
        """Take in an object's creation; it was surely not written before the second `written`."""
        created = event.after["metadata"].get("creationTimestamp") or ""
        if event.type == "added" and created:
            self._least = max(self._least, seconds(created) - event.t)
            self._most = min(self._most, seconds(created) + 1 - written)

    def earliest(self, t: float) -> float:
        """What it showed at `t` at the earliest."""
        return t + self._least - SKEW_S

    def latest(self, t: float) -> float:
        """What it showed at `t` at the latest."""
        return t + self._most + SKEW_S
