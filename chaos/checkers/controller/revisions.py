"""ControllerRevisions as seen so far: which revision a template is, and which revisions exist."""

from chaos.checkers.controller.states import SetVersion, canonical
from chaos.history.order import Event


class Revisions:
    """Names of revisions by the template they hold, per set name (a revision is named `<set>-<hash>`)."""

    def __init__(self) -> None:
        self._by_template: dict[tuple[str, str], str] = {}
        self._existing: dict[str, str] = {}
        self._reported: dict[tuple[str, int], str] = {}

    def on_event(self, event: Event) -> None:
        """Take in a change of a ControllerRevision."""
        if event.type == "deleted":
            self._existing.pop(event.uid, None)
            return
        name = event.after["metadata"]["name"]
        template = event.after.get("data", {}).get("spec", {}).get("template")
        if template is not None:
            key = (name.rpartition("-")[0], canonical(template))
            # A second revision of one template is not the one that an old template finds again.
            if event.type == "listed" or not self.exists(self._by_template.get(key, "")):
                self._by_template[key] = name
        self._existing[event.uid] = name

    def report(self, set_uid: str, generation: int, update: str) -> None:
        """The controller says that `update` is the revision of this generation's template.

        A controller of an older version drops fields it does not know, so that no revision equals the template; then the
        first word it gives for a generation is taken.
        """
        self._reported.setdefault((set_uid, generation), update)

    def update(self, set_name: str, set_uid: str, version: SetVersion) -> str | None:
        """Name of the revision of this version's template; None if it is not known (yet)."""
        named = self._by_template.get((set_name, version.template))
        return named or self._reported.get((set_uid, version.generation))

    def equals_template(self, set_name: str, version: SetVersion) -> bool:
        """Whether a revision that holds exactly this template is known."""
        return (set_name, version.template) in self._by_template

    def exists(self, name: str) -> bool:
        """Whether a revision of this name exists now."""
        return name in self._existing.values()
