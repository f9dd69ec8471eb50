"""Who does not tolerate a NoExecute taint of its node, or not for long, is deleted; the taint's end calls that off.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/tainteviction/taint_eviction.go.
"""

from collections.abc import Callable

import anyio

from chaos.embedded.controllers import health
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.informer import Key
from chaos.embedded.interface import ApiError, EventType, Json, Now

WORKERS = 8
REASON = "TaintManagerEviction"


class TaintEviction:
    """Deletes pods; whoever has the caches of nodes and pods tells it of their changes."""

    def __init__(self, client: Client, recorder: Recorder, now: Now, pod: Callable[[Key], Json | None]) -> None:
        """`pod` gives a pod as the cache has it."""
        self._client = client
        self._recorder = recorder
        self._now = now
        self._pod = pod
        self._queue: WorkQueue[Key] = WorkQueue()
        self._tainted: dict[str, Json] = {}
        # Since when a pod, by its uid, has been tolerating: a restart of the controller begins anew.
        self._since: dict[str, float] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        await self._queue.run(self._work, WORKERS)

    def node_changed(self, kind: EventType, node: Json, pods: list[Json]) -> None:
        """A node has changed; `pods` are those on it."""
        name = node["metadata"]["name"]
        is_tainted = kind != "DELETED" and any(
            each["effect"] == "NoExecute" for each in node["spec"].get("taints") or ()
        )
        if not is_tainted and name not in self._tainted:
            return
        if is_tainted:
            self._tainted[name] = node
        else:
            del self._tainted[name]
        for pod in pods:
            self._queue.add((pod["metadata"]["namespace"], pod["metadata"]["name"]))

    def pod_changed(self, kind: EventType, pod: Json) -> None:
        """A pod has changed."""
        if kind == "DELETED":
            self._since.pop(pod["metadata"]["uid"], None)
        elif pod["spec"].get("nodeName") in self._tainted:
            self._queue.add((pod["metadata"]["namespace"], pod["metadata"]["name"]))

    async def _work(self, key: Key) -> bool:
        """Look at one pod; whether that needs no repetition."""
        pod = self._pod(key)
        if pod is None or "deletionTimestamp" in pod["metadata"]:
            return True
        uid, node = pod["metadata"]["uid"], self._tainted.get(pod["spec"].get("nodeName", ""))
        stays_s = health.eviction_in_s(pod, node) if node is not None else None
        if stays_s is None:
            if self._since.pop(uid, None) is not None:
                self._recorder.event(pod, "Normal", REASON, f"Cancelling deletion of Pod {key[0]}/{key[1]}")
            return True
        left_s = self._since.setdefault(uid, anyio.current_time()) + stays_s - anyio.current_time()
        if left_s > 0:
            self._queue.add_after(key, left_s)
            return True
        return await self._evict(key, pod)

    async def _evict(self, key: Key, pod: Json) -> bool:
        self._recorder.event(pod, "Normal", REASON, f"Marking for deletion Pod {key[0]}/{key[1]}")
        uid = pod["metadata"]["uid"]
        try:
            fresh = await self._client.get("pods", *key)
            if fresh["metadata"]["uid"] == uid:
                condition = health.condemned(fresh, self._now())
                body = {"metadata": {"uid": uid}, "status": {"conditions": [condition]}}
                await self._client.patch("pods", *key, body, subresource="status")
                await self._client.delete("pods", *key, uid=uid)
        except ApiError as error:
            return error.status == 404
        return True
