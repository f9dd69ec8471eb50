"""Names resolve to what the EndpointSlices say, now or so lately that it may be cached (S75 to S79).

An answer is a sample: it is right if it agrees with what the name may have been between the question and the answer, or as long
before as caches and watches allow. Which that is, the cluster's Corefile says, or the longest usual is assumed. A server that
was cut off from the API server, or did not answer at all lately, may be further behind: then nothing is held against it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from chaos.checkers.authorship import Author
from chaos.checkers.endpoints import family_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.published import NEVER, Published, State, Timeline
from chaos.history.entries import SERVICE, Entry
from chaos.history.order import KEPT_S, Event

ANSWERS, FRESHNESS, APPEARANCE = "dns.answers", "dns.freshness", "dns.appearance"
OF_SERVICE, MONOTONIC = "dns.service", "dns.monotonic"

LAG_S = 5.0
"""How far behind the API a DNS server may be without a doubt: its watches lag by milliseconds."""

OUTAGE_S = 15.0
"""How far behind it may be after an outage so short that no Lease shows it: it comes back after up to 11.2 s of pauses
(client-go 0.37, tools/cache/reflector.go: 0.8 s, doubled each time, each up to twice as long by chance)."""

RECOVERY_S = 60.0
"""For how long after any other outage: its pauses grow to 30 s, each up to twice as long by chance."""

SILENT_S = 15.0
"""For how long after a question without an answer a resolver may still be catching up."""

QUESTION_S = 2.0
"""After which a probe gives a question up."""

MOST = 25
"""More addresses than this may not fit into one UDP answer of 512 bytes."""

Fits = Callable[[frozenset[str]], bool]


class NamesChecker(Checker):
    """Judges every answer of a probe, once all that was written until then is known."""

    reads = ("dns",)
    follows = ("services", "endpointslices")

    def __init__(self, court: Court) -> None:
        info = court.info
        self._set_name = info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._positive_s = info.resolver.positive_s
        self._negative_s = info.resolver.negative_s
        self._published = Published(info.service, info.statefulset, court.instants)
        self._names: dict[int, _Name] = {}
        self._answers: deque[Entry] = deque()
        self._silent: dict[str, float] = {}
        self._shown: dict[tuple[str, int], _Shown] = {}
        self._right = {ANSWERS: 0, OF_SERVICE: 0}

    def on_entry(self, entry: Entry) -> None:
        """Hold an answer until it is known what was written before it."""
        if entry.type == "answer":
            self._answers.append(entry)
            if self._answers[0].t < entry.t - KEPT_S:
                self._answers.popleft()
                self._ledger.doubted("dns.", "an answer was not judged, since no marker told of slices for 10 minutes")

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.stream == "services":
            self._published.on_service(event)
            return
        for number in self._published.on_slice(event):
            if number >= 0:
                self._name(number).changed(self._positive_s + LAG_S, self._negative_s + LAG_S)

    def on_whole(self, until: float) -> None:
        """Every event that was written before `until` has been given."""
        answers = self._answers
        while answers and answers[0].t <= until:
            self._judge(answers.popleft())
        for guarantee, times in self._right.items():
            self._ledger.exercised(guarantee, times)
            self._right[guarantee] = 0

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(NEVER)

    def _name(self, number: int) -> "_Name":
        found = self._names.get(number)
        if found is None:
            found = self._names[number] = _Name(self._published.timeline(number))
        return found

    def _judge(self, entry: Entry) -> None:
        data = entry.data
        number, addresses = data["ordinal"], data["addresses"]
        if data["code"] == "ERROR":
            self._silent[data.get("resolver", "")] = entry.t
            return
        name = self._names.get(number) or self._name(number)
        newest = name.timeline.newest
        is_now = len(newest.addresses) == len(addresses) and newest.addresses.issuperset(addresses)
        if not is_now or newest.since > entry.t:
            age, kept_s = self._age(entry, name.timeline), self._positive_s if addresses else self._negative_s
            if age > kept_s + LAG_S:
                self._late(entry, name.timeline, age, kept_s)
                return
        if number == SERVICE:
            self._right[OF_SERVICE] += 1
        elif addresses:
            self._right[ANSWERS] += len(addresses)
        if data["sent"] > name.due:
            self._passed(name, data["sent"], bool(addresses))
        if not addresses:
            name.was_denied = True
        if "resolver" in data:
            self._order(entry, name.timeline)

    def _age(self, entry: Entry, timeline: Timeline) -> float:
        """For how many seconds the answer must have been kept on its way."""
        data, t = entry.data, entry.t
        sent, addresses = data["sent"], data["addresses"]
        if not addresses:
            gone = self._published.existence.age(_is_empty, sent, t)
            return min(gone, timeline.age(_is_empty, sent, t))
        # Each family is asked for by itself, and so may be of another moment.
        parts = [[a] for a in addresses] if data["ordinal"] != SERVICE else _families(addresses)
        return max(timeline.age(_fits(part, data["ordinal"] == SERVICE), sent, t) for part in parts)

    def _passed(self, name: "_Name", sent: float, has_addresses: bool) -> None:
        """An answer is right at a time when an old one would have been kept for too long."""
        if sent > name.fresh_due:
            name.fresh_due = NEVER
            self._ledger.exercised(FRESHNESS)
        if sent > name.appears_due:
            name.appears_due = NEVER
            if name.was_denied and has_addresses:
                self._ledger.exercised(APPEARANCE)
            name.was_denied = False
        name.due = min(name.fresh_due, name.appears_due)

    def _late(self, entry: Entry, timeline: Timeline, age: float, kept_s: float) -> None:
        data = entry.data
        number, sent, addresses = data["ordinal"], data["sent"], data["addresses"]
        guarantee = OF_SERVICE if number == SERVICE else APPEARANCE if not addresses else FRESHNESS
        if number != SERVICE and addresses and age == NEVER:
            guarantee = ANSWERS
        answered = f"{data['name']} was answered with {', '.join(addresses) or data['code']}"
        newest = timeline.at(sent)
        now = ", ".join(sorted(newest.addresses)) or "no address"
        ago = "as far back as is remembered" if age == NEVER else f"for {age:.1f} s"
        allowed = f"caches may keep it for {kept_s:g} s"
        text = f"{answered}, which has not been right {ago} ({allowed}); the EndpointSlices published {now}"
        if guarantee == ANSWERS:
            text += f"; {self._holders(addresses)}"
        excuse = "" if guarantee == ANSWERS else self._excuse(entry, age)
        if excuse:
            self._ledger.doubted(guarantee, f"{text}: {excuse}")
        elif age <= kept_s + OUTAGE_S:
            self._ledger.doubted(guarantee, f"suspect: {text}")
        else:
            self._ledger.violated(guarantee, text, (entry.i, newest.i), self._objects(number))

    def _excuse(self, entry: Entry, age: float) -> str:
        """Why the server may be behind without being wrong; empty if nothing says so."""
        sent, resolver = entry.data["sent"], entry.data.get("resolver", "")
        silences = [t for asked, t in self._silent.items() if asked == resolver or not resolver]
        if silences and sent - max(silences) <= SILENT_S:
            return "shortly before, a question got no answer at all, so that the resolver may have been catching up"
        if not self._lease.ran(max(sent - min(age, sent) - RECOVERY_S, 0.0), entry.t):
            return "the API server may have been out of reach: the controller manager's Lease was not seen renewed all the time"
        return ""

    def _order(self, entry: Entry, timeline: Timeline) -> None:
        """One server, asked directly, does not go back to what it showed before (S79)."""
        data = entry.data
        number, sent, addresses = data["ordinal"], data["sent"], data["addresses"]
        shown = self._shown.get((data["resolver"], number))
        if shown is None:
            shown = self._shown[data["resolver"], number] = _Shown()
        # As almost always: what it showed last, and nothing is newer.
        if shown.newest is timeline.newest and shown.addresses == addresses:
            return
        if not addresses and self._published.existence.age(_is_empty, sent, entry.t) < self._negative_s + LAG_S:
            return
        # Two questions at once may fill a cache in the wrong order; what it keeps then comes back until it runs out.
        cached_s = max(self._positive_s, self._negative_s)
        shown.settle(sent - (cached_s + QUESTION_S if cached_s else 0.0))
        fits = _fits(addresses, number == SERVICE) if addresses else _is_empty
        state = timeline.first(fits, shown.floor, entry.t)
        if state is not None:
            if state.number > shown.last:
                self._ledger.exercised(MONOTONIC, shown.last >= 0)
                shown.last = state.number
            shown.recent.append((entry.t, state.number))
            shown.newest, shown.addresses = (timeline.newest, addresses) if state.number == shown.last else (None, ())
        elif timeline.first(fits, 0, entry.t) is not None:
            text = (
                f"{data['resolver']} answered {data['name']} with {', '.join(addresses) or data['code']} after it had "
                f"answered with what the EndpointSlices published later"
            )
            if sent - self._silent.get(data["resolver"], -NEVER) <= SILENT_S:
                self._ledger.doubted(MONOTONIC, f"{text}: it may have been started anew meanwhile")
            else:
                self._ledger.violated(MONOTONIC, text, (entry.i, timeline.newest.i), self._objects(number))

    def _holders(self, addresses: tuple[str, ...]) -> str:
        holders = [f"{self._set_name}-{each}" for address in addresses for each in self._published.holders(address)]
        return f"it is an address of {', '.join(dict.fromkeys(holders))}" if holders else "no pod of the set had it"

    def _objects(self, number: int) -> tuple[str, ...]:
        service = f"services/{self._published.service}"
        return (service,) if number == SERVICE else (service, f"pods/{self._set_name}-{number}")


class _Name:
    """A name that is asked for. `due` is when an answer will next show that nothing is kept for too long."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.fresh_due = self.appears_due = self.due = NEVER
        self.was_denied = False

    def changed(self, positive_s: float, negative_s: float) -> None:
        """Its addresses are others."""
        newest = self.timeline.newest
        self.fresh_due = newest.known + positive_s
        self.appears_due = newest.known + negative_s if newest.addresses else NEVER
        self.due = min(self.fresh_due, self.appears_due)


