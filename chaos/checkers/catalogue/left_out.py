"""What the specification says and no guarantee judges, with the reason: nothing is left out in silence.

A rule stands here whole (`what` is empty) if no guarantee names it, or with the part of it that none of those judges.
"""

from typing import NamedTuple


class LeftOut(NamedTuple):
    """A rule of the specification, the part of it that is not judged (all of it if empty), and why not."""

    rule: str
    what: str
    why: str


RULES = tuple(f"S{number}" for number in range(1, 85))
"""Every rule of the specification."""

LEFT_OUT = (
    LeftOut("S1", "annotations and finalizers of a new pod", "admission adds both; what the template asks for is S14"),
    LeftOut(
        "S3",
        "processes of two pods of one name, seen from within",
        "only container statuses tell when a process ran, and a lost node tells nothing: pods removed by force are not judged",
    ),
    LeftOut("S4", "that SIGTERM is sent at all", "a status shows how and when a container ended, not what it was sent"),
    LeftOut(
        "S14", "volumes, resources and probes", "defaulting and admission rewrite them in ways that no record shows"
    ),
    LeftOut(
        "S25",
        "",
        "it permits, and promises nothing: which pods a new template replaces first is S21, judged for it too",
    ),
    LeftOut(
        "S26",
        "",
        "a documented limit (kubernetes#67250): a run that meets it says so in a note, and its verdict stays as it is",
    ),
    LeftOut("S43", "equal numbers after a race", "legal: two syncs may have read the same revisions"),
    LeftOut(
        "S46", "names past 52 characters", "a documented limit (kubernetes#64023); the target's name is the profile's"
    ),
    LeftOut(
        "S51",
        "foreign conditions that a status drops",
        "up to 1.36 every status write drops them, which is legal there",
    ),
    LeftOut(
        "S57", "a claim that went without waking the controller", "it is not told of claims (S83), and may never look"
    ),
    LeftOut("S58", "the Event ConflictingController", "Events are sent once, without a promise, and may be dropped"),
    LeftOut(
        "S64",
        "who deleted a pod or a revision, the collector or the controller",
        "an object does not tell: what is no legal delete of the controller is S20 and S45, claims are judged for both",
    ),
    LeftOut("S66", "", "no promise of its own: S21 to S24 and S33 to S35 are judged for Parallel sets as for others"),
    LeftOut(
        "S67",
        "why a scale-down stalls behind a failed scale-up",
        "the error that a sync got leaves no trace but Events",
    ),
    LeftOut("S71", "the cluster's domain at the end of the full name", "only what comes before it is known to a judge"),
    LeftOut("S78", "SRV records", "the nslookup of busybox 1.28 asks for addresses only"),
    LeftOut(
        "S83",
        "each single delay",
        "what a failing sync waits for is not recorded; only the longest possible delay is used",
    ),
)
