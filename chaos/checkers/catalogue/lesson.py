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
        "a phase that was not reached; a false expectation after a request that was refused for want of capacity (429, 5xx) or not "
        "answered, or about names that no probe could ask for",
    ),
)
