"""The clock: the only module that reads time.

Time is seconds since the clock was made, from the event loop, so that a virtual loop moves it. The wall clock is read once,
to stamp the header of a history. Nothing else in the package may ask the system for the time.
"""

import asyncio
import datetime

EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""The instant at which virtual time begins."""


class Clock:
    """Seconds since the run began, from the running event loop."""

    def __init__(self) -> None:
        # Not through anyio, which finds out anew each time whose loop it is: this is asked at every entry.
        self._seconds = asyncio.get_running_loop().time
        self._origin = self._seconds()

    def now(self) -> float:
        """Seconds since this clock was made, to the microsecond."""
        return round(self._seconds() - self._origin, 6)


def wall() -> datetime.datetime:
    """The wall clock, UTC. It stamps headers and names; no decision reads it."""
    return datetime.datetime.now(datetime.UTC)


def virtual() -> datetime.datetime:
    """The wall clock of a world that began with its event loop."""
    return EPOCH + datetime.timedelta(seconds=asyncio.get_running_loop().time())


def parse_timestamp(text: str) -> datetime.datetime:
    """A Kubernetes RFC 3339 timestamp as an aware datetime."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
