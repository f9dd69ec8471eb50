"""Which rights a run cannot do without: those that every run needs, and those of the operations that its profile asks for."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from chaos.profile import Profile, steps

Right: TypeAlias = tuple[str, str]
"""A verb and a resource. It is asked for in the run's own namespace, which does not exist yet."""

CLUSTER_WIDE = ("namespaces", "nodes")

WATCHED = ("pods", "statefulsets", "persistentvolumeclaims", "controllerrevisions")
"""What a run cannot do without seeing. Of everything else that it watches, a missing right only costs guarantees."""

ESSENTIAL: tuple[Right, ...] = (
    ("create", "namespaces"),
    ("delete", "namespaces"),
    ("get", "namespaces"),
    ("create", "services"),
    ("create", "statefulsets"),
    ("patch", "statefulsets"),
    ("patch", "statefulsets/scale"),
    ("delete", "statefulsets"),
    ("create", "pods"),
    ("delete", "pods"),
    # A command over a WebSocket begins with a GET; from 1.35 on the server asks for create as well.
    ("get", "pods/exec"),
    ("create", "pods/exec"),
    *((verb, resource) for resource in WATCHED for verb in ("list", "watch")),
)

_PATCH_PODS: tuple[Right, ...] = (("patch", "pods"),)
_PATCH_CLAIMS: tuple[Right, ...] = (("patch", "persistentvolumeclaims"),)
_PATCH_NODES: tuple[Right, ...] = (("get", "nodes"), ("list", "nodes"), ("watch", "nodes"), ("patch", "nodes"))

_BY_STEP: Mapping[type, Sequence[Right]] = {
    steps.DeleteService: (("delete", "services"),),
    steps.ConflictingWriters: (("update", "statefulsets"),),
    steps.EvictPods: (("create", "pods/eviction"),),
    steps.CreateBudget: (("create", "poddisruptionbudgets"),),
    steps.DeleteBudget: (("delete", "poddisruptionbudgets"),),
    steps.DeleteClaims: (("delete", "persistentvolumeclaims"),),
    steps.HoldClaims: _PATCH_CLAIMS,
    steps.ReleaseClaims: _PATCH_CLAIMS,
    steps.RelabelPods: _PATCH_PODS,
    steps.StealName: _PATCH_PODS,
    steps.OrphanPods: _PATCH_PODS,
    steps.HoldPods: _PATCH_PODS,
    steps.ReleasePods: _PATCH_PODS,
    steps.FailPods: _PATCH_PODS,
    steps.Cordon: _PATCH_NODES,
    steps.Uncordon: _PATCH_NODES,
    steps.Drain: (*_PATCH_NODES, ("create", "pods/eviction")),
    steps.Taint: _PATCH_NODES,
    steps.Untaint: _PATCH_NODES,
}
"""What a step needs besides."""


def needed(profile: Profile) -> tuple[Right, ...]:
    """The rights that a run of this profile needs, each once."""
    special = (right for step in profile.operations for right in _BY_STEP.get(step, ()))
    return tuple(dict.fromkeys((*ESSENTIAL, *special)))
