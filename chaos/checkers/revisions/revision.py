"""A ControllerRevision, and the templates of a set, as the checkers of this family compare them."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from chaos.checkers.controller.states import canonical, controller_uid
from chaos.history.order import Event
from chaos.history.run import RunInfo


class Revision(NamedTuple):
    """What a judge needs of a revision. `template` is a digest; `born` is the version it was created at, 0 if before the run."""

    name: str
    number: int
    template: str
    owner: str
    born: int
    data: Any

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among its set's revisions, oldest first."""
        return (self.number, self.name)


def revision(event: Event, known: Revision | None) -> Revision:
    """The revision that an event shows; `known` is what was known of it before."""
    state = event.after
    data = state.get("data") or {}
    born = known.born if known is not None else (event.rv if event.type == "added" else 0)
    template = (data.get("spec") or {}).get("template")
    return Revision(
        state["metadata"]["name"], state["revision"], digest(template), controller_uid(state["metadata"]), born, data
    )


def digest(template: Any) -> str:
    """Equal for equal templates."""
    return hashlib.sha1(canonical(template).encode(), usedforsecurity=False).hexdigest()


class Digest:
    """Digests of one set's templates. States share what did not change, so that most are the one before."""

    def __init__(self) -> None:
        self._template: Any = None
        self._digest = ""

    def of(self, template: Any) -> str:
        """As `digest`."""
        if template is not self._template:
            self._template, self._digest = template, digest(template)
        return self._digest


def is_of(event: Event, set_name: str, sets: Mapping[str, object]) -> bool:
    """Whether a revision is one of this set's, by its name or by its controller."""
    meta = event.after["metadata"]
    return meta["name"].rpartition("-")[0] == set_name or controller_uid(meta) in sets


def reads_every_field(info: RunInfo) -> bool:
    """Whether the controller knows all fields of a template: one of an older release drops those that it does not know."""
    return _minor(info.controller.version) >= _minor(info.server)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
