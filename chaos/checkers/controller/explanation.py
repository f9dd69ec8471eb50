"""One step of the explain rule: what explains a write from where the controller's caches may stand, and where they may stand next."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from chaos.checkers.controller.algorithm import Action, Create, Delete
from chaos.checkers.controller.course import Now, has_made, is_among, may_end, may_write
from chaos.checkers.controller.frontier import Element, floors_of_pods
from chaos.checkers.controller.glance import Glance, Seen
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.sights import Sights, Try
from chaos.checkers.controller.states import Status


class Write(Struct, frozen=True, gc=False):
    """A controller write at a resourceVersion to the object `name`, with the entry that recorded it.

    `written`: the second of the run before which it was surely not made.
    """

    rv: int
    i: int
    t: float
    written: float
    what: Action | Status
    name: str

    @property
    def about(self) -> str:
        """The write in words."""
        match self.what:
            case Create():
                return f"creation of {self.name} at {self.what.revision}"
            case Delete():
                return f"deletion of {self.name}"
            case Status():
                return f"status of {self.name} ({_counters(self.what)})"


def _counters(status: Status) -> str:
    return (
        f"replicas {status.replicas}, ready {status.ready}, available {status.available}, current {status.current}, "
        f"updated {status.updated}, currentRevision {status.current_revision}, updateRevision {status.update_revision}, "
        f"observedGeneration {status.observed_generation}"
    )


class Moment(Struct, frozen=True, gc=False):
    """When a write was made: before the versions `s` and `p`, and not before the second `after`."""

    write: Write
    s: int
    p: int
    after: float


class Floors(Struct, frozen=True, gc=False):
    """The oldest versions that a new sync may read, since it sees the controller's own writes."""

    s: int
    p: int


class Fits(Struct, frozen=True, gc=False):
    """Combinations with version `s` of the set that explain the write, as one of a sync that had made `made` before.

    `ps` are their versions of the pods, oldest first. `worked_out` has what a sync does on those where a quick look did not
    prove that it makes the write.
    """

    s: int
    ps: tuple[int, ...]
    made: tuple[Action, ...]
    began: float
    worked_out: dict[int, list[Try]]

    def each(self, sights: Sights, until: float) -> Iterator[Try]:
        """The combinations, oldest first; the write was made at second `until` of the run."""
        for p in self.ps:
            yield from self.worked_out.get(p) or sights.at(self.s, p, self.began, until)


class Explanation(Struct, frozen=True, gc=False):
    """`fits` explain the write, and `frontier` is where the caches may stand after it."""

    frontier: list[Element]
    fits: list[Fits]


def explain(
    sights: Sights, rules: Rules, frontier: Sequence[Element], moment: Moment, floors: Floors, *, every: bool = False
) -> Explanation:
    """What explains the write of this moment; nothing, if `fits` is empty.

    Of versions of the set on which a sync does the same, the oldest decides where the caches may stand, and `fits` has the
    oldest and the newest; with `every` it has all.
    """
    search = _Search(sights, rules, moment)
    found: list[Fits] = []
    nexts: list[Element] = []
    for element in frontier:
        same = search.among(element) if element.open else None
        if same is not None:
            nexts.append(_element(same, moment.write.what, element.wrong))
            found.append(same)
    for s, is_oldest, first in _versions(sights, frontier, moment, floors, every=every):
        new = search.between(s, first, moment.p)
        if new is not None:
            if is_oldest:
                nexts.append(_element(new, moment.write.what, 0))
            found.append(new)
    return Explanation(nexts, found)


def tries(
    sights: Sights,
    frontier: Sequence[Element],
    moment: Moment,
    floors: Floors,
    *,
    oldest_s: float = float("inf"),
) -> list[Try]:
    """The combinations that a new sync might read, oldest first, of states not older than so; see `explain` for which."""
    now = moment.write.t
    found: list[Try] = []
    for s, _, first in _versions(sights, frontier, moment, floors, every=False):
        if sights.age_of_set(s, now) <= oldest_s:
            for p in range(first, moment.p):
                if sights.age_of_pods(p, now) <= oldest_s:
                    found += sights.at(s, p, moment.after, now)
    return found


