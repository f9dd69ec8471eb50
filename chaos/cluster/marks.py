"""How objects that the program makes are told from those of the user's.

A marker is an object that exists only so that its stream shows new resourceVersions. Neither it nor what a controller makes for
it is ever recorded as an object.
"""

from chaos.cluster.port import Json

RUN = "chaos-sts/run"
"""Label of everything a run creates: its id."""

MARKER = "chaos-sts/marker"
"""Label of a marker, and of its pods and revisions: the run's id."""

MARKER_NAME = "chaos-sts-marker"
"""How every marker's name begins."""


HOLD = "chaos-sts/hold"
"""Finalizer of pods that a run keeps from going."""

SENT = "chaos-sts/sent"
"""Annotation of a marker: when the request was sent that wrote it, in seconds of the run."""


def is_marker(state: Json) -> bool:
    """Whether an object is a marker, is owned by one (a set's ControllerRevision), or is an Event about one."""
    meta = state.get("metadata", {})
    if (meta.get("labels") or {}).get(MARKER):
        return True
    if any(str(owner.get("name", "")).startswith(MARKER_NAME) for owner in meta.get("ownerReferences") or ()):
        return True
    about = state.get("involvedObject") or {}
    return str(about.get("name", "")).startswith(MARKER_NAME)


def sent(state: Json) -> float | None:
    """When the request was sent that wrote a marker, in seconds of the run; None if the object does not tell."""
    text = (state.get("metadata", {}).get("annotations") or {}).get(SENT, "")
    try:
        return float(text)
    except ValueError:
        return None
