"""The explain rule, for one StatefulSet: is there any combination of states that explains each controller write?

The controller acts on caches of unknown age. A write is judged by one question only, and named only after it failed. What is
kept is a frontier (`Element`): after a pod write its whole set of explaining pods stays open until the next write, since what
else the sync writes, and the status that ends it, must fit the same pods. From 1.36 on a new sync sees the controller's own
earlier writes, unless the answer to one of them was lost.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct, structs

from chaos.checkers.controller.algorithm import Action, Create
from chaos.checkers.controller.bindings import Binding, always, by_write
from chaos.checkers.controller.course import Now, left
from chaos.checkers.controller.explanation import Explanation, Fits, Floors, Moment, Write, explain, tries
from chaos.checkers.controller.frontier import Element, closed, pruned
from chaos.checkers.controller.naming import Condition, broken, describe
from chaos.checkers.controller.revisions import Revisions
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.sights import Sights, Try
from chaos.checkers.controller.states import STALE_S, Pod, PodsVersion, SetVersion, Status
from chaos.checkers.controller.wall import ClusterClock

REMEMBERED_S = 60.0
"""For how long a lost answer may keep the controller from knowing of its own write."""

NO_FLOORS = Floors(0, 0)


class Suspect(NamedTuple):
    """The write fits only if something unlikely is so: `only` says what. `condition` is what is broken otherwise."""

    condition: Condition
    only: str


class Combination(NamedTuple):
    """Numbers of a version of the set and of one of its pods."""

    s: int
    p: int


class Explained(Struct, frozen=True, gc=False):
    """The write fits. `stale_s` is the age of the youngest states that explain it, which are recorded in entries `states`.

    `silent`: it fits only a sync that was to write more than was seen.
    """

    exercised: tuple[str, ...]
    bound: frozenset[Binding]
    stale_s: float
    suspect: Suspect | None
    silent: bool
    states: tuple[int, int]


class Violation(NamedTuple):
    """Nothing explains the write; `condition` is the one broken in the nearest states."""

    condition: Condition
    message: str
    entries: tuple[int, ...]


class Unjudged(NamedTuple):
    """The write cannot be judged."""

    why: str


class Trial:
    """One set, from its creation on."""

    def __init__(self, uid: str, name: str, rules: Rules, revisions: Revisions, clock: ClusterClock) -> None:
        self.uid = uid
        self.name = name
        self._rules = rules
        self._revisions = revisions
        self._sights = Sights(uid, name, rules, revisions, clock)
        self._frontier = [Element(0, 0)]
        self._floors = NO_FLOORS
        self._last_written = float("-inf")
        self._past: deque[tuple[Moment, list[Element]]] = deque()
        self._restarted = False

    @property
    def version(self) -> SetVersion:
        """The newest version of the set."""
        return self._sights.version

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods as they are now."""
        return self._sights.pods

    def see_set(self, version: SetVersion) -> None:
        """A version of the set that any later sync may read."""
        self._sights.see_set(version)

    def see_pods(self, version: PodsVersion) -> None:
        """Pods that any later sync may read."""
        self._sights.see_pods(version)

    def restart(self) -> None:
        """The controller's process is a new one: its caches may start from any retained state."""
        self._frontier = [self._reopened()]
        self._floors = NO_FLOORS
        self._past.clear()
        self._last_written = float("-inf")
        self._restarted = True

    def judge(self, write: Write) -> Explained | Violation | Unjudged:
        """Judge a write against everything seen before it, and move the frontier on."""
        if isinstance(write.what, Status):
            self._revisions.report(self.uid, write.what.observed_generation, write.what.update_revision)
        moment = Moment(write, self._sights.end_s, self._sights.end_p, self._last_written)
        explanation = explain(self._sights, self._rules, self._frontier, moment, self._floors)
        forgetful = False
        if not explanation.fits and self._floors != NO_FLOORS:
            explanation = self._without_floors(moment)
            forgetful = bool(explanation.fits)
        fits = explanation.fits
        if not fits and self._sights.are_unresolved(min(element.s for element in self._frontier)):
            self._past.clear()
            self._frontier = [self._reopened()]
            return Unjudged("the revision of the set's template is not known")
        # A restarted process may have read states that are no longer kept, until a write ties it to one that is.
        if not fits and self._restarted:
            return Unjudged("nothing retained explains a write just after the controller restarted")
        self._restarted = False
        result: Explained | Violation | Unjudged
        if fits:
            result = self._explained(moment, fits, forgetful)
            if isinstance(write.what, Status):
                self._revisions.saw(write.what.current_revision, write.what.update_revision, write.t)
            nexts: Iterable[Element] = explanation.frontier
        else:
            window = self._window(moment)
            result = self._violation(write, window)
            nexts = self._after_violation(write, window)
        self._remember(moment, keep=bool(fits) and not forgetful)
        self._frontier = pruned(nexts)
        self._raise_floors(write)
        self._last_written = write.written
        self._forget(write.t)
        return result

    def _window(self, moment: Moment) -> list[Try]:
        """Every combination that a new sync might read."""
        return tries(self._sights, self._frontier, moment, self._floors)

    def _remember(self, moment: Moment, *, keep: bool) -> None:
        """Keep where the caches may have stood before this write, as long as an answer may have been lost since."""
        if not self._rules.reads_own_writes:
            return
        if not keep:
            self._past.clear()
            return
        self._past.append((moment, self._frontier))
        while self._past[0][0].write.t < moment.write.t - REMEMBERED_S:
            self._past.popleft()

    def _without_floors(self, moment: Moment) -> Explanation:
        """The controller may not know of a write of its own whose answer it never got: the last minute, without floors."""
        frontier = self._past[0][1] if self._past else self._frontier
        with self._revisions.unfound():
            for earlier, _ in self._past:
                frontier = pruned(explain(self._sights, self._rules, frontier, earlier, NO_FLOORS).frontier)
        return explain(self._sights, self._rules, frontier, moment, NO_FLOORS)

    def _explained(self, moment: Moment, fits: Sequence[Fits], forgetful: bool) -> Explained:
        sights, write = self._sights, moment.write
        youngest, stale_s = self._youngest(fits, write.t)
        exercised, bound = self._proven(fits, write)
        if "revision.update-revision" in exercised and not all(
            self._revisions.equals_template(self.name, sights.set_at(each.s)) for each in fits
        ):
            # Of another version of Kubernetes, the controller says itself what the revision is: that proves nothing.
            exercised.remove("revision.update-revision")
        version = sights.set_at(youngest.s)
        if stale_s > STALE_S and not forgetful and version.min_ready_s:
            # Which pods are available to a sync depends on the version itself, not only on its kind.
            several = explain(sights, self._rules, self._frontier, moment, self._floors, every=True).fits
            stale_s = min(stale_s, self._youngest(several, write.t)[1])
        suspect = None
        if forgetful:
            only = "if the answer to an own write of the controller was lost"
            suspect = self._suspect(write, self._window(moment), only)
        elif stale_s > STALE_S:
            fresh = tries(sights, self._frontier, moment, self._floors, oldest_s=STALE_S)
            suspect = self._suspect(write, fresh, f"by states {stale_s:.1f} s old")
        silent = isinstance(write.what, Status) and all(
            left(one.sync, each.made) for each in fits for one in each.each(sights, write.t)
        )
        states = (version.i, sights.pods_at(youngest.p).i)
        return Explained(tuple(exercised), bound, stale_s, suspect, silent, states)

    def _youngest(self, fits: Sequence[Fits], now: float) -> tuple[Combination, float]:
        """The combination whose older state was replaced last, and how long ago: 0 if both are the newest."""
        if len(fits) == 1 == len(fits[0].ps):
            only = Combination(fits[0].s, fits[0].ps[0])
            return only, max(self._sights.age_of_set(only.s, now), self._sights.age_of_pods(only.p, now))
        youngest, least_s = Combination(0, 0), float("inf")
        first, last = min([each.ps[0] for each in fits]), max([each.ps[-1] for each in fits])
        ages = {p: self._sights.age_of_pods(p, now) for p in range(first, last + 1)}
        for each in fits:
            of_set = self._sights.age_of_set(each.s, now)
            age_s = max(of_set, min(map(ages.__getitem__, each.ps)))
            if age_s < least_s:
                least_s = age_s
                youngest = Combination(each.s, next(p for p in each.ps if max(of_set, ages[p]) == age_s))
        return youngest, least_s

    def _proven(self, fits: Sequence[Fits], write: Write) -> tuple[list[str], frozenset[Binding]]:
        """What is exercised and which rules are met in every combination that explains the write."""
        every = (one for each in fits for one in each.each(self._sights, write.t))
        first = next(every)
        exercised, bound = by_write(first.sight, write.what), first.course.bound()
        least = always(write.what)
        for one in every:
            if not bound and exercised == least:
                break
            if bound and one.course is not first.course:
                bound &= one.course.bound()
            if exercised != least:
                also = by_write(one.sight, write.what)
                exercised = [name for name in exercised if name in also]
        return exercised, bound

    def _suspect(self, write: Write, window: Sequence[Try], only: str) -> Suspect | None:
        nearest = self._nearest(write.what, window)
        return Suspect(nearest[0], only) if nearest else None

    def _nearest(self, what: Action | Status, window: Sequence[Try]) -> tuple[Condition, Try] | None:
        """The broken condition of the youngest combination with the fewest, and that combination."""
        best: tuple[int, Condition, Try] | None = None
        there = Now(self.pods)
        for one in window:
            conditions = broken(one.sight, one.sync, what, there, self._rules)
            if conditions and (best is None or len(conditions) <= best[0]):
                best = (len(conditions), conditions[0], one)
        return best[1:] if best else None

    def _violation(self, write: Write, window: Sequence[Try]) -> Violation | Unjudged:
        nearest = self._nearest(write.what, window)
        if nearest is None:
            return Unjudged("the states that explain the write cannot follow the writes before it")
        condition, one = nearest
        version, pods = self._sights.set_at(one.s), self._sights.pods_at(one.p)
        seen = ", ".join(describe(pod) + f" at {pod.revision}" for pod in one.sight.pods) or "no pods"
        message = (
            f"{write.about} at resourceVersion {write.rv}: expected {condition.expected}. No state that the controller may "
            f"have seen explains it ({len(window)} combinations since its last write). Nearest: StatefulSet {self.name} at "
            f"{version.rv} ({version.told}, currentRevision {one.sight.current}, updateRevision {one.sight.update}) with pods "
            f"at {pods.rv}: {seen}"
        )
        return Violation(condition, message, (write.i, version.i, pods.i))

    def _after_violation(self, write: Write, window: Sequence[Try]) -> Iterable[Element]:
        """Go on from every state of the window, or the status of a wrong sync would be a second, false alarm."""
        yield from map(closed, self._frontier)
        if isinstance(write.what, Status):
            return
        yield from (structs.replace(each, wrong=each.wrong + 1) for each in self._frontier if each.open)
        by_s: dict[int, list[Try]] = {}
        for one in window:
            by_s.setdefault(one.s, []).append(one)
        for s, several in by_s.items():
            ps = tuple(sorted({one.p for one in several}))
            yield Element(s, ps[0], ps, (), self._last_written, 1)

    def _raise_floors(self, write: Write) -> None:
        if not self._rules.reads_own_writes:
            return
        # The write's own version is the one that follows it.
        if isinstance(write.what, Create):
            self._floors = Floors(self._floors.s, self._sights.end_p)
        elif isinstance(write.what, Status):
            self._floors = Floors(self._sights.end_s, self._floors.p)

    def _forget(self, t: float) -> None:
        least_s = min([element.s for element in self._frontier])
        least_p = min([min(element.open) if element.open else element.p for element in self._frontier])
        self._sights.forget(least_s, least_p, t)

    def _reopened(self) -> Element:
        return Element(self._sights.first_s, self._sights.first_p)
