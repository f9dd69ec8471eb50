"""What a profile itself expects."""

from chaos.verdict import Guarantee

LESSON = (
    Guarantee(
        "lesson.expectations",
        (),
        "the profile",
        "At the end of each phase the cluster is as the profile expects.",
        "a phase with `expect` ends",
        "an expectation does not hold at the resourceVersions that the phase ended at",
    ),
)
