"""What syncs of one set may have seen: the versions of the set and of its pods, and what a sync does on each combination.

Versions have numbers that never change, though old ones are forgotten. What a sync does is worked out once per combination.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from chaos.checkers.controller.algorithm import Sync, sync
from chaos.checkers.controller.bindings import Binding, bindings
from chaos.checkers.controller.revisions import Revisions
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, PodsVersion, SetVersion, Sight
from chaos.checkers.controller.wall import ClusterClock

KEPT_S = 600.0
"""How long states stay behind the cursors."""

MOST_KEPT = 4096
"""Combinations whose syncs are remembered."""


class Course:
    """What a sync does on what it sees, and the rules that it meets there: alike for all versions with this spec."""

    __slots__ = ("_bound", "_rules", "_sight", "sync")

    def __init__(self, sight: Sight, rules: Rules) -> None:
        self.sync = sync(sight, rules)
        self._sight = sight
        self._rules = rules
        self._bound: frozenset[Binding] | None = None

    def bound(self) -> frozenset[Binding]:
        """Rules that held a sync back, or decided, in these states."""
        if self._bound is None:
            self._bound = bindings(self._sight, self.sync, self._rules)
        return self._bound


class Try(Struct, frozen=True, gc=False):
    """One combination of states: version `s` of the set, version `p` of its pods, and what a sync does there."""

    s: int
    p: int
    sight: Sight
    sync: Sync
    course: Course


class Sights:
    """Everything that a sync of one set may have seen, by number of version."""

    def __init__(self, uid: str, name: str, rules: Rules, revisions: Revisions, clock: ClusterClock) -> None:
        self._uid = uid
        self._name = name
        self._rules = rules
        self._revisions = revisions
        self._clock = clock
        self._sets: list[SetVersion] = []
        self._pods: list[PodsVersion] = []
        self.first_s = 0
        self.first_p = 0
        self._made: dict[tuple[int, int], list[Try]] = {}
        self._courses: dict[tuple[object, ...], Course] = {}
        self._named: dict[int, list[tuple[str, str]]] = {}
        self._changes = -1

    @property
    def end_s(self) -> int:
        """The number that the next version of the set gets."""
        return self.first_s + len(self._sets)

    @property
    def end_p(self) -> int:
        """The number that the next version of the pods gets."""
        return self.first_p + len(self._pods)

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

    def set_at(self, s: int) -> SetVersion:
        return self._sets[s - self.first_s]

    def pods_at(self, p: int) -> PodsVersion:
        return self._pods[p - self.first_p]

    def earliest(self, p: int) -> float:
        """What the cluster's clock showed at the earliest when a sync read these pods."""
        return self._clock.earliest(self.pods_at(p).written)

    def kind(self, s: int) -> tuple[object, ...]:
        """What of a version of the set decides what a sync does on it, and which rules that shows."""
        version = self.set_at(s)
        status = version.status
        return (
            version.generation,
            version.deleting,
            status.current if not version.has_rolling_update else 0,
            status.current_revision,
            status.update_revision,
            status.observed_generation,
        )

    def at(self, s: int, p: int, began: float, until: float) -> list[Try]:
        """What a sync does that reads these versions; more than one where it cannot be told what exactly it sees.

        `began` and `until` are seconds of the run between which it reads the clock.
        """
        if self._changes != self._revisions.changes or len(self._made) + len(self._courses) > MOST_KEPT:
            self._renew()
        if self.set_at(s).min_ready_s:
            return self._aged(s, p, began, until)
        found = self._made.get((s, p))
        if found is None:
            found = [self._try(s, p, sight, at) for at, sight in enumerate(self._sights(s, p))]
            self._made[s, p] = found
        return found

    def named(self, s: int) -> list[tuple[str, str]]:
        """What a sync that reads this version may take for the current and the update revision; nothing if none is known."""
        if self._changes != self._revisions.changes:
            self._renew()
        named = self._named.get(s)
        if named is None:
            named = self._named[s] = self._revisions_of(self.set_at(s))
        return named

    def _renew(self) -> None:
        self._made.clear()
        self._courses.clear()
        self._named.clear()
        self._changes = self._revisions.changes

    def _try(self, s: int, p: int, sight: Sight, *which: object) -> Try:
        """The combination; `which` tells what is seen apart where versions and revisions do not."""
        version = sight.version
        # Of the status, only this decides what a sync does, and only where no stanza says it.
        kept = 0 if version.has_rolling_update else version.status.current
        key = (version.generation, version.deleting, kept, p, sight.current, sight.update, *which)
        course = self._courses.get(key)
        if course is None:
            course = self._courses[key] = Course(sight, self._rules)
        return Try(s, p, sight, course.sync, course)

    def _sights(self, s: int, p: int) -> list[Sight]:
        version, pods = self._sets[s - self.first_s], self._pods[p - self.first_p]
        claims = [pods.pods] if pods.is_plain else _claims(version, pods.pods, self.pods)
        return [Sight(version, claimed, *pair) for pair in self.named(s) for claimed in claims]

    def _revisions_of(self, version: SetVersion) -> list[tuple[str, str]]:
        """What a sync may take for the current revision, with the update revision; nothing if that is not known."""
        update = self._revisions.update(self._name, self._uid, version)
        if update is None:
            return []
        return [(current, update) for current in self._revisions.current(version.status.current_revision, update)]

    def _aged(self, s: int, p: int, began: float, until: float) -> list[Try]:
        """minReadySeconds: which pods are available depends on the moment at which the sync reads the clock."""
        version = self.set_at(s)
        earliest = self._clock.earliest(max(began, version.written, self.pods_at(p).written))
        latest = self._clock.latest(until)
        found = []
        for at, sight in enumerate(self._sights(s, p)):
            due = [pod.ready_since + version.min_ready_s if pod.ready else float("inf") for pod in sight.pods]
            for moment in [earliest, *sorted({each for each in due if earliest < each <= latest})]:
                available = tuple([each <= moment for each in due])
                aged = sight
                if available != tuple([pod.available for pod in sight.pods]):
                    pods = zip(sight.pods, available, strict=True)
                    aged = Sight(version, tuple([_aged(*each) for each in pods]), sight.current, sight.update)
                found.append(self._try(s, p, aged, at, available))
        return found

    def age_of_set(self, s: int, now: float) -> float:
        """How long ago this version of the set was replaced: 0 if it is the newest."""
        after = s - self.first_s + 1
        return now - self._sets[after].t if after < len(self._sets) else 0.0

    def age_of_pods(self, p: int, now: float) -> float:
        """How long ago this version of the pods was replaced: endlessly little if it is the newest."""
        after = p - self.first_p + 1
        return now - self._pods[after].t if after < len(self._pods) else float("-inf")

    def are_unresolved(self, s: int) -> bool:
        """Whether the revision of a version from `s` on has no name here."""
        oldest = max(s - self.first_s, 0)
        return any(self._revisions.update(self._name, self._uid, each) is None for each in self._sets[oldest:])

    def forget(self, s: int, p: int, now: float) -> None:
        """Versions below `s` and `p` are read no more: drop those that are old."""
        while self.first_s < s and len(self._sets) > 1 and self._sets[1].t < now - KEPT_S:
            del self._sets[0]
            self.first_s += 1
        while self.first_p < p and len(self._pods) > 1 and self._pods[1].t < now - KEPT_S:
            del self._pods[0]
            self.first_p += 1


def _aged(pod: Pod, is_available: bool) -> Pod:
    return pod if pod.available == is_available else structs.replace(pod, available=is_available)


def _claims(version: SetVersion, pods: tuple[Pod, ...], now: Sequence[Pod]) -> list[tuple[Pod, ...]]:
    """The pods that a sync may claim: its own, and orphans that it adopts, unless they are gone when it tries."""
    if not any(pod.adoptable for pod in pods):
        return [pods]
    own = tuple(pod for pod in pods if not pod.adoptable)
    if version.deleting:
        return [own]
    there = {pod.uid for pod in now}
    found = (own, pods, tuple(pod for pod in pods if not pod.adoptable or pod.uid in there))
    return list(dict.fromkeys(found))
