"""What requests are made from: the target, and the objects around it as the watches know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chaos.cluster.port import Json
from chaos.profile import Target

Item = TypeVar("Item")


class Nothing(Exception):
    """There is nothing to do it to; the message says what is missing."""


@dataclass(frozen=True)
class Known:
    """The target of a run and what is known of it now.

    `pods` are those with a name of the target set, by ordinal; `claims` and `nodes` are by name, `nodes` in the order of names.
    `statefulset` is given to operations that write it as a whole. `serial` makes what is written unique within the run.
    """

    target: Target
    run: str
    pods: Sequence[Json] = ()
    revisions: Sequence[Json] = ()
    claims: Mapping[str, Json] = field(default_factory=dict)
    statefulset: Json | None = None
    nodes: Mapping[str, Json] = field(default_factory=dict)
    serial: str = "1"


def ordinal(target: Target, pod: Json) -> int:
    """The ordinal of a pod of the target set; -1 for any other pod."""
    parent, _, number = str(pod["metadata"]["name"]).rpartition("-")
    return int(number) if parent == target.statefulset and number.isdigit() else -1


def pods_of(target: Target, objects: Mapping[str, Json]) -> list[Json]:
    """The pods that have a name of the target set, by ordinal."""
    found = [pod for pod in objects.values() if ordinal(target, pod) >= 0]
    return sorted(found, key=lambda pod: ordinal(target, pod))


def at_rank(rank: float, items: Sequence[Item]) -> Item:
    """The item that a rank in [0, 1) picks."""
    return items[int(rank * len(items))]
