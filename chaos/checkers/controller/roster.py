"""The pods of one set, kept up to date: which of all pods its controller reads as the set's, or may adopt."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chaos.checkers.controller.states import (
    Pod,
    PodsVersion,
    Selector,
    controller_uid,
    ordinal_of,
    ready_since,
    seconds,
)
from chaos.history.order import Event


class _Belonging(Struct, frozen=True, gc=False):
    """What a pod's labels and owners say. These are the same objects from state to state while nobody changes them."""

    labels: Any
    owners: Any
    ordinal: int
    revision: str
    owner: str
    is_taken: bool


class Roster:
    """Pods by uid, as they are now."""

    def __init__(self, set_uid: str, set_name: str, selector: Mapping[str, Any]) -> None:
        self._set_uid = set_uid
        self._set_name = set_name
        self._selector = Selector(selector)
        self._pods: dict[str, Pod] = {}
        self._belonging: dict[str, _Belonging] = {}

    def see(self, uid: str, state: Mapping[str, Any] | None) -> bool:
        """Take in a pod's state, None if it is gone; whether that changes what the controller reads."""
        if state is None:
            self._belonging.pop(uid, None)
        seen = None if state is None else self._pod(uid, state)
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
        ready, is_plain, last = 0, True, -1
        for each in pods:
            if each.ordinal == last:
                is_plain = False
            last = each.ordinal
            if each.phase == "Running":
                ready += each.ready
            elif each.terminal:
                is_plain = False
            if each.adoptable:
                is_plain = False
        return PodsVersion(event.rv, event.i, event.t, written, pods, ready, is_plain)

    def _pod(self, uid: str, state: Mapping[str, Any]) -> Pod | None:
        """The pod as the controller of this set reads it; None if it is neither the set's nor adoptable."""
        meta = state["metadata"]
        belonging = self._belonging.get(uid)
        if (
            belonging is None
            or belonging.labels is not meta.get("labels")
            or belonging.owners is not meta.get("ownerReferences")
        ):
            belonging = self._belonging[uid] = self._belongs(meta)
        if not belonging.is_taken:
            return None
        terminating = "deletionTimestamp" in meta
        if not belonging.owner and terminating:
            return None
        since = ready_since(state)
        is_ready = since is not None
        return Pod(
            belonging.ordinal,
            meta["uid"],
            meta["name"],
            belonging.revision,
            state.get("status", {}).get("phase", "Pending"),
            is_ready,
            terminating,
            not belonging.owner,
            is_ready,
            seconds(since or ""),
        )

    def _belongs(self, meta: Mapping[str, Any]) -> _Belonging:
        labels, owner = meta.get("labels", {}), controller_uid(meta)
        ordinal = ordinal_of(meta["name"], self._set_name)
        is_taken = ordinal >= 0 and self._selector.matches(labels) and owner in ("", self._set_uid)
        revision = labels.get("controller-revision-hash", "")
        return _Belonging(meta.get("labels"), meta.get("ownerReferences"), ordinal, revision, owner, is_taken)
