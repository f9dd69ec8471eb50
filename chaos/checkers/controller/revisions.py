"""ControllerRevisions as seen so far: which revision a template is, and which revisions exist."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.checkers.controller.states import STALE_S, SetVersion, canonical
from chaos.history.order import Event


class Revisions:
    """Names of revisions by the template they hold, per set name (a revision is named `<set>-<hash>`).

    `changes` counts what may have changed an answer.
    """

    def __init__(self) -> None:
        self._by_template: dict[tuple[str, str], str] = {}
        self._existing: dict[str, str] = {}
        self._named: Counter[str] = Counter()
        self._reported: dict[tuple[str, int], str] = {}
        # Names that the controller's cache may lack, and those of them that it has shown to have since.
        self._lost: set[str] = set()
        self._found: set[str] = set()
        self._made: dict[str, float] = {}
        self._numbers: dict[str, int] = {}
        self.changes = 0

    def on_event(self, event: Event) -> None:
        """Take in a change of a ControllerRevision."""
        self.changes += 1
        self._forget(event.uid)
        if event.type == "deleted":
            self._lose(event.after["metadata"]["name"])
            return
        name = event.after["metadata"]["name"]
        template = event.after.get("data", {}).get("spec", {}).get("template")
        if template is not None:
            key = (name.rpartition("-")[0], canonical(template))
            # A second revision of one template is not the one that an old template finds again.
            if event.type == "listed" or not self.exists(self._by_template.get(key, "")):
                self._by_template[key] = name
        self._existing[event.uid] = name
        self._named[name] += 1
        number = int(event.after.get("revision", 0))
        if event.type == "added":
            self._made[name] = event.t
            self._miss(name, number)
        self._numbers[name] = number

    def _miss(self, name: str, number: int) -> None:
        """A new revision gets the next number: those of its set that have as high a one were not in the controller's cache."""
        of_set = name.rpartition("-")[0]
        for other in self._existing.values():
            if other != name and other.rpartition("-")[0] == of_set and self._numbers.get(other, 0) >= number:
                self._lose(other)

    def _lose(self, name: str) -> None:
        self._lost.add(name)
        self._found.discard(name)

    def saw(self, current: str, update: str, now: float) -> None:
        """A sync wrote these into a status: the current one is another than the update's only if it is in the cache.

        It may be one of that name which is deleted by now, unless the one that exists has been there for longer than caches lag.
        """
        if current != update and current in self._lost and now - self._made.get(current, now) > STALE_S:
            self._find(current)

    def _find(self, name: str) -> None:
        self._lost.remove(name)
        self._found.add(name)
        self.changes += 1

    def restart(self) -> None:
        """A new process may start from a cache that lacks again what was found."""
        if self._found:
            self._lost |= self._found
            self._found.clear()
            self.changes += 1

    @contextmanager
    def unfound(self) -> Iterator[None]:
        """As if nothing had been found yet: for another look at earlier writes."""
        found = set(self._found)
        self.restart()
        try:
            yield
        finally:
            for name in sorted(found):
                self._find(name)

    def _forget(self, uid: str) -> None:
        if uid in self._existing:
            name = self._existing.pop(uid)
            self._named[name] -= 1
            if not self._named[name]:
                self._numbers.pop(name, None)
                self._made.pop(name, None)

    def report(self, set_uid: str, generation: int, update: str) -> None:
        """The controller says that `update` is the revision of this generation's template.

        A controller of an older version drops fields it does not know, so that no revision equals the template; then the
        first word it gives for a generation is taken.
        """
        if (set_uid, generation) not in self._reported:
            self._reported[set_uid, generation] = update
            self.changes += 1

    def update(self, set_name: str, set_uid: str, version: SetVersion) -> str | None:
        """Name of the revision of this version's template; None if it is not known (yet)."""
        named = self._by_template.get((set_name, version.template))
        return named or self._reported.get((set_uid, version.generation))

    def equals_template(self, set_name: str, version: SetVersion) -> bool:
        """Whether a revision that holds exactly this template is known."""
        return (set_name, version.template) in self._by_template

    def current(self, named: str, update: str) -> tuple[str, ...]:
        """What a sync may take for the current revision: the one that the status names, or `update` where it sees no such.

        Of a revision that was ever deleted, the controller may still see what was before, or not yet what came after; one that
        it counted past it did not see yet. Once a status names it beside another one, it is there.
        """
        if named in self._lost and named != update:
            return (named, update)
        return (named,) if named and self.exists(named) else (update,)

    def exists(self, name: str) -> bool:
        """Whether a revision of this name exists now."""
        return self._named[name] > 0
