"""The target set and its pods as they are now, in judged order: for whoever asks at the end of a phase, or in passing."""

from typing import Any

from chaos.checkers.controller.states import ordinal_of
from chaos.history.order import Event


class Present:
    """Whole objects. `changes` counts what changed; the last change was received at `changed`, as entry `changed_entry`.

    `created` is the second at which the set was first seen, or the last one of its name.
    """

    def __init__(self, set_name: str) -> None:
        self._set_name = set_name
        self.set: Any = None
        self.pods: dict[str, Any] = {}
        self.created = 0.0
        self.changed = 0.0
        self.changed_entry = 0
        self.changes = 0

    def on_event(self, event: Event) -> None:
        """Take in a change, before any checker is told of it."""
        stream = event.stream
        if stream == "pods":
            if ordinal_of(event.after["metadata"]["name"], self._set_name) < 0:
                return
            if event.type == "deleted":
                self.pods.pop(event.uid, None)
            else:
                self.pods[event.uid] = event.after
        elif stream == "statefulsets" and event.after["metadata"]["name"] == self._set_name:
            if self.set is None or self.set["metadata"]["uid"] != event.uid:
                self.created = event.t
            self.set = None if event.type == "deleted" else event.after
        else:
            return
        self.changed, self.changed_entry = event.t, event.i
        self.changes += 1
