"""What is in a pod: the template of the revision that its label names (S14)."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.order import KEPT_S, Event

NAME = "revisions.pod-content"

REVISION = "controller-revision-hash"


class ContentChecker(Checker):
    """Compares new pods with the template of their revision.

    Admission may add to a pod and rewrite it. So a pod that differs is held against the controller only if it is exactly what
    another revision of the set holds.
    """

    follows = ("statefulsets", "controllerrevisions", "pods")
    minds: ClassVar = {"statefulsets": (), "pods": ()}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._sets: set[str] = set()
        self._templates: dict[str, Any] = {}
        self._dropped: dict[str, float] = {}

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        match event.stream:
            case "statefulsets" if name == self._set_name:
                self._sets.add(event.uid)
            case "controllerrevisions" if name.rpartition("-")[0] == self._set_name:
                self._on_revision(event, name)
            case "pods" if event.type == "added" and ordinal_of(name, self._set_name) >= 0:
                if controller_uid(event.after["metadata"]) in self._sets:
                    self._on_new_pod(event, name)

    def _on_revision(self, event: Event, name: str) -> None:
        template = ((event.after.get("data") or {}).get("spec") or {}).get("template")
        if event.type == "deleted":
            self._dropped[name] = event.t
        elif template is not None:
            self._dropped.pop(name, None)
            self._templates[name] = template
        for old, t in list(self._dropped.items()):
            if t < event.t - KEPT_S:
                del self._dropped[old]
                self._templates.pop(old, None)

    def _on_new_pod(self, event: Event, name: str) -> None:
        revision = event.after["metadata"].get("labels", {}).get(REVISION, "")
        template = self._templates.get(revision)
        if template is None:
            return
        missing = list(_missing(template, event.after))
        if not missing:
            if any(not _holds(each, event.after) for each in self._templates.values()):
                self._ledger.exercised(NAME)
            return
        same = [other for other, held in self._templates.items() if _holds(held, event.after)]
        if same:
            message = (
                f"{name}, created at resourceVersion {event.rv} with the label of revision {revision}, is what revision "
                f"{same[-1]} holds: {'; '.join(missing)}"
            )
            objects = (f"pods/{name}", f"controllerrevisions/{revision}")
            self._ledger.violated(NAME, message, (event.i,), objects)
        else:
            self._ledger.doubted(NAME, f"{name} is not what its revision holds, nor any other: {'; '.join(missing)}")


def _holds(template: Any, pod: Any) -> bool:
    return next(_missing(template, pod), None) is None


def _missing(template: Any, pod: Any) -> Iterator[str]:
    """What the template holds and the pod has not, or has otherwise."""
    wanted, have = template.get("metadata") or {}, pod["metadata"]
    for field in ("labels", "annotations"):
        yield from _lacks(field, wanted.get(field) or {}, have.get(field) or {})
    for field in ("initContainers", "containers"):
        present = {each.get("name"): each for each in pod["spec"].get(field) or ()}
        for each in template["spec"].get(field) or ():
            container = present.get(each.get("name"))
            if container is None:
                yield f"no container {each.get('name')}"
                continue
            for key in ("image", "command", "args"):
                if each.get(key) != container.get(key):
                    yield f"{key} is {container.get(key)}, expected {each.get(key)}"
            yield from _lacks("env", _by_name(each), _by_name(container))


def _lacks(field: str, wanted: Mapping[str, Any], have: Mapping[str, Any]) -> Iterator[str]:
    for key, value in wanted.items():
        if have.get(key) != value:
            yield f"{field} {key} is {have.get(key)!r}, expected {value!r}"


def _by_name(container: Any) -> dict[str, Any]:
    return {each["name"]: (each.get("value"), each.get("valueFrom")) for each in container.get("env") or ()}
