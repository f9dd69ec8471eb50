"""The release of Kubernetes that is played: its version, and the feature gates that change what a StatefulSet does.

Only the StatefulSet controller, the defaults of a set and what the server says of itself follow it; everything else is as in
1.37.2. Facts: k8s.io/kubernetes 1.37.2 pkg/features/kube_features.go, CHANGELOG 1.34 to 1.37.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

NEWEST = {"1.34": "1.34.9", "1.35": "1.35.6", "1.36": "1.36.3", "1.37": "1.37.2"}
"""The patch release that each minor release stands for."""

MAX_UNAVAILABLE = "MaxUnavailableStatefulSet"
CONSISTENCY = "StaleControllerConsistencyStatefulSet"
RECREATE = "StatefulSetRecreateStrategy"


class UnknownRelease(Exception):
    """This release cannot be played; the message says which can."""


class Gate(NamedTuple):
    """A feature gate as the server reports it."""

    stage: str
    is_on: bool


@dataclass(frozen=True)
class Release:
    """`version` is a full one such as 1.36.3; `chosen` are gates that differ from its defaults."""

    version: str = NEWEST["1.37"]
    chosen: Mapping[str, bool] = field(default_factory=dict)

    @property
    def gates(self) -> dict[str, Gate]:
        """The gates that this release has, by name."""
        major, minor, patch = (int(part) for part in (*self.version.split("."), "0")[:3])
        release = (major, minor)
        found = {
            # On in 1.35.0, off again from 1.35.4.
            MAX_UNAVAILABLE: Gate(
                "BETA" if release >= (1, 35) else "ALPHA",
                release >= (1, 37) or (release == (1, 35) and patch <= 3),
            )
        }
        if release >= (1, 36):
            found[CONSISTENCY] = Gate("BETA", True)
        if release >= (1, 37):
            found[RECREATE] = Gate("ALPHA", False)
        if (*release, patch) >= (1, 34, 2):
            found["StatefulSetSemanticRevisionComparison"] = Gate("BETA", True)
        return {name: gate._replace(is_on=self.chosen.get(name, gate.is_on)) for name, gate in found.items()}

    def has(self, gate: str) -> bool:
        """Whether a gate is there and on."""
        found = self.gates.get(gate)
        return found is not None and found.is_on


def release(name: str, chosen: Mapping[str, bool] | None = None) -> Release:
    """The release of a name such as 1.36 or 1.36.3.

    Raises:
        UnknownRelease: it cannot be played.
    """
    minor = ".".join(name.split(".")[:2])
    parts = name.split(".")
    if minor not in NEWEST or len(parts) > 3 or not all(part.isdecimal() for part in parts):
        raise UnknownRelease(f"Kubernetes {name}: the embedded cluster plays {', '.join(NEWEST)}")
    return Release(name if len(parts) == 3 else NEWEST[minor], chosen or {})
