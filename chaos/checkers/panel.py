"""The checkers of one run, and who hears what: each names the streams it reads, and is told of no other.

Most changes are of an object's status alone. So a checker may also name the parts of an object that it looks at; of a change
that touches none of these it is not told.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, NamedTuple, Protocol

from chaos.checkers.authorship import Author
from chaos.checkers.instants import Instants
from chaos.checkers.lease import ControllerLease
from chaos.checkers.ledger import Ledger
from chaos.checkers.present import Present
from chaos.history.entries import Entry
from chaos.history.order import Event
from chaos.history.run import RunInfo


class Court(NamedTuple):
    """What every checker may ask: the run's facts, where findings go, what is known of the controller, of time, of the set."""

    info: RunInfo
    ledger: Ledger
    lease: ControllerLease
    instants: Instants
    present: Present


class Checker(Protocol):
    """A fold over one run. What a checker does not need it leaves as it is here."""

    reads: tuple[str, ...] = ()
    """Streams whose entries it takes as they were recorded."""

    follows: tuple[str, ...] = ()
    """Streams whose changes it takes in judged order."""

    minds: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Of some of these streams: the parts (keys of an object, or of its metadata) one of which a `modified` must touch."""

    def on_entry(self, entry: Entry) -> None:
        """An entry, as it was recorded."""

    def on_event(self, event: Event, author: Author | None) -> None:
        """A change, in judged order; `author` is set for the first event of a pod's deletion."""

    def on_whole(self, until: float) -> None:
        """Every change that was written before this second of the run has been given."""

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended, and every change up to there has been given."""

    def on_restart(self) -> None:
        """The controller runs in a new process from here on."""

    def finish(self, now: float) -> None:
        """Everything is in; `now` is the second of the last entry."""


MOST_ROUTES = 1000
"""Different sets of touched parts whose followers are remembered."""

Tell = Callable[[Event, Author | None], None]


class Panel:
    """Several checkers as one."""

    def __init__(self, checkers: Iterable[Checker]) -> None:
        self._checkers = tuple(checkers)
        self._readers: dict[str, list[Callable[[Entry], None]]] = {}
        self._followers: dict[str, list[tuple[tuple[str, ...] | None, Tell]]] = {}
        self._routes: dict[tuple[str, tuple[str, ...] | None], list[Tell]] = {}
        for checker in self._checkers:
            for stream in checker.reads:
                self._readers.setdefault(stream, []).append(checker.on_entry)
            for stream in checker.follows:
                self._followers.setdefault(stream, []).append((checker.minds.get(stream), checker.on_event))

    def on_entry(self, entry: Entry) -> None:
        """Tell those who read its stream."""
        for tell in self._readers.get(entry.stream, ()):
            tell(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """Tell those who follow its stream and mind what it touches."""
        route = (event.stream, event.touched if event.type == "modified" else None)
        tells = self._routes.get(route)
        if tells is None:
            if len(self._routes) >= MOST_ROUTES:
                self._routes.clear()
            tells = self._routes[route] = self._route(*route)
        for tell in tells:
            tell(event, author)

    def _route(self, stream: str, touched: tuple[str, ...] | None) -> list[Tell]:
        return [
            tell
            for minds, tell in self._followers.get(stream, ())
            if minds is None or touched is None or not set(minds).isdisjoint(touched)
        ]

    def on_whole(self, until: float) -> None:
        """Tell all."""
        for checker in self._checkers:
            checker.on_whole(until)

    def on_phase_ended(self, entry: Entry) -> None:
        """Tell all."""
        for checker in self._checkers:
            checker.on_phase_ended(entry)

    def on_restart(self) -> None:
        """Tell all."""
        for checker in self._checkers:
            checker.on_restart()

    def finish(self, now: float) -> None:
        """Tell all."""
        for checker in self._checkers:
            checker.finish(now)
