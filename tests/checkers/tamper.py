"""What may happen to a history on its way: other orders of arrival, gaps, lost events, a kill. All of it keeps indices whole."""

import random
from collections.abc import Callable, Iterable, Sequence

import msgspec

from chaos.history.entries import WATCHED, Entry

ARRIVAL_S = 0.02
"""How late an event of one stream may arrive after a younger one of another."""


def renumbered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in this order, with indices that run, times that do not go back, and ends that still name their starts."""
    result: list[Entry] = []
    moved: dict[int, int] = {}
    now = 0.0
    for entry in entries:
        moved[entry.i] = len(result)
        now = max(now, entry.t)
        data = entry.data
        if entry.stream == "operations" and entry.type == "end":
            data = {**data, "start": moved[data["start"]]}
        result.append(msgspec.structs.replace(entry, i=len(result), t=now, data=data))
    return result


def in_other_order(entries: Sequence[Entry], chance: random.Random) -> list[Entry]:
    """The same events received with other delays: each stream keeps its order, and no stream is later than `ARRIVAL_S`.

    What this run did itself keeps its place: a start is written before its request leaves.
    """
    latest: dict[str, float] = {}
    arrivals: list[tuple[float, int, Entry]] = []
    for entry in entries:
        at = entry.t
        if entry.stream in WATCHED:
            at = max(entry.t + chance.uniform(0, ARRIVAL_S), latest.get(entry.stream, 0.0))
            latest[entry.stream] = at
        elif entry.type == "judging-ended":
            at = entry.t + 2 * ARRIVAL_S
        arrivals.append((at, entry.i, msgspec.structs.replace(entry, t=at)))
    return renumbered(entry for _, _, entry in sorted(arrivals, key=lambda each: each[:2]))


def with_gap(entries: Sequence[Entry], at: int, stream: str) -> list[Entry]:
    """A gap of `stream` before the entry at index `at`."""
    t = entries[min(at, len(entries) - 1)].t
    gap = Entry(i=-1, t=t, stream=stream, rv="", uid="", type="gap", data={"why": "410 Gone"})
    return renumbered([*entries[:at], gap, *entries[at:]])


def without(entries: Sequence[Entry], lost: Callable[[Entry], bool]) -> list[Entry]:
    """The history that a watch would have written that did not deliver these."""
    return renumbered(entry for entry in entries if not lost(entry))
