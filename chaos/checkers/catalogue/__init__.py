"""Every guarantee that is judged: its promise, its source, what breaks it, what exercises it, what leaves it unknown.

S-numbers are those of the StatefulSet specification that this project keeps; `source` names upstream files of
kubernetes/kubernetes (`control` is pkg/controller/statefulset/stateful_set_control.go, `utils` is stateful_set_utils.go there)
or a documentation page.
"""

from itertools import chain

from chaos.checkers.catalogue.cascade import CASCADE
from chaos.checkers.catalogue.claims import CLAIMS
from chaos.checkers.catalogue.dns import DNS
from chaos.checkers.catalogue.identity import IDENTITY
from chaos.checkers.catalogue.lesson import LESSON
from chaos.checkers.catalogue.ondelete import ONDELETE
from chaos.checkers.catalogue.ordering import ORDERING
from chaos.checkers.catalogue.ownership import OWNERSHIP
from chaos.checkers.catalogue.partition import PARTITION
from chaos.checkers.catalogue.progress import PROGRESS
from chaos.checkers.catalogue.quietness import QUIETNESS
from chaos.checkers.catalogue.recreate import RECREATE
from chaos.checkers.catalogue.revision import REVISION
from chaos.checkers.catalogue.revisions import REVISIONS
from chaos.checkers.catalogue.status import STATUS
from chaos.checkers.catalogue.termination import TERMINATION
from chaos.checkers.catalogue.update import UPDATE

_FAMILIES = (
    CASCADE,
    CLAIMS,
    DNS,
    IDENTITY,
    LESSON,
    ONDELETE,
    ORDERING,
    OWNERSHIP,
    PARTITION,
    PROGRESS,
    QUIETNESS,
    RECREATE,
    REVISION,
    REVISIONS,
    STATUS,
    TERMINATION,
    UPDATE,
)

GUARANTEES = {guarantee.name: guarantee for guarantee in sorted(chain(*_FAMILIES), key=lambda each: each.name)}
"""All guarantees by name."""


def is_named(name: str, wanted: tuple[str, ...]) -> bool:
    """Whether `wanted` holds this guarantee's name or its family's."""
    return any(name == each or name.startswith(each + ".") for each in wanted)
