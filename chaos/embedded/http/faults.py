"""What can be wrong with an API server while it goes on: slowness, refusals, watches that end or fall silent."""

import random
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from chaos.embedded.api.errors import expired
from chaos.embedded.interface import ApiError

USUAL_S = 0.0005, 0.003
"""How long a request takes when nothing is wrong: the least and the most, where time is virtual."""


class OpenWatch(Protocol):
    """A watch that is being answered."""

    def fail(self, error: ApiError | None) -> None:
        """End it: with this as its last event, or with the connection."""


@dataclass
class EdgeFaults:
    """Knobs that are read at every request; all off by default.

    `usual_s` bounds what a request takes anyway, `slow_s` is added to it. `refusals` maps 429, 500 or 503 to the share of
    requests that are answered so, without effect. `uncertain` is the share of writes that take effect and are answered 500.
    While `silent` is set, watches send nothing; between `stop` and `go_on` nothing is answered either. `watches` are those that
    are open, by number.
    """

    draws: random.Random
    usual_s: tuple[float, float] = USUAL_S
    slow_s: float = 0.0
    refusals: dict[int, float] = field(default_factory=dict)
    uncertain: float = 0.0
    silent: bool = False
    watches: dict[int, OpenWatch] = field(default_factory=dict)
    _opened: int = 0
    _going: anyio.Event | None = None

    def latency(self) -> float:
        """Seconds that this request takes."""
        return self.draws.uniform(*self.usual_s) + self.slow_s

    def stop(self) -> None:
        """Answer nothing from now on."""
        if self._going is None:
            self._going = anyio.Event()

    def go_on(self) -> None:
        """Answer what waits, and all that comes."""
        if self._going is not None:
            self._going.set()
            self._going = None

    @property
    def is_mute(self) -> bool:
        """Whether watches send nothing."""
        return self.silent or self._going is not None

    async def passed(self) -> None:
        """Wait until requests are answered; at once if they are."""
        while self._going is not None:
            await self._going.wait()

    def refuse(self) -> None:
        """Refuse this request, or let it pass.

        Raises:
            ApiError: 429, 500 or 503.
        """
        for status, share in self.refusals.items():
            if self.draws.random() < share:
                raise ApiError(status, *_REFUSALS[status])

    def loses_answer(self) -> bool:
        """Whether the answer of this write is lost."""
        return self.uncertain > 0 and self.draws.random() < self.uncertain

    def opened(self, watch: OpenWatch) -> int:
        """A watch begins: the number under which it is known until it is taken out of `watches`."""
        self._opened += 1
        self.watches[self._opened] = watch
        return self._opened

    def cut_watches(self) -> None:
        """Cut the connections of all open watches."""
        for watch in self.watches.values():
            watch.fail(None)

    def expire_watches(self, rv: int) -> None:
        """Tell all open watches that everything up to version `rv` is forgotten, and end them."""
        for watch in self.watches.values():
            watch.fail(expired(0, rv))


_REFUSALS = {
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    500: ("InternalError", "Internal error occurred: etcdserver: request timed out"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}
