"""Rolling updates: which pods are deleted for them, and when."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

UPDATE = (
    Guarantee(
        "update.justified-deletes",
        ("S20",),
        "control: processReplica, processCondemned, updateStatefulSet",
        "The controller deletes only pods that ended, are condemned, or are not at the update revision.",
        "the controller deletes a pod",
        "a pod in range, at the update revision and not ended is deleted, or one that the set does not own",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "update.walk-order",
        ("S21", "S35"),
        "control: updateStatefulSetAfterInvariantEstablished",
        "A rolling update replaces pods from the highest ordinal down.",
        "the controller syncs a healthy set with two or more pods to update",
        "a pod is deleted to update it while in every state a higher one is not at the update revision",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "update.walk-gate",
        ("S22", "S23"),
        "control: updateStatefulSet",
        "A rolling update goes on only when every pod in range is Running and Ready and none is condemned (in a Parallel set "
        "without maxUnavailable: when every pod that it replaced is).",
        "the controller syncs while a pod is to be updated and another is missing, unready, terminating or condemned",
        "a pod is deleted to update it while in every state another is missing, unready, terminating or condemned",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "update.max-unavailable",
        ("S24", "S33", "S34", "S35", "S36"),
        "control: updateStatefulSetAfterInvariantEstablished; utils: getStatefulSetMaxUnavailable",
        "One sync deletes no more pods to update them than maxUnavailable leaves room for, 1 if the gate is off.",
        "the controller syncs a set with more pods to update than it may delete at once",
        "a pod is deleted to update it that is beyond the budget in every state that the controller may have seen",
        EXPLAIN_RULE,
    ),
)
