"""Things that wait for one reader, in order."""

from collections import deque
from typing import Generic, TypeVar

from chaos.embedded.waiting import Bell

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Whoever puts something in never waits; the reader iterates, until the box is closed and empty."""

    def __init__(self) -> None:
        self._waiting: deque[T] = deque()
        self._bell = Bell()
        self._closed = False

    def put(self, thing: T) -> None:
        """Add something; a closed box drops it."""
        if not self._closed:
            self._waiting.append(thing)
            self._bell.ring()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._bell.ring()

    def __aiter__(self) -> "Mailbox[T]":
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            await self._bell.rung()
        return self._waiting.popleft()
