"""What a node is like: its images and how long things take on it.

The times are those of a real 1.37.2 node with containerd 2.4 on two cores: a pod alone on its node runs 0.6-0.9 s after its
creation; its status is final 0.2-0.3 s after its delete (nginx), and it is gone 0.1-0.7 s later.
"""

from dataclasses import dataclass

from chaos.embedded.release import Release

Between = tuple[float, float]
"""The shortest and the longest time in seconds; what is between is equally likely."""


@dataclass(frozen=True)
class NodeSettings:
    """One node's images and times.

    `version` is the kubelet's. `missing_names` are parts of names that no registry has, `missing_tags` tags; `present` need no pull.
    """

    present: tuple[str, ...] = ()
    missing_names: tuple[str, ...] = ("does-not-exist", "invalid.example/")
    missing_tags: tuple[str, ...] = ("broken",)
    pull_s: Between = (0.4, 1.2)
    sandbox_s: Between = (0.4, 0.75)
    starting_s: Between = (0.08, 0.2)
    noticing_s: Between = (0.1, 1.0)
    """From the end of a program to when the kubelet, which looks every second, knows of it."""
    teardown_s: Between = (0.1, 0.2)
    """From the end of the last container to when nothing of the pod runs."""
    clearing_s: Between = (0.1, 0.7)
    """From there to when its directories are gone, and with them the object."""
    stopping_s: Between = (0.02, 0.1)
    """How long a program takes that stops at once."""
    pods: int = 110
    version: str = Release().version
