"""From the sights of pods to what happened to them: when one was created, and when its deletion began. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from tests.differential.following import Sight


class Moment(msgspec.Struct, frozen=True):
    """A pod was created, or its deletion began, with so many seconds for its containers.

    `beside` are the pods that were not Ready, or were going, at that moment: of a create those of lower ordinals, of a delete
    all others.
    """

    kind: Literal["create", "delete"]
    pod: str
    revision: str
    beside: tuple[str, ...] = ()
    grace_s: int | None = None

    def alone(self) -> str:
        """What happened, whatever there was beside it."""
        within = "" if self.grace_s is None else f" within {self.grace_s} s"
        return f"{self.kind} {self.pod} {self.revision}{within}"

    def __str__(self) -> str:
        return self.alone() + (f" beside unready {', '.join(self.beside)}" if self.beside else "")


def moments_of(sights: Sequence[Sight], standing: Mapping[str, bool]) -> list[Moment]:
    """What happened, in its order.

    Args:
        standing: the pods that there were before, and whether each was Ready and stayed.
    """
    found: list[Moment] = []
    well, going = dict(standing), set[str]()
    for sight in sights:
        name = sight.pod
        if sight.type == "ADDED":
            lower = (other for other in well if _ordinal(other) < _ordinal(name))
            found.append(Moment("create", name, sight.revision, _unwell(lower, well)))
            going.discard(name)
        elif name not in going and (sight.is_going or sight.type == "DELETED"):
            others = (other for other in well if other != name)
            found.append(Moment("delete", name, sight.revision, _unwell(others, well), sight.grace_s))
            going.add(name)
        if sight.type == "DELETED":
            well.pop(name, None)
        else:
            well[name] = sight.is_ready and not sight.is_going
    return found


def _unwell(names: Iterable[str], well: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if not well[name]))


def _ordinal(name: str) -> int:
    return int(name.rpartition("-")[2])
