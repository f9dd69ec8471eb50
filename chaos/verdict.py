"""What a run proves: guarantees, findings, and three values that compose safely.

violated over unknown over held: one violation decides, one unknown spoils a held, and nothing is held by default.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

Verdict = Literal["held", "violated", "unknown"]


class Guarantee(msgspec.Struct, frozen=True):
    """One promise of StatefulSets.

    `rules` are the S-numbers of the specification; `opportunity` is the moment counted in `exercised`; `breaks` is the
    evidence that violates it; `unknown` what makes it unknown besides a gap or too few opportunities.
    """

    name: str
    rules: tuple[str, ...]
    source: str
    promise: str
    opportunity: str
    breaks: str
    unknown: str = ""


class Finding(msgspec.Struct, frozen=True):
    """A violation with its evidence: a sentence, the indices of the entries that prove it, the objects it is about."""

    message: str
    entries: tuple[int, ...]
    objects: tuple[str, ...] = ()
    known_bug: str = ""


class Judgement(msgspec.Struct, frozen=True):
    """What was concluded of one guarantee. `why` says what made it unknown, and what to change so that it is exercised."""

    verdict: Verdict
    required: bool
    exercised: int
    findings: tuple[Finding, ...] = ()
    why: str = ""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """violated if any is, else unknown if any is or there are none, else held."""
    seen = set(verdicts)
    if "violated" in seen:
        return "violated"
    return "held" if seen == {"held"} else "unknown"


class Report(msgspec.Struct, frozen=True):
    """The verdict of a run: `report.json`, and what every other form of report shows.

    `guarantees` is sorted by name; `operations` counts outcomes; `notes` are facts a reader must know and that decide nothing
    (silent actions allowed, suspects excused, rights missing).
    """

    verdict: Verdict
    seed: int
    target: dict[str, str]
    guarantees: dict[str, Judgement]
    operations: dict[str, int]
    notes: tuple[str, ...] = ()
