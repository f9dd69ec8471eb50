"""The explain rule, for one StatefulSet: is there any combination of states that explains each controller write?

The controller acts on caches of unknown age. A write is judged by one question only, and named only after it failed. What is
kept is a frontier (`Element`): after a pod write its whole set of explaining pods stays open until the next write, since the
status that ends the sync must fit the same pods. From 1.36 on a new sync sees the controller's own earlier writes.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chaos.checkers.controller.algorithm import Action, Create, Delete, Rules, Sync, sync
from chaos.checkers.controller.bindings import Binding, bindings, by_write
from chaos.checkers.controller.frontier import Element, floor_of_pods, pruned
from chaos.checkers.controller.naming import Condition, broken, describe
from chaos.checkers.controller.revisions import Revisions
from chaos.checkers.controller.states import Pod, PodsVersion, SetVersion, Status

KEPT_S = 600.0
"""How long states stay behind the cursors."""

STALE_S = 10.0
"""A write that only older states explain is a suspect (spec A0.4)."""


class Write(NamedTuple):
    """A controller write at a resourceVersion, with the entry that recorded it."""

    rv: int
    i: int
    t: float
    what: Action | Status
    about: str


class Explained(NamedTuple):
    """The write fits. `stale_s` is the age of the youngest states that explain it; `fresh` what the young ones break."""

    exercised: tuple[str, ...]
    bound: frozenset[Binding]
    stale_s: float
    fresh: Condition | None
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


class _Try(NamedTuple):
    """One combination of states: what a sync does there. `claimed` are the pods it claims."""

    s: int
    p: int
    claimed: tuple[Pod, ...]
    current: str
    update: str
    sync: Sync


class Trial:
    """One set, from its creation on."""

    def __init__(self, uid: str, name: str, rules: Rules, revisions: Revisions) -> None:
        self.uid = uid
        self.name = name
        self._rules = rules
        self._revisions = revisions
        self._sets: list[SetVersion] = []
        self._pods: list[PodsVersion] = []
        self._forgotten = (0, 0)
        self._frontier = [Element(0, 0)]
        self._own_pods = 0
        self._own_status = 0
        self._restarted = False

    @property
    def version(self) -> SetVersion:
        """The newest version of the set."""
        return self._sets[-1]

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods as they are now."""
        return self._pods[-1].pods if self._pods else ()

    def see_set(self, version: SetVersion) -> None:
        """A version of the set that any later sync may read."""
        self._sets.append(version)

    def see_pods(self, version: PodsVersion) -> None:
        """Pods that any later sync may read; a version equal to the last is not kept."""
        if not self._pods or version.pods != self._pods[-1].pods:
            self._pods.append(version)

    def restart(self) -> None:
        """The controller's process is a new one: its caches may start from any retained state."""
        self._frontier = [self._reopened()]
        self._own_pods = self._own_status = 0
        self._restarted = True

    def judge(self, write: Write) -> Explained | Violation | Unjudged:
        """Judge a write against everything seen before it, and move the frontier on."""
        if isinstance(write.what, Status):
            self._revisions.report(self.uid, write.what.observed_generation, write.what.update_revision)
        tries = list(self._tries())
        nexts, explaining = self._explain(write.what, tries)
        if not explaining and self._unresolved():
            self._frontier = [self._reopened()]
            return Unjudged("the revision of the set's template is not known")
        # A restarted process may have read states that are no longer kept, until a write ties it to one that is.
        if not explaining and self._restarted:
            return Unjudged("nothing retained explains a write just after the controller restarted")
        self._restarted = False
        result = self._explained(write, explaining, tries) if explaining else self._violation(write, tries)
        if explaining:
            self._frontier = pruned(nexts)
        elif isinstance(write.what, Create | Delete):
            # Go on from every state of the window, or its sync's status would be a second, false alarm.
            by_s: dict[int, list[int]] = {}
            for one in tries:
                by_s.setdefault(one.s, []).append(one.p)
            opened = [Element(s, min(ps), tuple(sorted(set(ps))), wrong=True) for s, ps in by_s.items()]
            self._frontier = pruned([self._closed(element) for element in self._frontier] + opened)
        else:
            self._frontier = pruned(self._closed(element) for element in self._frontier)
        self._raise_floors(write)
        self._forget(write.t)
        return result

    def _unresolved(self) -> bool:
        """Whether a sync may have read a version whose revision has no name here."""
        oldest = max(min(element.s for element in self._frontier) - self._forgotten[0], 0)
        return any(self._revisions.update(self.name, self.uid, version) is None for version in self._sets[oldest:])

    def _tries(self) -> Iterator[_Try]:
        """Every combination that a new sync may read now, oldest first."""
        first_s = max(min(element.s for element in self._frontier), self._own_status, self._forgotten[0])
        last_p = self._forgotten[1] + len(self._pods) - 1
        for s in range(first_s, self._forgotten[0] + len(self._sets)):
            floor = floor_of_pods(self._frontier, s)
            if floor is None:
                continue
            for p in range(max(floor, self._own_pods, self._forgotten[1]), last_p + 1):
                yield from self._at(s, p)

    def _at(self, s: int, p: int) -> Iterator[_Try]:
        version = self._sets[s - self._forgotten[0]]
        update = self._revisions.update(self.name, self.uid, version)
        if update is None:
            return
        named = version.status.current_revision
        current = named if named and self._revisions.exists(named) else update
        for claimed in _claims(version, self._pods[p - self._forgotten[1]].pods):
            yield _Try(s, p, claimed, current, update, sync(version, claimed, current, update, self._rules))

    def _explain(self, what: Action | Status, tries: Sequence[_Try]) -> tuple[list[Element], list[_Try]]:
        """The frontier after the write, and the combinations that explain it."""
        nexts: list[Element] = []
        explaining: list[_Try] = []
        if isinstance(what, Status):
            for element in self._frontier:
                same = [t for p in element.open for t in self._at(element.s, p) if _ends(t.sync, what, element.wrong)]
                if same:
                    nexts.append(Element(element.s, min(t.p for t in same)))
                    explaining += same
        by_s: dict[int, list[int]] = {}
        for one in tries:
            if self._fits(one, what):
                by_s.setdefault(one.s, []).append(one.p)
                explaining.append(one)
        for s, ps in by_s.items():
            nexts.append(Element(s, min(ps), () if isinstance(what, Status) else tuple(sorted(set(ps)))))
        return nexts, explaining

    def _fits(self, one: _Try, what: Action | Status) -> bool:
        if not isinstance(what, Status):
            return one.sync.action == what
        if one.sync.action is None:
            return one.sync.status == what
        # A write that was refused, or a repeated delete, leaves no event of its own: its sync shows only this status.
        repeated = isinstance(one.sync.action, Delete) and not self._stays(one.sync.action.uid)
        return one.sync.refused == what or (repeated and one.sync.status == what)

    def _stays(self, uid: str) -> bool:
        return any(pod.uid == uid and not pod.terminating for pod in self.pods)

    def _explained(self, write: Write, explaining: Sequence[_Try], tries: Sequence[_Try]) -> Explained:
        ages = [self._age(one, write.t) for one in explaining]
        stale_s = min(ages)
        youngest = explaining[ages.index(stale_s)]
        versions = [(self._set_at(one.s), one) for one in explaining]
        bound = frozenset.intersection(*(bindings(v, one.claimed, one.current, one.update) for v, one in versions))
        exercised = set.intersection(*(set(by_write(v, one.current, one.update, write.what)) for v, one in versions))
        if not all(self._revisions.equals_template(self.name, v) for v, _ in versions):
            # Of another version of Kubernetes, the controller says itself what the revision is: that proves nothing.
            exercised.discard("revision.update-revision")
        fresh = None
        if stale_s > STALE_S:
            fresh = self._nearest(write.what, [one for one in tries if self._age(one, write.t) <= STALE_S])
        open_pods = {(element.s, p) for element in self._frontier for p in element.open}
        silent = isinstance(write.what, Status) and all(
            one.sync.action is not None and (one.s, one.p) not in open_pods for one in explaining
        )
        states = (self._set_at(youngest.s).i, self._pods_at(youngest.p).i)
        return Explained(tuple(sorted(exercised)), bound, stale_s, fresh[0] if fresh else None, silent, states)

    def _nearest(self, what: Action | Status, tries: Sequence[_Try]) -> tuple[Condition, _Try] | None:
        """The broken condition of the youngest combination with the fewest, and that combination."""
        best: tuple[int, Condition, _Try] | None = None
        for one in tries:
            conditions = broken(self._set_at(one.s), one.claimed, one.current, one.update, what, self._rules)
            if conditions and (best is None or len(conditions) <= best[0]):
                best = (len(conditions), conditions[0], one)
        return best[1:] if best else None

    def _violation(self, write: Write, tries: Sequence[_Try]) -> Violation | Unjudged:
        nearest = self._nearest(write.what, tries)
        if nearest is None:
            return Unjudged("the states that explain the write cannot follow the writes before it")
        condition, one = nearest
        version, pods = self._set_at(one.s), self._pods_at(one.p)
        seen = ", ".join(describe(pod) + f" at {pod.revision}" for pod in one.claimed) or "no pods"
        message = (
            f"{write.about} at resourceVersion {write.rv}: expected {condition.expected}. No state that the controller may "
            f"have seen explains it ({len(tries)} combinations since its last write). Nearest: StatefulSet {self.name} at "
            f"{version.rv} (generation {version.generation}, replicas {version.replicas}, {version.type}, partition "
            f"{version.partition}, currentRevision {one.current}, updateRevision {one.update}) with pods at {pods.rv}: {seen}"
        )
        return Violation(condition, message, (write.i, version.i, pods.i))

    def _raise_floors(self, write: Write) -> None:
        if not self._rules.reads_own_writes:
            return
        # The write's own version is the one that follows it.
        if isinstance(write.what, Create):
            self._own_pods = self._forgotten[1] + len(self._pods)
        elif isinstance(write.what, Status):
            self._own_status = self._forgotten[0] + len(self._sets)

    def _forget(self, now: float) -> None:
        least_s = min(element.s for element in self._frontier)
        least_p = min(min(element.open, default=element.p) for element in self._frontier)
        s, p = self._forgotten
        while s < least_s and len(self._sets) > 1 and self._sets[1].t < now - KEPT_S:
            del self._sets[0]
            s += 1
        while p < least_p and len(self._pods) > 1 and self._pods[1].t < now - KEPT_S:
            del self._pods[0]
            p += 1
        self._forgotten = (s, p)

    def _reopened(self) -> Element:
        return Element(self._forgotten[0], self._forgotten[1])

    def _closed(self, element: Element) -> Element:
        return Element(element.s, element.p)

    def _set_at(self, s: int) -> SetVersion:
        return self._sets[s - self._forgotten[0]]

    def _pods_at(self, p: int) -> PodsVersion:
        return self._pods[p - self._forgotten[1]]

    def _age(self, one: _Try, now: float) -> float:
        """How long ago the older of the two states was replaced: 0 if both are the newest."""
        s, p = one.s - self._forgotten[0] + 1, one.p - self._forgotten[1] + 1
        replaced = [versions[at].t for versions, at in ((self._sets, s), (self._pods, p)) if at < len(versions)]
        return max((now - t for t in replaced), default=0.0)


def _claims(version: SetVersion, pods: Sequence[Pod]) -> list[tuple[Pod, ...]]:
    """The pods that a sync may claim: its own, with and without the orphans that it may adopt."""
    own = tuple(pod for pod in pods if not pod.adoptable)
    if version.deleting or len(own) == len(pods):
        return [own]
    return [own, tuple(pods)]


def _ends(made: Sync, what: Status, wrong: bool) -> bool:
    """Whether this status may end the sync; one that deleted wrongly may count that as an update, too."""
    uncounted = made.refused._replace(current=made.refused.current - 1)
    return what in (made.status, made.refused) or (wrong and what == uncounted)
