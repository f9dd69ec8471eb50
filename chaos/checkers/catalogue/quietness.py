"""That nothing is written without a reason."""

from chaos.verdict import Guarantee

QUIETNESS = (
    Guarantee(
        "quietness.metadata",
        ("S84",),
        "kubernetes.io, controllers: desired versus current state; kubernetes#61998, kubernetes#69967",
        "Labels, annotations, owners and finalizers of a set's objects, and numbers of its revisions, are not written in a loop.",
        "a phase is reached",
        "of one object they change 10 times within 30 s, by no operation of this run",
    ),
)
