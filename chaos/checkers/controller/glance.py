"""A quick look at what a sync must have read to make one write, before it is worked out what a sync does on each combination.

After a restart the controller's caches may stand anywhere: these are a million combinations, and few of them can have led to the
write. What fails here fits no sync (see `sync`, `may_write` and `may_end`). A demand on the pods is the same for most versions of
a set, so that the pods are looked through once for all of them.
"""

from collections.abc import Sequence

from msgspec import Struct

from chaos.checkers.controller.algorithm import Action, Create, Delete, revision_of_new
from chaos.checkers.controller.course import Now
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.sights import Sights
from chaos.checkers.controller.states import Pod, PodsVersion, SetVersion, Sight, Status
from chaos.checkers.controller.updates import budget


class Room(Struct, frozen=True, gc=False):
    """What holds updates of a Parallel set back: the pods from `first` to before `end` of which `budget` may be down.

    No budget: a pod is updated after all above it. `broken_first`: pods that are down need no budget; so are those that have not
    been Ready for `min_ready_s`.
    """

    first: int
    end: int
    budget: int | None
    broken_first: bool
    min_ready_s: int


class Demand(Struct, frozen=True, gc=False):
    """What a write asks of the pods that its sync read: on pods that fail, on one version of the set, no sync makes it.

    Ordinals from `start` to before `end` are there, Running, Ready and not terminating. A pod to delete is not at the revision
    `new`, unless it has ended; it may be `missing`; it must have `ended`; there is `room` for its update. `proves`: a sync surely
    makes the write on pods that meet all this.
    """

    start: int = 0
    end: int = 0
    new: str = ""
    missing: bool = False
    ended: bool = False
    room: Room | None = None
    proves: bool = False


NOTHING = Demand()


def demand(version: SetVersion, named: Sequence[tuple[str, str]], what: Action | Status, rules: Rules) -> Demand | None:
    """What the write asks of the pods if its sync read this version; None if no sync that did so makes it.

    `named` are the current and the update revisions that the sync may have taken.
    """
    if not named:
        return None
    if isinstance(what, Status):
        is_of_it = version.generation == what.observed_generation and named[0][1] == what.update_revision
        return NOTHING if is_of_it else None
    if version.deleting:
        return None
    if isinstance(what, Create):
        return _to_create(version, named, what)
    if version.type == "Recreate":
        return NOTHING
    end = version.start if version.parallel else version.start + version.replicas
    if not version.in_range(what.ordinal):
        return Demand(version.start, end, proves=version.parallel)
    if version.type != "RollingUpdate" or what.ordinal < version.start + version.partition:
        return Demand(ended=True)
    # Without a stanza, what is to be created now may be at an old revision, and is deleted at once (see `replicas_of`).
    missing = version.parallel and not version.has_rolling_update
    return Demand(version.start, end, named[0][1], missing, room=_room(version, rules))


def _room(version: SetVersion, rules: Rules) -> Room | None:
    if not version.parallel:
        return None
    limit = budget(version, rules) if rules.has_budget else None
    return Room(version.start, version.start + version.replicas, limit, rules.unavailable_first, version.min_ready_s)


def _to_create(version: SetVersion, named: Sequence[tuple[str, str]], what: Create) -> Demand | None:
    if not version.in_range(what.ordinal):
        return None
    fit = [revision_of_new(Sight(version, (), *pair), what.ordinal) == what.revision for pair in named]
    if not any(fit):
        return None
    proves = all(fit) and version.type != "Recreate"
    if version.parallel:
        return Demand(version.start, version.start, proves=proves)
    return Demand(version.start, what.ordinal, proves=proves and not version.min_ready_s)


def look(pods: PodsVersion, what: Action | Status, asked: Demand, earliest: float, now: Now) -> bool | None:
    """Whether a sync on these pods makes the write first, whatever else it sees: surely, surely not, or (None) perhaps.

    `earliest`: what the cluster's clock showed at the earliest when the sync began. `now`: the pods when the write was made.
    """
    if isinstance(what, Status):
        return None if not pods.is_plain or _may_count(pods, what) else False
    there = [pod for pod in pods.pods if pod.ordinal == what.ordinal]
    waits, has_ended = asked.start < asked.end, False
    if isinstance(what, Delete):
        going = [
            pod for pod in there if not pod.terminating and (pod.terminal or not asked.new or pod.revision != asked.new)
        ]
        if not going:
            return None if asked.missing and not there else False
        has_ended = any([pod.terminal for pod in going])
        if asked.ended and not has_ended:
            return False
    elif there and not any([pod.terminal or pod.adoptable for pod in there]):
        return False
    if waits and not has_ended and not _are_healthy(pods, range(asked.start, asked.end)):
        return False
    # What is adopted is not known; what has ended changes nothing for other pods.
    if not pods.is_plain and (any([pod.adoptable for pod in pods.pods]) or not _are_distinct(pods)):
        return None
    if isinstance(what, Create):
        return None if there else asked.proves or None
    if asked.room is not None and not has_ended:
        if not _has_room(pods, going[0], asked.new, asked.room, earliest):
            return False
        return (not asked.missing and _is_next(pods, going[0], asked.new, asked.room, earliest, now)) or None
    return asked.proves or None


