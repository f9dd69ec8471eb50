"""What differs between releases."""

from typing import NamedTuple


class Rules(NamedTuple):
    """Gates of the StatefulSet controller; the defaults are those of 1.37.

    `max_unavailable`: a rolling update counts all unavailable pods and may take down several at once (on by default from
    1.35); without it the walk stops at the first pod that is not available. `consistency`: a sync waits until the caches
    have shown the controller's own last writes (from 1.36).
    """

    max_unavailable: bool = True
    consistency: bool = True
