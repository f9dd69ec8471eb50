"""How long a container that ended rests before it is started again. Pure.

Facts: k8s.io/client-go 0.37 util/flowcontrol/backoff.go as k8s.io/kubernetes 1.37.2 pkg/kubelet uses it: the first time it is
started again at once, then after 10 s, doubling to 300 s; a run of more than 10 minutes is forgiven.
"""

FIRST_S, LONGEST_S = 10.0, 300.0
FORGIVEN_S = 2 * LONGEST_S

JITTER = 0.5
"""A kubelet comes back to a pod after the pause and up to half as much again."""


class Backoff:
    """The pauses of one container. Times are seconds of one clock."""

    def __init__(self) -> None:
        self.pause_s = 0.0
        self._since = 0.0

    def left(self, ended: float, now: float) -> float:
        """The seconds still to rest for a container that ended at `ended`; 0 if it may start."""
        if not self.pause_s or self._is_forgiven(ended):
            return 0.0
        return max(ended + self.pause_s - now, 0.0)

    def start(self, ended: float, now: float) -> None:
        """It is started again: the next pause is longer."""
        is_fresh = not self.pause_s or self._is_forgiven(ended)
        self.pause_s = FIRST_S if is_fresh else min(self.pause_s * 2, LONGEST_S)
        self._since = now

    def _is_forgiven(self, ended: float) -> bool:
        return ended - self._since > FORGIVEN_S
