"""How pods end."""

from chaos.verdict import Guarantee

TERMINATION = (
    Guarantee(
        "termination.graceful-deletes",
        ("S20", "S4"),
        "podctl: DeletePod; pkg/registry/core/pod/strategy.go: CheckGracefulDelete",
        "The controller deletes pods with their own grace period.",
        "the controller deletes a pod that has a node and has not ended",
        "the deletion of such a pod, more than 10 s after it got its node, first shows with a grace period of 0 that is not its own",
        "a deletion whose author cannot be told",
    ),
    Guarantee(
        "termination.evidence",
        ("S4",),
        "pkg/kubelet/status/status_manager.go: canBeDeleted",
        "A pod that is deleted gracefully is removed only once its containers have ended.",
        "a pod with a node is removed that was deleted with a grace period, and by no forced delete of this run",
        "it is removed in a phase that is neither Failed nor Succeeded",
        "a kubelet older than 1.27",
    ),
    Guarantee(
        "termination.grace",
        ("S4",),
        "kubernetes.io, Pod lifecycle: pod termination",
        "Containers of a deleted pod get their whole grace period before they are killed.",
        "a container that ran when its pod was deleted ends (grace of 5 s or more, and nobody shortens it)",
        "it ends by SIGKILL (exit code 137, reason Error) more than 4 s before its grace is over",
        "clocks of API server and nodes that are more than 4 s apart are not told from a breach",
    ),
    Guarantee(
        "termination.one-instance",
        ("S3",),
        "kubernetes.io, StatefulSet; pkg/kubelet/status/status_manager.go: canBeDeleted",
        "Of one name at most one pod runs: its container starts only after that of the pod before has ended.",
        "a container starts whose predecessor's end was seen",
        "by their statuses it starts more than 4 s before its predecessor's end",
        "pods that were deleted by force or lost with their node show no end; clocks that are more than 4 s apart",
    ),
)
