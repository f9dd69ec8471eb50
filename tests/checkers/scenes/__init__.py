"""Every guarantee in two small histories: one in which it is exercised and holds, one that breaks it."""

from tests.checkers.scenes import (
    cascade,
    claims,
    hotloop,
    identity,
    kinds,
    lesson,
    network,
    ordering,
    ownership,
    quietness,
    revisions,
    termination,
    update,
)

SCENES = (
    *cascade.SCENES,
    *claims.SCENES,
    *hotloop.SCENES,
    *identity.SCENES,
    *kinds.SCENES,
    *lesson.SCENES,
    *network.SCENES,
    *ordering.SCENES,
    *ownership.SCENES,
    *quietness.SCENES,
    *revisions.SCENES,
    *termination.SCENES,
    *update.SCENES,
)
