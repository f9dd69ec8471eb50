"""The controller manager's Lease: who holds it, and whether its holder was seen to run.

A change of hands means a new process, whose caches may start from older states. While it is not renewed the process is paused
or gone: what it did not do then, it could not do, and what it does next it may do on old states.
"""

from chaos.history.entries import Entry

PAUSE_S = 5.0
"""A Lease is renewed every 2 s by default (kube-controller-manager --leader-elect-retry-period)."""


class ControllerLease:
    """Renewals and changes of hands, by time of receipt."""

    def __init__(self) -> None:
        self._first = 0.0
        self._last: float | None = None
        self._spans: list[tuple[float, float, str]] = []
        self._holder = ""

    def on_version(self, entry: Entry, holder: str) -> bool:
        """A version of the Lease; True if the controller now runs in another process."""
        changed = bool(self._holder) and holder != self._holder
        self._holder = holder
        if self._last is None:
            self._first = self._last = entry.t
        if entry.t - self._last > PAUSE_S:
            self._spans.append((self._last, entry.t, "the controller's Lease was not renewed meanwhile"))
        if changed:
            self._spans.append((self._last, entry.t, "the controller's Lease changed hands"))
        self._last = entry.t
        return changed

    @property
    def is_known(self) -> bool:
        """Whether the Lease was seen."""
        return self._last is not None

    def covering(self, began: float, ended: float) -> str:
        """Why states as old as `began` may have been read until `ended`; empty if nothing says so."""
        return next((why for start, end, why in self._spans if start <= ended and end >= began), "")

    def ran(self, began: float, ended: float) -> bool:
        """Whether one process held the Lease and renewed it from `began` to `ended`."""
        if self._last is None or began < self._first - PAUSE_S or ended > self._last + PAUSE_S:
            return False
        return not self.covering(began, ended)
