"""What may happen to a history on its way: other orders of arrival, gaps, lost events, a kill. All of it keeps indices whole."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from chaos.history import mergepatch
from chaos.history.entries import WATCHED, Entry
from chaos.history.order import CHANGES, Objects

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
    """The history without these lines, as if nothing had been there."""
    return renumbered(entry for entry in entries if not lost(entry))


def not_shown(entries: Sequence[Entry], at: int) -> list[Entry]:
    """What would have been recorded if the watch had not shown the change of entry `at`.

    The next change is then recorded against the state before. What cannot follow, and a closing LIST that shows something
    else, makes the reflector say that it missed something, and list again.
    """
    lost = entries[at]
    objects = Objects()
    before, after = None, None
    for entry in entries[: at + 1]:
        if entry.stream == lost.stream and entry.uid == lost.uid and entry.type in CHANGES:
            event = objects.event(entry)
            before, after = event.before, event.after
    for later in range(at + 1, len(entries)):
        entry = entries[later]
        if entry.stream != lost.stream or (entry.type != "final" and entry.uid != lost.uid):
            continue
        if entry.type == "final":
            found = None if lost.type == "deleted" else after
            told = [*_listed_again(entry, lost.uid, before, found), entry]
        else:
            found = objects.event(entry).after
            if before is None:
                told = _listed_again(entry, lost.uid, None, None if entry.type == "deleted" else found)
            else:
                told = [msgspec.structs.replace(entry, data=_told(before, found))]
        return renumbered([*entries[:at], *entries[at + 1 : later], *told, *entries[later + 1 :]])
    return renumbered([*entries[:at], *entries[at + 1 :]])


def retold(entries: Sequence[Entry], *, as_patches: bool) -> list[Entry]:
    """The same changes, each of a known object as the smallest patch, or each as the whole object."""
    objects: dict[str, Objects] = {}
    result = []
    for entry in entries:
        if entry.type in CHANGES:
            event = objects.setdefault(entry.stream, Objects()).event(entry)
            if event.before is None:
                data = {"whole": event.after}
            elif as_patches:
                data = _told(event.before, event.after)
            else:
                data = {"whole": event.after, "from": _version(event.before)}
            entry = msgspec.structs.replace(entry, data=data)
        result.append(entry)
    return result


def _listed_again(entry: Entry, uid: str, known: Any, found: Any) -> list[Entry]:
    """The reflector notices at `entry` that it missed something of an object, and takes in a LIST that holds `found`."""
    mark = msgspec.structs.replace(entry, uid="", type="missed", data={"why": "does not follow"})
    told = [mark]
    if found is not None:
        data = {"whole": found} if known is None else _told(known, found)
        told.append(msgspec.structs.replace(entry, rv=_version(found), uid=uid, type="listed", data=data))
    elif known is not None:
        gone = {**known, "metadata": {**known["metadata"], "resourceVersion": entry.rv}}
        told.append(msgspec.structs.replace(entry, uid=uid, type="deleted", data=_told(known, gone)))
    return [*told, msgspec.structs.replace(mark, type="synced", data=None)]


def _told(before: Any, after: Any) -> dict[str, Any]:
    patch = mergepatch.diff(before, after)
    return {"whole" if patch is None else "patch": after if patch is None else patch, "from": _version(before)}


def _version(state: Any) -> str:
    version: str = state["metadata"]["resourceVersion"]
    return version
