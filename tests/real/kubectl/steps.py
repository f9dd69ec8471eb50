"""What a session consists of: commands, and what is waited for before each so that its result is determined."""

from typing import Literal, NamedTuple

NODE = "chaos-sts-spare"
"""The name of a node in commands and manifests. Each session draws one of its own in its place: the controller keeps by name when
a node was last heard of, even if it was deleted since, so a second node of that name would count as silent from the start
(k8s.io/kubernetes 1.37.2 pkg/controller/nodelifecycle, `nodeHealthMap`)."""

Relation = Literal["same", "within", "any order"]
"""The two outputs are to be the same; every line of the embedded cluster's is to be one of the real one's; or the same lines."""


class Until(NamedTuple):
    """A command that is repeated until it prints exactly this, blanks at the ends aside, or (None) until it succeeds."""

    argv: str
    prints: str | None = None


class Step(NamedTuple):
    """One command, without `kubectl` and without the namespace.

    `after` is awaited first. A command that does not end by itself is interrupted once it has printed `lines` lines; `meanwhile`
    are commands that are run as soon as it has printed its first.
    """

    name: str
    argv: str
    stdin: str = ""
    after: tuple[Until, ...] = ()
    relation: Relation = "same"
    lines: int = 0
    meanwhile: tuple[str, ...] = ()


class Chapter(NamedTuple):
    """Steps one after another, in a namespace of their own; chapters do not know of each other. `cleanup` are commands."""

    name: str
    steps: tuple[Step, ...]
    cleanup: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        """Where the chapter takes place."""
        return f"chaos-sts-kubectl-{self.name}"


def settled(name: str) -> Until:
    """Wait until a set is rolled out."""
    return Until(f"rollout status statefulset {name} --timeout=20s")


def scaled(name: str, replicas: int) -> Until:
    """Wait until a set has so many pods, all ready."""
    path = "{.spec.replicas}/{.status.replicas}/{.status.readyReplicas}"
    return Until(f"get statefulset {name} -o jsonpath={path}", f"{replicas}/{replicas}/{replicas or ''}")


def phase(pod: str, wanted: str) -> Until:
    """Wait until a pod is in a phase."""
    return Until(f"get pod {pod} -o jsonpath={{.status.phase}}", wanted)


def absent(kind: str, name: str) -> Until:
    """Wait until there is no such object."""
    return Until(f"get {kind} {name} --ignore-not-found -o name", "")