def _has_room(pods: PodsVersion, target: Pod, new: str, room: Room, earliest: float) -> bool:
    in_range = [pod for pod in pods.pods if room.first <= pod.ordinal < room.end]
    above = [pod for pod in in_range if pod.ordinal > target.ordinal and not pod.terminating]
    if room.budget is None:
        are_new = len([pod for pod in above if pod.ready and pod.revision == new])
        return are_new == room.end - 1 - target.ordinal
    if room.broken_first:
        if not target.ready or (room.min_ready_s and target.ready_since + room.min_ready_s > earliest):
            return True
        # One above that is not Ready for long enough would go first as well, and takes its share of the budget.
        above = [pod for pod in above if pod.ready]
    up = len([pod for pod in in_range if pod.ready and not pod.terminating])
    return room.budget - (room.end - room.first - up) > len([pod for pod in above if pod.revision != new])


def _is_next(pods: PodsVersion, target: Pod, new: str, room: Room, earliest: float, now: Now) -> bool:
    """Whether nothing that is still to be deleted goes before an update for which there is room, as far as that is sure."""
    for pod in pods.pods:
        if room.min_ready_s and pod.ready and pod.ready_since + room.min_ready_s > earliest:
            return False
        if pod.terminating or not now.stays(pod.uid):
            continue
        if not room.first <= pod.ordinal < room.end:
            return False
        is_before = pod.ordinal > target.ordinal or (room.broken_first and not pod.ready)
        if is_before and pod.revision != new and pod is not target:
            return False
    return True


def _may_count(pods: PodsVersion, status: Status) -> bool:
    return (
        len(pods.pods) == status.replicas
        and pods.ready == status.ready
        and len([pod for pod in pods.pods if pod.revision == status.update_revision and not pod.terminating])
        == status.updated
    )


def _are_distinct(pods: PodsVersion) -> bool:
    return len({pod.ordinal for pod in pods.pods}) == len(pods.pods)


def _are_healthy(pods: PodsVersion, ordinals: range) -> bool:
    healthy = {
        pod.ordinal: None
        for pod in pods.pods
        if pod.ordinal in ordinals and pod.running_and_ready and not pod.terminating
    }
    return len(healthy) == len(ordinals)


class Seen(Struct, frozen=True, gc=False):
    """Versions of the pods on which a sync may make a write, oldest first; on those that are `unproven` it may as well not."""

    ps: tuple[int, ...]
    unproven: tuple[int, ...]


NOT_SEEN = Seen((), ())


class Glance:
    """What one write asks of the versions of a set and of its pods, asked once of each."""

    def __init__(self, sights: Sights, rules: Rules, what: Action | Status, now: Now) -> None:
        self._sights = sights
        self._rules = rules
        self._what = what
        self._now = now
        self._looked: dict[Demand, dict[int, bool | None]] = {}
        self._seen: dict[tuple[Demand, int, int], Seen] = {}

    def demand(self, s: int) -> Demand | None:
        """What the write asks of the pods with this version of the set; None if no sync on it can have made it."""
        return demand(self._sights.set_at(s), self._sights.named(s), self._what, self._rules)

    def among(self, asked: Demand, ps: Sequence[int]) -> Seen:
        """Those of these versions of the pods that may meet the demand."""
        if len(ps) == 1:
            found = self._look(ps[0], asked)
            return NOT_SEEN if found is False else Seen((ps[0],), () if found else (ps[0],))
        looked = self._looked.get(asked)
        if looked is None:
            looked = self._looked[asked] = {}
        for p in ps:
            if p not in looked:
                looked[p] = self._look(p, asked)
        return Seen(tuple([p for p in ps if looked[p] is not False]), tuple([p for p in ps if looked[p] is None]))

    def between(self, asked: Demand, first: int, end: int) -> Seen:
        """The versions of the pods from `first` to before `end` that may meet the demand."""
        if end - first == 1:
            return self.among(asked, (first,))
        seen = self._seen.get((asked, first, end))
        if seen is None:
            seen = self._seen[asked, first, end] = self.among(asked, range(first, end))
        return seen

    def _look(self, p: int, asked: Demand) -> bool | None:
        return look(self._sights.pods_at(p), self._what, asked, self._sights.earliest(p), self._now)