class _Shown:
    """What one server showed of a name: it may not go back behind state `floor`, and `last` is the latest it showed.

    If it showed that last, `addresses` are what it answered, and `newest` what the newest state was then.
    """

    def __init__(self) -> None:
        self.floor = 0
        self.last = -1
        self.newest: State | None = None
        self.addresses: Sequence[str] = ()
        self.recent: deque[tuple[float, int]] = deque()

    def settle(self, until: float) -> None:
        """What was answered before this second counts from now on."""
        while self.recent and self.recent[0][0] < until:
            self.floor = max(self.floor, self.recent.popleft()[1])


def _is_empty(addresses: frozenset[str]) -> bool:
    return not addresses


def _fits(addresses: list[str], is_whole: bool) -> Fits:
    """Whether a state has these addresses; all that it has of their family, if the answer is the whole set."""
    wanted = frozenset(addresses)
    if not is_whole:
        return wanted.issubset
    family = family_of(addresses[0])

    def fits(published: frozenset[str]) -> bool:
        own = frozenset(each for each in published if family_of(each) == family)
        return wanted == own or (len(own) > MOST and wanted < own)

    return fits


def _families(addresses: Any) -> list[list[str]]:
    parts: dict[str, list[str]] = {}
    for each in addresses:
        parts.setdefault(family_of(each), []).append(each)
    return list(parts.values())
