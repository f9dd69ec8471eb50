"""The judge beside a run: it reads what is recorded, a little later, and ends the run at a violation if asked to."""

from collections import deque

import anyio
import anyio.lowlevel

from chaos.checkers.judge import Judge
from chaos.history.entries import Entry
from chaos.history.writer import HistoryWriter
from chaos.verdict import Report

BATCH = 200
"""Entries judged before others get their turn."""

EVERY_S = 0.2


class Judging:
    """Feeds every entry of a history to a judge, in order."""

    def __init__(self, judge: Judge, history: HistoryWriter) -> None:
        self._judge = judge
        self._waiting: deque[Entry] = deque()
        self._arrived = anyio.Event()
        history.tap(self._take)

    async def run(self, stop: anyio.CancelScope | None) -> None:
        """Judge until cancelled; cancel `stop` once a violation is proven."""
        while True:
            self._judge_some()
            if stop is not None and self._judge.violated:
                stop.cancel()
            if self._waiting:
                await anyio.lowlevel.checkpoint()
                continue
            self._arrived = anyio.Event()
            await self._arrived.wait()
            # What follows at once is judged together.
            await anyio.sleep(EVERY_S)

    @property
    def crash(self) -> str:
        """The traceback of a checker that raised; empty if none did."""
        return self._judge.crash

    def finish(self) -> Report:
        """Judge what is left, and give the verdict."""
        while self._waiting:
            self._judge_some()
        return self._judge.finish()

    def _take(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._arrived.set()

    def _judge_some(self) -> None:
        for _ in range(min(BATCH, len(self._waiting))):
            self._judge.feed(self._waiting.popleft())
