"""The course of one sync: what it may write next and how it may end, given what it has written.

Any action may fail, which leaves nothing to see and ends the sync with a status; and a delete of a pod that is gone or
terminating already succeeds without anything to see.
"""

from collections.abc import Sequence

from msgspec import structs

from chaos.checkers.controller.algorithm import Action, Create, Delete, Sync, completed
from chaos.checkers.controller.rules import Rules
from chaos.checkers.controller.states import Pod, SetVersion, Status


class Now:
    """The pods of a set when a write is made."""

    __slots__ = ("_staying", "pods")

    def __init__(self, pods: tuple[Pod, ...]) -> None:
        self.pods = pods
        self._staying: dict[str, int] | None = None

    def stays(self, uid: str) -> bool:
        """Whether the pod with this uid is there, and not on its way out."""
        return uid in self._stay()

    def has(self, delete: Delete) -> bool:
        """Whether the pod that is meant could still be deleted."""
        if delete.uid:
            return delete.uid in self._stay()
        return delete.ordinal in self._stay().values()

    def _stay(self) -> dict[str, int]:
        if self._staying is None:
            self._staying = {pod.uid: pod.ordinal for pod in self.pods if not pod.terminating}
        return self._staying


def may_write(sync: Sync, made: Sequence[Action], action: Action, now: Now) -> bool:
    """Whether a sync that has made `made` may make `action` next."""
    if made and is_among(action, made):
        return False
    if is_among(action, sync.replicas) or is_among(action, sync.condemned):
        return True
    if not is_among(action, sync.updates) or not _all_done(sync.condemned, made, now):
        return False
    at = [each.ordinal for each in sync.updates].index(action.ordinal)
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
    for each in deletes:
        if now.has(each) and not is_among(each, made):
            return False
    return True


def is_among(action: Action, actions: Sequence[Action]) -> bool:
    """Whether one of `actions` writes the same as `action`: a delete hits whatever has the name."""
    if isinstance(action, Create):
        return action in actions
    for each in actions:
        if each.ordinal == action.ordinal and isinstance(each, Delete):
            return True
    return False
