"""Which sets and pods are there, by uid: the garbage collector looks for the owners of what it deletes."""

from typing import Any

from chaos.history.order import KEPT_S, Event


class Living:
    """Sets and pods of the namespace. `uids` maps those that are there to their metadata."""

    def __init__(self) -> None:
        self.uids: dict[str, Any] = {}
        self._gone: dict[str, float] = {}

    def on_event(self, event: Event) -> None:
        """Take in a change of a set or a pod."""
        if event.type != "deleted":
            self.uids[event.uid] = event.after["metadata"]
            return
        self.uids.pop(event.uid, None)
        self._gone[event.uid] = event.t
        for uid, t in list(self._gone.items()):
            if t >= event.t - KEPT_S:
                break
            del self._gone[uid]

    def is_let_go(self, uid: str) -> bool:
        """Whether the collector may take this owner away: it is not there, or goes and leaves its dependents behind."""
        meta = self.uids.get(uid)
        return meta is None or "orphan" in (meta.get("finalizers") or ())

    def is_solid(self, uid: str) -> bool:
        """Whether this owner keeps what it owns: it is there, and does not wait for its dependents to go."""
        meta = self.uids.get(uid)
        if meta is None:
            return False
        return not ("deletionTimestamp" in meta and "foregroundDeletion" in (meta.get("finalizers") or ()))

    def was_there(self, uid: str) -> bool:
        """Whether this owner was seen, and is gone."""
        return uid in self._gone
