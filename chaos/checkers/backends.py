"""The pods that belong into slices, from version to version, and the versions that what a slice says agrees with.

One version differs from the one before in one pod. So a slice is compared with the newest pods as a whole, and then only with
what each step back changes.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from chaos.checkers.endpoints import Backend, Backing, Endpoint
from chaos.history.order import KEPT_S, Event


class Pods(Struct, frozen=True, gc=False):
    """The pods that belong into slices, by uid, from a version on. One differs from before: `changed` is its uid, and it `was`."""

    rv: int
    i: int
    t: float
    by_uid: Mapping[str, Backend]
    changed: str
    was: Backend | None


class Backends:
    """Versions, oldest first. They have numbers that never change: the oldest that is kept has the number `forgotten`."""

    def __init__(self) -> None:
        self.versions = [Pods(0, 0, 0.0, {}, "", None)]
        self.forgotten = 0

    @property
    def newest(self) -> Mapping[str, Backend]:
        """The pods now."""
        return self.versions[-1].by_uid

    def see(self, event: Event, pod: Backend | None) -> bool:
        """Take in what a pod is from this event on; whether that is something else than before."""
        was = self.newest.get(event.uid)
        if pod == was:
            return False
        by_uid = {uid: each for uid, each in self.newest.items() if uid != event.uid}
        if pod is not None:
            by_uid[event.uid] = pod
        self.versions.append(Pods(event.rv, event.i, event.t, by_uid, event.uid, was))
        while len(self.versions) > 2 and self.versions[1].t < event.t - KEPT_S:
            del self.versions[0]
            self.forgotten += 1
        return True

    def agreeing(
        self,
        said: Mapping[str, Endpoint],
        backing: Backing,
        family: str,
        oldest: int,
        is_owed: Callable[[Backend, Endpoint], bool],
    ) -> list[int]:
        """Places of the versions, newest first and down to `oldest`, with which `said` agrees.

        `is_owed` says whether a slice that says nothing of a pod, which should be this endpoint, is wrong.
        """

        def is_wrong(uid: str, pod: Backend | None) -> bool:
            right = backing.of(pod, family)
            told = said.get(uid)
            if told is not None:
                return right != told
            return pod is not None and right is not None and is_owed(pod, right)

        newest = self.newest
        wrong = {uid for uid in {**said, **newest} if is_wrong(uid, newest.get(uid))}
        found = []
        at = len(self.versions) - 1
        for version in reversed(self.versions[oldest:]):
            if not wrong:
                found.append(at)
            at -= 1
            # Below the oldest this is of no use, and does no harm.
            if is_wrong(version.changed, version.was):
                wrong.add(version.changed)
            else:
                wrong.discard(version.changed)
        return found
