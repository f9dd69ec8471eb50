"""What healthy syncs should have set right by now: each passes every pod in range, and has every reason to act.

A sync that fails is tried again and may still write its status, so that one status proves little: what is wrong for half a
minute and several statuses is not merely late (spec S83).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chaos.checkers.controller.states import STALE_S, status_of
from chaos.checkers.lease import ControllerLease

LASTS_S = 30.0
"""How long something must have been wrong."""

SYNCS = 3
"""How many statuses must have been written since then, those of the first seconds apart."""


class Late(NamedTuple):
    """Something that is wrong for too long, in seconds and statuses."""

    what: str
    lasted_s: float
    syncs: int


@dataclass
class _Wrong:
    since: float
    syncs: int = 0


class Overdue:
    """What is wrong now, each since when."""

    def __init__(self, lease: ControllerLease) -> None:
        self._lease = lease
        self._wrong: dict[str, _Wrong] = {}
        self._told: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing was wrong when it was last weighed."""
        return not self._wrong

    def weigh(self, now: float, wrong: Iterable[str]) -> None:
        """What is wrong from now on; whatever else was is right again."""
        self._wrong = {what: self._wrong.get(what) or _Wrong(now) for what in wrong}

    def synced(self, now: float) -> list[Late]:
        """A status was written: what is too late by now, each told once."""
        found = []
        for what, each in self._wrong.items():
            lasted_s = now - each.since
            each.syncs += lasted_s > STALE_S
            is_late = each.syncs >= SYNCS and lasted_s >= LASTS_S and what not in self._told
            if is_late and self._lease.ran(each.since, now):
                self._told.add(what)
                found.append(Late(what, lasted_s, each.syncs))
        return found


def is_healthy(state: Any) -> bool:
    """Whether the sync that wrote this status saw the newest spec, and all pods in range and Ready, and no other."""
    status, replicas = status_of(state), state["spec"].get("replicas", 1)
    observed = status.observed_generation == state["metadata"].get("generation", 0)
    return observed and "deletionTimestamp" not in state["metadata"] and status.ready == status.replicas == replicas
