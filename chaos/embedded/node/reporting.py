"""How a pod's status reaches the API server: one write at a time, each of the latest.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/status/status_manager.go: it reads the pod afresh, then patches its status.
"""

from collections.abc import Callable

from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import ApiError, Json
from chaos.embedded.node.conditions import OWN
from chaos.embedded.node.gate import Gate
from chaos.embedded.waiting import Bell


class Reporter:
    """Writes the status of one pod. What changes during a write is told together by the next."""

    def __init__(self, client: Client, gate: Gate, pod: Json, status: Callable[[Json], Json]) -> None:
        """`status` gives the status now, from that on record."""
        self._client = client
        self._gate = gate
        meta = pod["metadata"]
        self._namespace, self._name, self._uid = meta["namespace"], meta["name"], meta["uid"]
        self._status = status
        self._told: Json = {}
        self._is_behind = False
        self._is_writing = False
        self._changed = Bell()
        self._idle = Bell()

    def tell(self) -> None:
        """The status has changed."""
        self._is_behind = True
        self._changed.ring()

    def is_contradicted(self, seen: Json) -> bool:
        """Whether a status on record says anything else of what is the kubelet's than what was written last."""
        if self._is_behind or self._is_writing:
            return False
        return any(_own(seen, key) != _own(self._told, key) for key in self._told)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            if not self._is_behind:
                self._is_writing = False
                self._idle.ring()
                await self._changed.rung()
            self._is_behind, self._is_writing = False, True
            await self._gate.passed()
            await self._write()

    async def written(self) -> None:
        """Wait until everything that was told is on record, or never can be."""
        while self._is_behind or self._is_writing:
            await self._idle.rung()

    async def _write(self) -> None:
        try:
            fresh = await self._client.get("pods", self._namespace, self._name)
            if fresh["metadata"]["uid"] != self._uid:
                return
            old = fresh.get("status") or {}
            wanted = self._status(self._remembered(old))
            self._told = wanted
            if all(old.get(key) == value for key, value in wanted.items()):
                return
            # The version stands for the merge by type that a kubelet asks for: others' conditions must not be lost.
            meta = {"uid": self._uid, "resourceVersion": fresh["metadata"]["resourceVersion"]}
            body = {"metadata": meta, "status": wanted}
            await self._client.patch("pods", self._namespace, self._name, body, "merge", subresource="status")
        except ApiError as error:
            if error.status == 409:
                self._is_behind = True

    def _remembered(self, old: Json) -> Json:
        """The status on record with a kubelet's own conditions as it told them: since when they are so nobody else decides."""
        told = self._told.get("conditions") or ()
        if not told:
            return old
        own = [each for each in told if each["type"] in OWN]
        return {**old, "conditions": [*own, *(each for each in old.get("conditions") or () if each["type"] not in OWN)]}


def _own(status: Json, key: str) -> object:
    """A field of a status, of the conditions only those of a kubelet."""
    if key != "conditions":
        return status.get(key)
    return [each for each in status.get(key) or () if each["type"] in OWN]
