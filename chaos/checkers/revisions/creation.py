"""New templates and old ones: which revision a template has, and that nothing else makes one (S40-S43, S46)."""

from typing import Any

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import Status, status_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.past import Cursor, Past
from chaos.checkers.revisions.revision import Revision, digest, is_of, reads_every_field, revision
from chaos.history.order import Event

GENERATIONS = 1000
"""Templates of so many generations are kept: a status tells of a recent one."""

TEMPLATE, ONLY, REUSE = "revisions.template", "revisions.only-templates", "revisions.reuse"
NEWEST, IMMUTABLE = "revisions.newest", "revisions.immutable"


class _Set:
    """One set: the templates that it had."""

    def __init__(self) -> None:
        self.by_generation: dict[int, str] = {}
        self.changed_at: dict[int, int] = {}
        self.templates: set[str] = set()
        self.collisions = 0
        self.status: Status | None = None

    def on_version(self, event: Event) -> None:
        generation = event.after["metadata"].get("generation", 0)
        self.collisions = max(self.collisions, event.after.get("status", {}).get("collisionCount") or 0)
        if generation not in self.by_generation:
            template = digest(event.after["spec"]["template"])
            self.by_generation[generation] = template
            self.changed_at[generation] = event.rv
            self.templates.add(template)
            self.by_generation.pop(generation - GENERATIONS, None)
            self.changed_at.pop(generation - GENERATIONS, None)


class RevisionsChecker(Checker):
    """Compares what revisions hold with the templates that the set had, and status.updateRevision with both."""

    follows = ("controllerrevisions", "statefulsets")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._is_exact = reads_every_field(court.info)
        self._sets: dict[str, _Set] = {}
        self._revisions: dict[str, Revision] = {}
        self._named: dict[str, Revision] = {}
        self._numbers: Past[tuple[tuple[str, int], ...]] = Past(Cursor(court.lease))

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        if event.stream == "controllerrevisions":
            if is_of(event, self._set_name, self._sets):
                self._on_revision(event)
        elif event.after["metadata"]["name"] == self._set_name:
            self._on_set(event)

    def on_restart(self) -> None:
        """Which revisions a new process has read is open again."""
        self._numbers.cursor.restart()

    def _on_revision(self, event: Event) -> None:
        known = self._revisions.get(event.uid)
        found = revision(event, known)
        if event.type == "added" and found.owner in self._sets:
            self._on_new(event, found, self._sets[found.owner])
        if known is not None and event.type == "modified":
            self._on_changed(event, known, found)
        if event.type == "deleted":
            self._revisions.pop(event.uid, None)
        else:
            self._revisions[event.uid] = self._named[found.name] = found
        self._numbers.see(event.rv, event.t, tuple((each.name, each.number) for each in self._revisions.values()))

    def _on_new(self, event: Event, found: Revision, owner: _Set) -> None:
        holds = f"revision {found.name}, created at resourceVersion {event.rv},"
        spec = found.data.get("spec") if isinstance(found.data, dict) else None
        holds_more = set(found.data) != {"spec"} or set(spec or ()) != {"template"}
        if holds_more or found.template not in owner.templates:
            if self._is_exact:
                more = "more than a template" if holds_more else f"a template that {self._set_name} never had"
                self._violated(ONLY, f"{holds} holds {more}", (event.i,), found)
            else:
                self._ledger.doubted(ONLY, "the controller is older than the API server and may not know every field")
        equal = [each for each in self._revisions.values() if each.data == found.data and each.born]
        if equal and not owner.collisions:
            message = f"{holds} holds the same as {equal[0].name}, which exists and was to be used again"
            self._violated(REUSE, message, (event.i,), found, equal[0])

    def _on_changed(self, event: Event, known: Revision, found: Revision) -> None:
        self._ledger.exercised(IMMUTABLE)
        if known.data != found.data:
            message = f"revision {found.name} holds something else from resourceVersion {event.rv} on"
            self._violated(IMMUTABLE, message, (event.i,), found)

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            self._sets.pop(event.uid, None)
            return
        owner = self._sets.setdefault(event.uid, _Set())
        owner.on_version(event)
        status = status_of(event.after)
        if event.before is not None and status != owner.status and status.update_revision:
            self._on_status(event, owner, status)
        owner.status = status

    def _on_status(self, event: Event, owner: _Set, status: Status) -> None:
        before = owner.status
        if status.current_revision != status.update_revision and status.current_revision in self._named:
            # Only a revision that was read can be told from the update revision.
            self._numbers.cursor.showed(self._named[status.current_revision].born)
        observed_before = before.observed_generation if before else 0
        if (
            status.observed_generation == observed_before
            and before
            and before.update_revision == status.update_revision
        ):
            return
        template = owner.by_generation.get(status.observed_generation)
        named = self._named.get(status.update_revision)
        if template is None or named is None:
            if template is not None:
                self._ledger.doubted(TEMPLATE, f"revision {status.update_revision} was never seen")
            return
        self._compare(event, owner, status, named, template)
        last = owner.by_generation.get(observed_before)
        if last == template:
            self._ledger.exercised(ONLY)
        elif last is not None and named.born < owner.changed_at[status.observed_generation]:
            self._ledger.exercised(REUSE)
            self._ledger.exercised(NEWEST)
        self._rank(event, named)

    def _compare(self, event: Event, owner: _Set, status: Status, named: Revision, template: str) -> None:
        if named.template == template:
            self._ledger.exercised(TEMPLATE)
        elif not self._is_exact or not named.born:
            why = f"revision {named.name} does not hold the template exactly: it is older than this run, or the controller is older"
            self._ledger.doubted(TEMPLATE, f"{why} than the API server")
        else:
            message = (
                f"the status of {self._set_name} at resourceVersion {event.rv} observes generation "
                f"{status.observed_generation} and names updateRevision {named.name}, which does not hold the template of that "
                f"generation"
            )
            self._violated(TEMPLATE, message, (event.i,), named)

    def _rank(self, event: Event, named: Revision) -> None:
        def is_newest(numbers: tuple[tuple[str, int], ...]) -> bool:
            return named.number >= max((number for _, number in numbers), default=0)

        found = self._numbers.explain(event.t, is_newest)
        if found.is_refuted:
            newest = max(self._revisions.values(), key=lambda each: each.place)
            message = (
                f"the status of {self._set_name} at resourceVersion {event.rv} names updateRevision {named.name} with number "
                f"{named.number}, expected a number above {newest.number}, that of {newest.name}, which the controller had read"
            )
            self._violated(NEWEST, message, (event.i,), named, newest)
        elif found.is_suspect:
            self._ledger.doubted(
                NEWEST, f"suspect: {named.name} is the newest only in what was so {found.stale_s:.1f} s ago"
            )

    def _violated(self, name: str, message: str, entries: tuple[int, ...], *about: Revision) -> None:
        objects: list[Any] = [f"statefulsets/{self._set_name}", *(f"controllerrevisions/{each.name}" for each in about)]
        self._ledger.violated(name, message, entries, objects)
