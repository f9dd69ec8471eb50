"""OnDelete: pods are replaced by hand alone."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

ONDELETE = (
    Guarantee(
        "ondelete.no-update-deletes",
        ("S37",),
        "control: updateStatefulSet",
        "Under OnDelete no pod is deleted to update it.",
        "the controller syncs a healthy OnDelete set with pods that are not at the update revision",
        "a pod in range that has not ended is deleted while every version of the set in the window is OnDelete",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "ondelete.create-revision",
        ("S38",),
        "utils: newVersionedStatefulSetPod",
        "Under OnDelete every new pod is at the update revision.",
        "a pod is created under OnDelete while currentRevision and updateRevision differ",
        "a pod is created under OnDelete at another revision",
        EXPLAIN_RULE,
    ),
)
