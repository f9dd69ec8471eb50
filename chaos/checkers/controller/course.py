"""The course of one sync: what it may write next and how it may end, given what it has written.

Any action may fail, which leaves nothing to see and ends the sync with a status; and a delete of a pod that is gone or
terminating already succeeds without anything to see.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from chaos.checkers.controller.algorithm import Action, Create, Delete, Sync, completed
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Status


class Now(Struct, frozen=True, gc=False):
    """The pods of a set when a write is made."""

    pods: tuple[Pod, ...]

    def stays(self, uid: str) -> bool:
        """Whether the pod with this uid is there, and not on its way out."""
        return any(pod.uid == uid and not pod.terminating for pod in self.pods)

    def has(self, delete: Delete) -> bool:
        """Whether the pod that is meant could still be deleted."""
        if delete.uid:
            return self.stays(delete.uid)
        return any(pod.ordinal == delete.ordinal and not pod.terminating for pod in self.pods)


def may_write(sync: Sync, made: Sequence[Action], action: Action, now: Now) -> bool:
    """Whether a sync that has made `made` may make `action` next."""
    if is_among(action, made):
        return False
    if is_among(action, sync.replicas) or is_among(action, sync.condemned):
        return True
    if not is_among(action, sync.updates) or not _all_done(sync.condemned, made, now):
        return False
    at = next(i for i, each in enumerate(sync.updates) if same(each, action))
    return _all_done(sync.updates[:at], made, now)


def has_made(sync: Sync, made: Sequence[Action]) -> bool:
    """Whether everything in `made` belongs to this sync."""
    return all(is_among(action, sync.actions) for action in made)


def may_end(
    version: SetVersion, sync: Sync, made: Sequence[Action], status: Status, now: Now, wrong: int, rules: Rules
) -> bool:
    """Whether a sync that has made `made`, and `wrong` writes that it should not, may end with this status."""
    least = most = -1
    for count in sync.counts:
        # Most combinations differ in one of these, which no update delete changes.
        if (
            status.replicas != count.replicas
            or status.ready != count.ready
            or status.available != count.available
            or status.observed_generation != count.observed_generation
            or status.updated != count.updated
            or status.update_revision != count.update_revision
        ):
            continue
        if least < 0:
            least, most = counted(sync, made, now) if sync.updates else (0, 0)
            most += rules.counts_failed * bool(sync.updates)
        for updated in range(least, most + wrong + 1):
            if completed(version, structs.replace(count, current=count.current - updated), rules) == status:
                return True
    return False


def left(sync: Sync, made: Sequence[Action]) -> list[Action]:
    """What of the sync was not seen to be done."""
    actions = sync.actions
    return [action for action in actions if not is_among(action, made)] if actions else []


def counted(sync: Sync, made: Sequence[Action], now: Now) -> tuple[int, int]:
    """How many update deletes at least and at most the sync takes for made."""
    seen = 0
    for i, each in enumerate(sync.updates):
        if is_among(each, made) and not is_among(each, sync.replicas):
            seen = i + 1
    if not _all_done(sync.condemned, made, now):
        return 0, seen
    done = next((i for i, each in enumerate(sync.updates) if not _all_done((each,), made, now)), len(sync.updates))
    # The answer to the last one may have been lost, and so counted as failed.
    return max(seen - 1, 0), max(seen, done)


def _all_done(deletes: Sequence[Delete], made: Sequence[Action], now: Now) -> bool:
    return not any(now.has(each) and not is_among(each, made) for each in deletes)


def is_among(action: Action, actions: Sequence[Action]) -> bool:
    """Whether one of `actions` is `action`."""
    return any(same(action, each) for each in actions)


def same(one: Action, other: Action) -> bool:
    """Whether both write the same: a delete hits whatever has the name."""
    if isinstance(one, Create) or isinstance(other, Create):
        return one == other and isinstance(one, Create) and isinstance(other, Create)
    return one.ordinal == other.ordinal
