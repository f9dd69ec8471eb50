"""What names the EndpointSlices of a Service gave to which addresses, and when: what a DNS server answers from.

A state's time is known within bounds only: it came after the marker before it was sent, and before it was received.
Facts: CoreDNS 1.14 plugin/kubernetes: it serves the endpoints of all slices of a Service whose condition ready is not false, as
long as the Service exists.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.endpoints import OF_SERVICE
from chaos.checkers.instants import Instants
from chaos.history.entries import SERVICE
from chaos.history.order import KEPT_S, Event

BEGINNING = float("-inf")
NEVER = float("inf")


class State(NamedTuple):
    """A name's addresses from some moment between `since` and `known` on; entry `i` tells. `number` counts a name's states."""

    number: int
    since: float
    known: float
    addresses: frozenset[str]
    i: int


class Timeline:
    """The states of one name, oldest first, and the newest. What was before the first is that it had no address."""

    def __init__(self) -> None:
        self.newest = State(0, BEGINNING, BEGINNING, frozenset(), 0)
        self.states = [self.newest]

    def append(self, since: float, known: float, addresses: frozenset[str], i: int) -> None:
        """A new state, if it is one."""
        states = self.states
        if addresses == self.newest.addresses:
            return
        self.newest = State(self.newest.number + 1, since, known, addresses, i)
        states.append(self.newest)
        while len(states) > 2 and states[1].known < known - KEPT_S:
            del states[0]

    def age(self, fits: Callable[[frozenset[str]], bool], sent: float, t: float) -> float:
        """For how many seconds an answer that fits must have been kept, if it was given from `sent` to `t`.

        0: it fits what the name may have been meanwhile. inf: it fits nothing that the name was as far as remembered.
        """
        ended = NEVER
        for state in reversed(self.states):
            if state.since <= t and fits(state.addresses):
                return max(0.0, sent - ended)
            ended = state.known
        return NEVER

    def first(self, fits: Callable[[frozenset[str]], bool], number: int, t: float) -> State | None:
        """The first state from `number` on that fits and may have begun by `t`."""
        start = max(number - self.states[0].number, 0)
        return next((each for each in self.states[start:] if each.since <= t and fits(each.addresses)), None)

    def at(self, t: float) -> State:
        """The state that was surely reached by then."""
        return next(each for each in reversed(self.states) if each.known <= t or each is self.states[0])


class Published:
    """Follows the slices of one Service."""

    def __init__(self, service: str, set_name: str, instants: Instants) -> None:
        self.service = service
        self.existence = Timeline()
        self._names: dict[int, Timeline] = {}
        self._set_name = set_name
        self._instants = instants
        self._slices: dict[str, list[tuple[int, str]]] = {}
        self._alive: set[str] = set()

    def timeline(self, name: int) -> Timeline:
        """The states of a name: an ordinal, or `SERVICE`."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = Timeline()
        return found

    def on_service(self, event: Event) -> None:
        """A Service came or went; `existence` has an address, its uid, while it exists."""
        if event.after["metadata"]["name"] != self.service:
            return
        if event.type == "deleted":
            self._alive.discard(event.uid)
        else:
            self._alive.add(event.uid)
        self.existence.append(self._instants.not_before(event.rv), event.t, frozenset(self._alive), event.i)

    def on_slice(self, event: Event) -> list[int]:
        """A slice changed; gives the names whose addresses are now others."""
        labels = event.after["metadata"].get("labels") or {}
        before = self._slices.pop(event.uid, [])
        now: list[tuple[int, str]] = []
        if event.type != "deleted" and labels.get(OF_SERVICE) == self.service:
            now = list(self._served(event.after.get("endpoints") or ()))
            self._slices[event.uid] = now
        if now == before:
            return []
        since = self._instants.not_before(event.rv)
        changed = []
        differs = {name for name, _ in {*before} ^ {*now}}
        for name in dict.fromkeys((SERVICE, *[name for name, _ in (*before, *now) if name in differs])):
            timeline = self.timeline(name)
            addresses = frozenset(
                address for served in self._slices.values() for each, address in served if name in (SERVICE, each)
            )
            if addresses != timeline.newest.addresses:
                timeline.append(since, event.t, addresses, event.i)
                changed.append(name)
        return changed

    def holders(self, address: str) -> list[int]:
        """The ordinals whose name ever had this address, as far as remembered."""
        return [
            name
            for name, timeline in sorted(self._names.items())
            if name >= 0 and any(address in state.addresses for state in timeline.states)
        ]

    def _served(self, endpoints: Iterable[Any]) -> Iterable[tuple[int, str]]:
        for each in endpoints:
            if (each.get("conditions") or {}).get("ready") is not False:
                # -2 has no name but the one made of its address, and counts among the Service's.
                name = ordinal_of(each.get("hostname") or "", self._set_name)
                for address in each["addresses"]:
                    yield (name if name >= 0 else -2), address
