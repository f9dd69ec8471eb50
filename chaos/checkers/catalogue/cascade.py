"""What becomes of pods when their set is deleted."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

CASCADE = (
    Guarantee(
        "cascade.set-deleting",
        ("S7",),
        "control: updateStatefulSet",
        "While a set is being deleted the controller only writes status.",
        "the controller syncs a set that has a deletionTimestamp",
        "a pod is created or deleted by the controller while every version in the window has a deletionTimestamp",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "cascade.background",
        ("S62", "S64"),
        "pkg/controller/garbagecollector; kubernetes.io: delete a StatefulSet",
        "Deleting a set, its pods are deleted too, and claims stay.",
        "a pod is deleted by the garbage collector after its set was deleted",
        "pods still run 2 minutes after their set was removed, with no deletionTimestamp",
    ),
    Guarantee(
        "cascade.orphan",
        ("S61",),
        "pkg/controller/garbagecollector; kubernetes.io: delete a StatefulSet, cascade=orphan",
        "After an orphan delete the pods stay, with the same uids and without an owner.",
        "a pod loses its owner in an orphan delete",
        "a pod that existed when the delete was sent is deleted by anyone but this run, or still names the set as its owner",
    ),
    Guarantee(
        "cascade.readoption",
        ("S63",),
        "control: getStatefulSetRevisions; pkg/controller/history",
        "A set re-created over orphans with the same template finds its old revision again and replaces no pod.",
        "a set is created while orphans of its name exist and a revision holds its template",
        "its first updateRevision is another one",
    ),
)
