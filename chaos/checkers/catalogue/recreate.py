"""Recreate: all pods of an old revision go before any new one comes."""

from chaos.checkers.catalogue.doubts import EXPLAIN_RULE
from chaos.verdict import Guarantee

RECREATE = (
    Guarantee(
        "recreate.old-first",
        ("A7",),
        "control: recreateDeleteAndWait",
        "Under Recreate nothing else is done while a pod of an old revision is there, and every new one is at the update revision.",
        "the controller syncs a set of type Recreate with an ordinal missing and an old pod still there",
        "a pod is created, or one at the update revision deleted, while in every state that the controller may have seen a pod of "
        "an old revision exists",
        EXPLAIN_RULE,
    ),
)
