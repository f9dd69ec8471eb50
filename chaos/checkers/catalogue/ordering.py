"""Which pods are created and condemned, in which order."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

ORDERING = (
    Guarantee(
        "ordering.range",
        ("S6",),
        "control: updateStatefulSet",
        "Pods are created only for ordinals from start to start + replicas - 1.",
        "the controller syncs a generation of the set",
        "a pod is created whose ordinal is in range in no version of the set that the controller may have seen",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.create-order",
        ("S10", "S11"),
        "control: runForAll, processReplica",
        "The lowest missing ordinal is created first, one at a time.",
        "the controller syncs while two or more ordinals are missing",
        "a pod is created while in every state that the controller may have seen a lower ordinal is missing",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.create-gate",
        ("S9", "S12"),
        "control: processReplica",
        "A pod is created only when every lower one is Running and Ready and not terminating.",
        "the controller syncs while an ordinal is missing above a pod that is not Running and Ready",
        "a pod is created while in every state that the controller may have seen a lower pod is not Running and Ready",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.scale-down-order",
        ("S16",),
        "control: processCondemned",
        "A scale-down deletes from the highest ordinal down, the next only after the last is gone.",
        "the controller syncs while one condemned pod terminates and another waits (scale down by 2 or more, slow termination)",
        "a condemned pod is deleted while in every state that the controller may have seen a higher one still exists",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.scale-down-gate",
        ("S17",),
        "control: updateStatefulSet",
        "Nothing is scaled down before every pod in range exists and is Running and Ready.",
        "the controller syncs while pods are condemned and a pod in range is missing or not Ready",
        "a condemned pod is deleted while in every state the controller may have seen a pod in range is missing or not Ready",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.scale-down-unhealthy",
        ("S18",),
        "control: processCondemned",
        "An unready condemned pod is deleted only if it is the lowest unavailable one.",
        "the controller syncs while the highest condemned pod and a lower one are both unready",
        "an unready condemned pod is deleted while in every state a lower condemned pod is unavailable too",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.min-ready-seconds",
        ("S9", "S17", "S18", "S22", "S68", "S69"),
        "control: processReplica, processCondemned; pkg/api/v1/pod: IsPodAvailable",
        "Where the controller waits for a pod, it waits until the pod was Ready for minReadySeconds.",
        "the controller syncs while it has something to do and only a pod that is Ready for too short a time keeps it from it",
        "a pod is created or deleted while in every state a pod it waits for was Ready for less than minReadySeconds, less the "
        "2 s that clocks may differ",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.start-ordinal",
        ("S30", "S70"),
        "utils: getStartOrdinal, podInOrdinalRange",
        "The ordinals of a set begin at spec.ordinals.start.",
        "the controller syncs a generation of the set that starts above 0",
        "a pod below the start is created, or one in range deleted that would be out of it if ordinals began at 0",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ordering.parallel",
        ("S65", "S67"),
        "control: runForAll, slowStartBatch; kubernetes.io, StatefulSet: parallel pod management",
        "A Parallel set creates and scales down without waiting for any pod.",
        "a pod of a Parallel set is created, or a condemned one deleted, while a pod that an ordered set would wait for is not "
        "Ready",
        "a Parallel set stood still for longer than any retry can take while an ordinal is missing or condemned and only pods "
        "that are not Ready could be waited for",
        EXPLAIN_RULE,
    ),
)
