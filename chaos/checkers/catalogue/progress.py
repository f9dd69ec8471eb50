"""That the set gets there at all."""

from chaos.verdict import Guarantee

PROGRESS = (
    Guarantee(
        "progress.convergence",
        ("S80", "S82", "S83"),
        "kubernetes.io, StatefulSet; client-go workqueue rate limiter",
        "Once the spec stands still and nothing stalls it, the set gets there.",
        "a phase ends settled",
        "the set stood still for longer than any retry can take, all its pods Ready, and pods are missing, condemned or not updated",
        "a phase that did not settle for a reason that is legal, or not long enough",
    ),
    Guarantee(
        "progress.ended-pods",
        ("S12", "S80"),
        "control: processReplica; kubernetes#121389",
        "A pod in range that Failed or Succeeded is deleted, and another one takes its place.",
        "the controller deletes such a pod",
        "the set stood still for longer than any retry can take while such a pod is the lowest that is not well, and is not deleted",
        "a phase that did not settle, not long enough after its pod ended",
    ),
    Guarantee(
        "progress.quietness",
        ("S84",),
        "utils: inconsistentStatus",
        "The controller writes a status only when it has something new to say.",
        "the controller writes a status",
        "a status by the controller that differs from the one before in conditions alone, and not in Progressing under Recreate",
    ),
    Guarantee(
        "progress.status",
        ("S51",),
        "control: updateStatefulSetStatus; utils: inconsistentStatus",
        "Of a set that stands still the status counts exactly its pods.",
        "a phase is reached while the set is there",
        "at the end of a phase the counters differ from the pods, and nothing changed for longer than any retry can take",
        "availableReplicas under minReadySeconds, which is a matter of the clock",
    ),
)
