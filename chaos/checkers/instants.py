"""When versions were written, as far as markers tell.

An event's time of receipt says when it was written at the latest: a watch that falls silent shows everything later, all at once.
A marker says when its request was sent, and every version above its own was written after that.
"""

import heapq


class Instants:
    """Lower bounds on the time of versions, asked for in ascending order of versions."""

    def __init__(self) -> None:
        self._told: list[tuple[int, float]] = []
        self._latest = float("-inf")

    def tell(self, rv: int, sent: float) -> None:
        """A request that was sent at `sent`, in seconds of the run, was written as `rv`."""
        heapq.heappush(self._told, (rv, sent))

    def not_before(self, rv: int) -> float:
        """The latest second of the run before which `rv` was surely not written; -inf if none is known.

        Everything that was written before this second has a version below `rv`.
        """
        while self._told and self._told[0][0] <= rv:
            self._latest = max(self._latest, heapq.heappop(self._told)[1])
        return self._latest