def _versions(
    sights: Sights, frontier: Sequence[Element], moment: Moment, floors: Floors, *, every: bool
) -> list[tuple[int, bool, int]]:
    """The versions of the set that a new sync may read, whether each is the oldest of its kind, and the oldest pods with it.

    After a restart the caches may stand anywhere, and a set has hundreds of versions that differ in the counters of their status.
    A sync that read an older one of the same kind may be followed by every sync that may follow one that read a newer.
    """
    least_p = max(floors.p, sights.first_p)
    first_s = max(min([each.s for each in frontier]), floors.s, sights.first_s)
    if len(frontier) == 1 and first_s == moment.s - 1:
        return [(first_s, True, min(max(frontier[0].p, least_p), moment.p - 1))]
    oldest: dict[tuple[object, ...], int] = {}
    newest: dict[int, int] = {}
    allowed: list[tuple[int, int]] = []
    for s, floor in floors_of_pods(frontier, first_s, moment.s):
        # A pod that its set does not select makes no version of its own.
        allowed.append((s, min(max(floor, least_p), moment.p - 1)))
        newest[oldest.setdefault((floor, *sights.kind(s)), s)] = s
    last = frozenset(newest.values())
    return [(s, s in newest, first) for s, first in allowed if every or s in newest or s in last]


class _Search:
    """Looks for what explains one write."""

    def __init__(self, sights: Sights, rules: Rules, moment: Moment) -> None:
        self._sights = sights
        self._rules = rules
        self._what = moment.write.what
        self._moment = moment
        self._there = Now(sights.pods_at(moment.p - 1).pods)
        self._glance = Glance(sights, rules, moment.write.what, self._there)

    def among(self, element: Element) -> Fits | None:
        """What explains the write as the next one of an open sync; None if nothing does."""
        asked = self._glance.demand(element.s)
        if asked is None or (not isinstance(self._what, Status) and is_among(self._what, element.made)):
            return None
        seen = self._glance.among(asked, element.open)
        if asked.room is not None:
            # What goes before an update may have been made.
            seen = Seen(seen.ps, seen.ps)
        return self._fits(element.s, seen, element.made, element.began, element.wrong)

    def between(self, s: int, first: int, end: int) -> Fits | None:
        """What explains the write as the first one of a sync on pods from `first` to before `end`; None if nothing does."""
        asked = self._glance.demand(s)
        return self._fits(s, self._glance.between(asked, first, end), (), self._moment.after, 0) if asked else None

    def _fits(self, s: int, seen: Seen, made: tuple[Action, ...], began: float, wrong: int) -> Fits | None:
        if not seen.ps:
            return None
        worked_out: dict[int, list[Try]] = {}
        for p in seen.unproven:
            several = self._sights.at(s, p, began, self._moment.write.t)
            fit = [one for one in several if len(several) == 1 or has_made(one.sync, made)]
            worked_out[p] = [one for one in fit if self._may_be_next(one, made, wrong)]
        ps = seen.ps
        if worked_out:
            ps = tuple([p for p in ps if worked_out.get(p, True)])
        return Fits(s, ps, made, began, worked_out) if ps else None

    def _may_be_next(self, one: Try, made: Sequence[Action], wrong: int) -> bool:
        """Whether a sync on a combination that has made so much, and so many wrong writes, may write this next."""
        if isinstance(self._what, Status):
            return may_end(one.sight.version, one.sync, made, self._what, self._there, wrong, self._rules)
        return may_write(one.sync, made, self._what, self._there)


def _element(fits: Fits, what: Action | Status, wrong: int) -> Element:
    """The element after a write that these combinations explain; after a status the sync is over."""
    if isinstance(what, Status):
        return Element(fits.s, fits.ps[0])
    return Element(fits.s, fits.ps[0], fits.ps, (*fits.made, what), fits.began, wrong)
