"""Every guarantee in two small histories: one in which it is exercised and holds, one that breaks it."""

from tests.checkers.scenes import cascade, identity, lesson, ordering, update

SCENES = (*cascade.SCENES, *identity.SCENES, *lesson.SCENES, *ordering.SCENES, *update.SCENES)
