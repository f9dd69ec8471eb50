"""Bugs of released StatefulSet controllers: they annotate a finding and never excuse it."""

from typing import NamedTuple


class KnownBug(NamedTuple):
    """A bug, the releases that have it (first and last of each range, inclusive) and the guarantees it breaks."""

    reference: str
    releases: tuple[tuple[str, str], ...]
    guarantees: tuple[str, ...]


KNOWN_BUGS = (
    KnownBug(
        "kubernetes#119685: an update counts as complete too early, and is taken back",
        (("1.25.12", "1.25.16"), ("1.26.7", "1.26.15"), ("1.27.4", "1.27.7"), ("1.28.0", "1.28.3")),
        ("status.completion", "partition.current-revision", "partition.create-revision", "status.counters"),
    ),
    KnownBug(
        "kubernetes#119234: the update of a Parallel set does not wait for minReadySeconds",
        (("1.24.0", "1.33.99"),),
        ("ordering.min-ready-seconds", "update.max-unavailable"),
    ),
    KnownBug(
        "kubernetes#118310: a pod that ended as Succeeded is never replaced",
        (("1.24.0", "1.26.99"),),
        ("progress.convergence",),
    ),
)


def known_bug(version: str, guarantee: str) -> str:
    """The bug of this controller version that breaks this guarantee; empty if none is known."""
    at = release(version)
    for bug in KNOWN_BUGS:
        if guarantee in bug.guarantees and any(release(a) <= at <= release(b) for a, b in bug.releases):
            return bug.reference
    return ""


def release(version: str) -> tuple[int, ...]:
    """A version such as v1.35.4-vendor.1 in numbers, to compare: (1, 35, 4)."""
    plain = version.removeprefix("v").partition("-")[0].partition("+")[0]
    return tuple(int(part) for part in plain.split(".") if part.isdigit())
