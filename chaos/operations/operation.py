"""What every operation is, what may become of one, and how an operation says which pods it means.

An operation never names a pod by what the cluster happens to hold: a target is a rank in [0, 1), resolved against the objects
that exist when the operation starts. So the same seed asks for the same operations on every cluster.
"""

from typing import Literal

import msgspec

Outcome = Literal["ok", "fail", "unknown"]
"""ok: it surely happened. fail: it surely had no effect. unknown: it may have happened, now or later."""


class Operation(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """One thing to do to the cluster; `kind` is its name in profiles and histories."""


class Picking(Operation, frozen=True):
    """An operation on several pods at one instant, one request each.

    Exactly one of `ranks` (positions by ordinal among the pods that it can be done to), `ordinals` or `every` says which.
    """

    ranks: tuple[float, ...] = ()
    ordinals: tuple[int, ...] = ()
    every: bool = False
