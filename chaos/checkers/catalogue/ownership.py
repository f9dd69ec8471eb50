"""Whom a set takes in, whom it lets go, and what it puts back about its own."""

from chaos.verdict import Guarantee

_SUSPECT = (
    "a write that only states older than 10 s explain; a restart of the controller, for what was forgotten by then"
)

OWNERSHIP = (
    Guarantee(
        "ownership.adoption",
        ("S59", "S61"),
        "pkg/controller/controller_ref_manager.go: ClaimObject, RecheckDeletionTimestamp; pkg/controller/history",
        "A set adopts only orphans that its selector matches and that are not being deleted, and none once it is deleted itself.",
        "a pod or a revision without a controller is adopted (orphan-pods, or a set made again after an orphan delete)",
        "one is adopted that does not match, is being deleted, or became an orphan only after the set's deletion had begun, in "
        "every state that the controller may have seen",
        _SUSPECT,
    ),
    Guarantee(
        "ownership.release",
        ("S60",),
        "pkg/controller/controller_ref_manager.go: ClaimObject, ReleasePod",
        "A pod that the selector no longer matches loses its owner and keeps running; one that it matches keeps its owner.",
        "the set lets go of a pod (relabel-pods)",
        "a pod loses its owner, or one that does not match is deleted, in spite of every state that the controller may have seen; "
        "or a pod that does not match is owned for longer than any retry can take",
        _SUSPECT,
    ),
    Guarantee(
        "ownership.repair",
        ("S8",),
        "utils: identityMatches, updateIdentity; podctl: UpdateStatefulPod",
        "The label that names a pod is put back when somebody changes it.",
        "the label statefulset.kubernetes.io/pod-name of a pod is wrong and becomes right, not by this run (steal-name)",
        "the label is wrong for 30 s and three statuses that show all pods Ready",
    ),
)
