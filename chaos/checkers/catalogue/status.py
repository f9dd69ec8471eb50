"""The status that the controller writes."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

STATUS = (
    Guarantee(
        "status.counters",
        ("S48", "S49"),
        "control: computeReplicaStatus",
        "replicas, readyReplicas, availableReplicas, currentReplicas and updatedReplicas are counts of the pods.",
        "the controller writes a status",
        "the counters are those of no state that the controller may have seen",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "status.completion",
        ("S39", "S50"),
        "utils: completeUpdate",
        "currentRevision becomes updateRevision only when updated = ready = replicas = spec.replicas.",
        "a status is written while currentRevision and updateRevision differ",
        "currentRevision becomes updateRevision while in every state a pod is missing, unready, or not updated",
        EXPLAIN_RULE,
    ),
    Guarantee(
        "status.observed-generation",
        ("S47",),
        "control: updateStatefulSet",
        "observedGeneration is the generation that the controller acted on, and never goes back.",
        "a status observes a newer generation",
        "a status has an observedGeneration that no state gives",
        EXPLAIN_RULE,
    ),
)
