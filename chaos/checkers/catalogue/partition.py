"""Staged updates: what the partition keeps back."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

PARTITION = (
    Guarantee(
        "partition.update-floor",
        ("S27", "S29", "S30", "S31"),
        "control: updateStatefulSetAfterInvariantEstablished",
        "Pods below the partition are not updated.",
        "the controller syncs a healthy set in which only pods below the partition are not at the update revision",
        "a pod below the partition of every version of the set in the window is deleted to update it",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "partition.create-revision",
        ("S13", "S28", "S30"),
        "utils: newVersionedStatefulSetPod",
        "A pod created below the partition is at the current revision, any other at the update revision.",
        "a pod is created while currentRevision and updateRevision differ (delete pods during a staged update)",
        "a pod is created at another revision than its index and partition give it in any version of the set in the window",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "partition.current-revision",
        ("S32",),
        "control: getStatefulSetRevisions",
        "currentRevision changes only to updateRevision, and only when the update is complete.",
        "a status is written while currentRevision and updateRevision differ",
        "a status names a currentRevision that no state gives",
        EXPLAIN_RULE,
    ),
)
