"""What differs between releases."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.embedded.release import CONSISTENCY, MAX_UNAVAILABLE, RECREATE, Release


@dataclass(frozen=True)
class Rules:
    """How the StatefulSet controller of a release behaves; the defaults are those of 1.37.

    `max_unavailable`: a rolling update counts all unavailable pods and may take down several at once; without it the walk
    stops at the first pod that is not available (gate MaxUnavailableStatefulSet, on in 1.35.0-1.35.3 and from 1.37).
    `broken_first`: with `max_unavailable`, a Parallel set first replaces old pods that are not available, whatever the
    budget (1.37). `consistency`: a sync waits until the caches have shown the controller's own last writes (1.36).
    `available_gates`: scale-down and update wait for availability, not only for Ready (1.34). `completes_on_delete`: an
    OnDelete update ends too (1.37). `keeps_conditions`: a status write keeps the conditions that others wrote (1.37).
    `recreates`: the strategy Recreate is known (gate StatefulSetRecreateStrategy, off by default in 1.37).
    """

    max_unavailable: bool = True
    consistency: bool = True
    available_gates: bool = True
    broken_first: bool = True
    completes_on_delete: bool = True
    keeps_conditions: bool = True
    recreates: bool = False

    @classmethod
    def of(cls, version: str, gates: Mapping[str, bool] | None = None) -> "Rules":
        """The rules of a release such as 1.36.3; `gates` are those that differ from its defaults."""
        release = Release(version, gates or {})
        number = tuple(int(part) for part in version.split(".")[:2])
        is_new = number >= (1, 37)
        return cls(
            max_unavailable=release.has(MAX_UNAVAILABLE),
            consistency=release.has(CONSISTENCY),
            available_gates=number >= (1, 34),
            broken_first=is_new,
            completes_on_delete=is_new,
            keeps_conditions=is_new,
            recreates=release.has(RECREATE),
        )
