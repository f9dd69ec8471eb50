"""Claims: what they are, when they come, who owns them, when they go."""

from chaos.verdict import Guarantee

_SUSPECT = (
    "a write that only states older than 10 s explain; a restart of the controller, for what was forgotten by then"
)
_UTILS = "utils: isClaimOwnerUpToDate, updateClaimOwnerRefForSetAndPod (1.27; foreign controllers from 1.31)"

CLAIMS = (
    Guarantee(
        "claims.shape",
        ("S52",),
        "utils: getPersistentVolumeClaims",
        "A claim is named <template>-<set>-<ordinal> and has the labels of its template and of the set's selector.",
        "the controller creates a claim",
        "a new claim lacks one of these labels, or has another value",
    ),
    Guarantee(
        "claims.before-pod",
        ("S15", "S52"),
        "podctl: CreateStatefulPod, createPersistentVolumeClaims",
        "A pod is created only once each of its claims exists and is not being deleted.",
        "a pod is created whose claim is new since its last life",
        "a pod is created, and in no state that the controller may have seen its claim exists without a deletionTimestamp",
        _SUSPECT,
    ),
    Guarantee(
        "claims.repaired",
        ("S57",),
        "control: processReplica (1.27); podctl: createMissingPersistentVolumeClaims",
        "A claim that is missing of a pending pod in range is made again.",
        "a claim is created for a pod that is Pending (delete a claim and its pod)",
        "a phase is not reached, such a claim is missing, a pod or the set changed 10 s and more after it went, and then nothing "
        "changed for longer than any retry can take",
        "a phase that ended before that",
    ),
    Guarantee(
        "claims.retain",
        ("S54",),
        _UTILS,
        "Under Retain the controller gives a claim no owner, and takes those away that an earlier policy asked for.",
        "the controller deletes a condemned pod under Retain, or takes owners away after the policy became Retain",
        "owners of a claim change to what no policy of the set in the window asks for, and the newest is Retain",
        _SUSPECT,
    ),
    Guarantee(
        "claims.when-scaled",
        ("S55",),
        _UTILS,
        "Under whenScaled: Delete a claim belongs to its pod once that is condemned, and goes with it; before, it does not.",
        "a claim gets a condemned pod as its owner, or is collected after it (set whenScaled: Delete and scale down)",
        "a claim gets or keeps its pod as an owner as no policy of the set in the window asks for, or is not collected in 2 minutes",
        _SUSPECT,
    ),
    Guarantee(
        "claims.when-deleted",
        ("S56",),
        _UTILS,
        "Under whenDeleted: Delete claims belong to their set and go with it.",
        "a claim gets the set as its owner, or is collected after it (set whenDeleted: Delete)",
        "a claim gets or loses the set as an owner as no policy of the set in the window asks for, or is not collected in 2 minutes",
        _SUSPECT,
    ),
    Guarantee(
        "claims.foreign-owner",
        ("S58",),
        "utils: hasUnexpectedController (1.31)",
        "A claim that somebody else controls gets no owner of ours, and loses those that it has; other owners stay.",
        "the controller takes its own references from a claim that somebody else controls",
        "such a claim gets the set or a pod as an owner, or loses an owner that is not ours",
        _SUSPECT,
    ),
    Guarantee(
        "claims.owner-first",
        ("S19",),
        "control: updateStatefulSet (fixPodClaim)",
        "Under whenScaled: Delete a condemned pod is deleted only once its claims belong to it.",
        "the controller deletes a condemned pod under whenScaled: Delete",
        "a condemned pod is deleted before any version of a claim of it, that somebody else does not control, names it",
        _SUSPECT,
    ),
    Guarantee(
        "claims.owned",
        ("S54", "S56"),
        "control: processReplica; podctl: UpdateStatefulPod",
        "Once all pods are Ready, their claims have the owners that the policy asks for.",
        "a status is written with all pods Ready under a policy with Delete",
        "a claim has other owners for 30 s and three such statuses",
        "a controller older than 1.31 is not judged",
    ),
    Guarantee(
        "claims.kept",
        ("S53", "S54", "S55", "S64"),
        "pkg/controller/garbagecollector: attemptToDeleteItem; kubernetes.io, StatefulSet: limitations",
        "A claim goes only when this run deletes it, or when the last of its owners is gone.",
        "a pod is gone, and its claim is there and belongs to somebody else or nobody",
        "a claim is deleted by no operation of this run while an owner of it is there, or while it has none",
    ),
)
