"""One step of the explain rule: what explains a write from where the controller's caches may stand, and where they may stand next."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from chaos.checkers.controller.algorithm import Action, Create, Delete
from chaos.checkers.controller.course import Now, has_made, may_end, may_write
from chaos.checkers.controller.frontier import Element, floor_of_pods
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.sights import Sights, Try
from chaos.checkers.controller.states import PodsVersion, Status


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


class Fit(Struct, frozen=True, gc=False):
    """A combination that explains the write, as one of a sync that had made `made` before."""

    one: Try
    made: tuple[Action, ...]


class Explanation(Struct, frozen=True, gc=False):
    """`fits` explain the write, and `frontier` is where the caches may stand after it."""

    frontier: list[Element]
    fits: list[Fit]


def explain(
    sights: Sights, rules: Rules, frontier: Sequence[Element], moment: Moment, floors: Floors, *, every: bool = False
) -> Explanation:
    """What explains the write of this moment; nothing, if `fits` is empty.

    Of versions of the set on which a sync does the same, the oldest decides where the caches may stand, and `fits` has the
    oldest and the newest; with `every` it has all.
    """
    what = moment.write.what
    fits = _fits(what, Now(sights.pods_at(moment.p - 1).pods), rules)
    found: list[Fit] = []
    nexts: list[Element] = []
    for element in frontier:
        if not element.open:
            continue
        same = [one for one in _of_open(sights, element, moment) if fits(one, element.made, element.wrong)]
        if same:
            made = () if isinstance(what, Status) else (*element.made, what)
            nexts.append(_element(element.s, same, made, element.began, element.wrong))
            found += [Fit(one, element.made) for one in same]
    made = () if isinstance(what, Status) else (what,)
    for s, is_oldest, several in _new(sights, frontier, moment, floors, what, every=every):
        new = [one for one in several if fits(one, (), 0)]
        if new:
            if is_oldest:
                nexts.append(_element(s, new, made, moment.after, 0))
            found += [Fit(one, ()) for one in new]
    return Explanation(nexts, found)


def tries(sights: Sights, frontier: Sequence[Element], moment: Moment, floors: Floors) -> list[Try]:
    """The combinations that a new sync might read, oldest first; see `explain` for which."""
    return [one for _, _, several in _new(sights, frontier, moment, floors, None, every=False) for one in several]


def _new(
    sights: Sights,
    frontier: Sequence[Element],
    moment: Moment,
    floors: Floors,
    what: Action | Status | None,
    *,
    every: bool,
) -> list[tuple[int, bool, list[Try]]]:
    """The combinations of a new sync by version of the set, without those on whose pods no sync can write `what`.

    With each version goes whether it is the oldest of those on which a sync does the same.
    """
    able: dict[int, bool] = {}
    by_s: list[tuple[int, bool, list[Try]]] = []
    for s, is_oldest, floor in _versions(sights, frontier, moment, floors, every=every):
        found: list[Try] = []
        # A pod that its set does not select makes no version of its own.
        for p in range(min(max(floor, floors.p, sights.first_p), moment.p - 1), moment.p):
            is_able = able.get(p)
            if is_able is None:
                is_able = able[p] = what is None or _may_see(sights.pods_at(p), what)
            if is_able:
                found += sights.at(s, p, moment.after, moment.write.t)
        if found:
            by_s.append((s, is_oldest, found))
    return by_s


def _versions(
    sights: Sights, frontier: Sequence[Element], moment: Moment, floors: Floors, *, every: bool
) -> list[tuple[int, bool, int]]:
    """The versions of the set that a new sync may read, whether each is the oldest of its kind, and the oldest pods with it.

    After a restart the caches may stand anywhere, and a set has hundreds of versions that differ in the counters of their status.
    A sync that read an older one of the same kind may be followed by every sync that may follow one that read a newer.
    """
    oldest: dict[tuple[object, ...], int] = {}
    newest: dict[int, int] = {}
    allowed: list[tuple[int, int]] = []
    for s in range(max(min([each.s for each in frontier]), floors.s, sights.first_s), moment.s):
        floor = floor_of_pods(frontier, s)
        if floor is not None:
            allowed.append((s, floor))
            newest[oldest.setdefault((floor, *sights.kind(s)), s)] = s
    last = frozenset(newest.values())
    return [(s, s in newest, floor) for s, floor in allowed if every or s in newest or s in last]


def _may_see(pods: PodsVersion, what: Action | Status) -> bool:
    """Whether a sync on these pods might write this: a quick look, before it is worked out what the sync does."""
    if not pods.is_plain:
        return True
    if isinstance(what, Status):
        return len(pods.pods) == what.replicas and pods.ready == what.ready
    for pod in pods.pods:
        if pod.ordinal == what.ordinal:
            return not (isinstance(what, Create) or pod.terminating)
    return True


def _of_open(sights: Sights, element: Element, moment: Moment) -> list[Try]:
    """Combinations that explain what an open sync has written so far."""
    found = []
    for p in element.open:
        several = sights.at(element.s, p, element.began, moment.write.t)
        found += [one for one in several if len(several) == 1 or has_made(one.sync, element.made)]
    return found


def _fits(what: Action | Status, there: Now, rules: Rules) -> Callable[[Try, Sequence[Action], int], bool]:
    """Whether a sync on a combination that has made so much, and so many wrong writes, may write `what` next."""
    if not isinstance(what, Status):
        return lambda one, made, wrong: may_write(one.sync, made, what, there)
    return lambda one, made, wrong: may_end(one.sight.version, one.sync, made, what, there, wrong, rules)


def _element(s: int, tries: Sequence[Try], made: tuple[Action, ...], began: float, wrong: int) -> Element:
    """The element after a write that these combinations explain; after a status (nothing `made`) the sync is over."""
    if not made:
        return Element(s, min([one.p for one in tries]))
    ps = tuple(sorted({one.p for one in tries}))
    return Element(s, ps[0], ps, made, began, wrong)
