"""ControllerRevisions as objects: what they hold, how they are numbered, which are dropped."""

from chaos.verdict import Guarantee

_OLDER = "a controller of an older release than the API server, or a revision that is older than this run"
_SUSPECT = (
    "a write that only states older than 10 s explain; a restart of the controller, for what was forgotten by then"
)

REVISIONS = (
    Guarantee(
        "revisions.template",
        ("S40",),
        "control: getStatefulSetRevisions; pkg/controller/history",
        "status.updateRevision names a revision that holds the template of the generation that the status observes.",
        "a status observes another generation or names another updateRevision",
        "the revision's data is not the template of the observed generation",
        _OLDER,
    ),
    Guarantee(
        "revisions.only-templates",
        ("S41",),
        "utils: newRevision, getPatch",
        "Only a new template makes a revision: replicas, partition and all else that is not the template make none.",
        "a status observes a generation whose template is that of the one before",
        "a revision is created that holds more than a template, or a template that the set never had",
        _OLDER,
    ),
    Guarantee(
        "revisions.reuse",
        ("S42",),
        "control: getStatefulSetRevisions; pkg/controller/history: FindEqualRevisions",
        "A rollback uses the old revision again and makes no second one of the same template.",
        "a status observes a new template whose revision is older than that template",
        "a revision is created while another, created in this run, holds the same; the set had no collision of names",
        "a collisionCount above 0",
    ),
    Guarantee(
        "revisions.newest",
        ("S42", "S43"),
        "control: getStatefulSetRevisions; pkg/controller/history: UpdateControllerRevision",
        "The update revision has the highest number of its set's revisions; on a rollback the old one gets it.",
        "a status observes a new template whose revision is older than that template",
        "in every state that the controller may have read another revision has a higher number",
        _SUSPECT,
    ),
    Guarantee(
        "revisions.limit",
        ("S44",),
        "control: truncateHistory",
        "Revisions that are not in use are dropped past revisionHistoryLimit, those with the lowest number first.",
        "the controller deletes a revision",
        "a revision is deleted that is past the limit in no state that the controller may have seen, or one that is past it "
        "is there 30 s and three statuses later",
        _SUSPECT,
    ),
    Guarantee(
        "revisions.live-kept",
        ("S45",),
        "control: truncateHistory",
        "A revision that the set or one of its pods uses is not deleted.",
        "the controller deletes a revision",
        "a revision is deleted that the set, or one of its pods, uses in every state that the controller may have seen",
        _SUSPECT,
    ),
    Guarantee(
        "revisions.immutable",
        ("S46",),
        "pkg/apis/apps/validation: ValidateControllerRevisionUpdate",
        "What a revision holds never changes.",
        "a revision is changed: numbered anew, adopted or let go",
        "a revision's data changes",
    ),
    Guarantee(
        "revisions.pod-content",
        ("S14",),
        "utils: ApplyRevision, newVersionedStatefulSetPod",
        "A pod has the labels, annotations, images, commands and variables of the revision that its label names.",
        "a pod is created that is what its revision holds, and not what another revision of its set holds",
        "a pod is created that is not what its revision holds, and exactly what another one of its set holds",
        "a pod that is what no revision holds: admission may have rewritten it",
    ),
    Guarantee(
        "revisions.completion",
        ("S81",),
        "utils: completeUpdate (any type from 1.37, RollingUpdate before)",
        "Once every pod is Ready at the update revision, that is the current revision.",
        "a phase is reached with every pod at an update revision that was not complete at the end of one before",
        "at the end of a phase every pod is Ready at the update revision, currentRevision is another, and nothing changed for "
        "longer than any retry can take",
    ),
)
