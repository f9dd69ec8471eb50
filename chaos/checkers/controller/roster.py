"""The pods of one set, kept up to date: which of all pods its controller reads as the set's, or may adopt."""

from collections.abc import Mapping
from typing import Any

from chaos.checkers.controller.states import Pod, PodsVersion, Selector, pod
from chaos.history.order import Event


class Roster:
    """Pods by uid, as they are now."""

    def __init__(self, set_uid: str, set_name: str, selector: Mapping[str, Any]) -> None:
        self._set_uid = set_uid
        self._set_name = set_name
        self._selector = Selector(selector)
        self._pods: dict[str, Pod] = {}

    def see(self, uid: str, state: Mapping[str, Any] | None) -> bool:
        """Take in a pod's state, None if it is gone; whether that changes what the controller reads."""
        seen = None if state is None else pod(state, self._set_uid, self._set_name, self._selector)
        if seen == self._pods.get(uid):
            return False
        if seen is None:
            del self._pods[uid]
        else:
            self._pods[uid] = seen
        return True

    def version(self, event: Event, written: float) -> PodsVersion:
        """The pods from this event on."""
        pods = tuple(sorted(self._pods.values()))
        ready = sum(each.running_and_ready for each in pods)
        is_plain = not any(each.adoptable or each.terminal for each in pods)
        return PodsVersion(event.rv, event.i, event.t, written, pods, ready, is_plain)
