"""Operations that look rather than harm: pages on the pods' volumes, names, and what the names serve."""

from typing import Literal

from chaos.operations.operation import Operation

Names = Literal["each-pod", "service", "absent", "all"]


class WritePages(Operation, frozen=True, tag="write-pages"):
    """Write a fresh token into the volume of every Ready pod."""


class ProbeDns(Operation, frozen=True, tag="probe-dns"):
    """Resolve names from `sources` busybox pods.

    each-pod: of every ordinal that the set has or had in this phase. service: the Service's own. absent: of every ordinal
    that the set had in this run and has no more, and of the one above the highest. all: each of these.
    """

    sources: int = 1
    names: Names = "each-pod"


class ProbeHttp(Operation, frozen=True, tag="probe-http"):
    """Fetch the page of every Ready pod by its name, from `sources` busybox pods."""

    sources: int = 1
