"""ControllerRevisions: what they hold and which one is meant."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

REVISION = (
    Guarantee(
        "revision.update-revision",
        ("S40", "S41", "S42"),
        "control: getStatefulSetRevisions",
        "status.updateRevision is the revision that holds the template; an old template finds its old revision again.",
        "a status names a new updateRevision",
        "a status names an updateRevision whose data is the template of no version of the set in the window",
        EXPLAIN_RULE,
    ),
)
