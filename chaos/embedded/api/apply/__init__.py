"""Server-side apply: who owns which field, and what an applied configuration makes of an object."""

from chaos.embedded.api.apply.tracking import (
    Request,
    applied,
    checked,
    created,
    is_same,
    manager_of,
    updated,
    with_owners,
)

__all__ = ["Request", "applied", "checked", "created", "is_same", "manager_of", "updated", "with_owners"]
