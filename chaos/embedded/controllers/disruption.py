"""PodDisruptionBudgets: how many pods there should be, how many are healthy, and how many may go.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/disruption/disruption.go; k8s.io/component-helpers 0.37 apps/poddisruptionbudget.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.selectors import matches
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.budgets import NoController, disrupted, failed_status, stale_in_s, status_of
from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.queue import WorkQueue
from chaos.embedded.controllers.recorder import Recorder
from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Api, ApiError, EventType, Json, Now

USER = "system:serviceaccount:kube-system:disruption-controller"


class DisruptionController:
    """Keeps the status of every budget, until it is cancelled."""

    def __init__(self, api: Api, now: Now, lag: Callable[[], float], latency: Callable[[], float]) -> None:
        """Draw each event's `lag` and each request's `latency` in seconds."""
        self._now = now
        self._client = Client(api, USER, latency)
        self._recorder = Recorder(self._client, now, "controllermanager")
        self._queue: WorkQueue[Key] = WorkQueue()
        self._stale: WorkQueue[Key] = WorkQueue()
        self._sets = Informer(api, "statefulsets", lag)
        self._pods = Informer(api, "pods", lag, self._pod_changed)
        self._budgets = Informer(api, "poddisruptionbudgets", lag, self._budget_changed)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Fill the caches, then work. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._recorder.run)
            for informer in (self._sets, self._budgets, self._pods):
                await group.start(informer.run)
            group.start_soon(self._queue.run, self._work, 1)
            group.start_soon(self._stale.run, self._clear, 1)
            task_status.started()

    def _budget_changed(self, kind: EventType, item: Json) -> None:
        self._queue.add((item["metadata"]["namespace"], item["metadata"]["name"]))

    def _pod_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        selecting = [key for key, budget in self._budgets.objects.items() if _covers(budget, item)]
        if selecting:
            # Upstream wakes one budget, whichever comes first.
            self._queue.add(min(selecting))
        stale_s = stale_in_s(item, self._now()) if kind != "DELETED" else None
        if stale_s is not None:
            self._stale.add_after((meta["namespace"], meta["name"]), stale_s)

    async def _work(self, key: Key) -> bool:
        """Bring one budget's status up to date; whether that needs no repetition."""
        budget = self._budgets.objects.get(key)
        if budget is None:
            return True
        try:
            await self._sync(key, budget)
        except NoController as error:
            told = f"Failed to calculate the number of expected pods: {error}"
            self._recorder.event(budget, "Warning", "CalculateExpectedPodCountFailed", told)
            return await self._write(budget, failed_status(budget, str(error), self._now()))
        except ApiError as error:
            return error.status == 404
        return True

    async def _sync(self, key: Key, budget: Json) -> None:
        now = self._now()
        pods = [pod for _, pod in sorted(self._pods.objects.items()) if _covers(budget, pod)]
        if not pods:
            self._recorder.event(budget, "Normal", "NoPods", "No matching pods found")
        scales = {
            each["metadata"]["uid"]: int(each["spec"]["replicas"])
            for at, each in self._sets.objects.items()
            if at[0] == key[0]
        }
        status = status_of(budget, pods, scales, now)
        if status is not None:
            await self._client.update("poddisruptionbudgets", {**budget, "status": status}, subresource="status")
        _, recheck_s = disrupted(budget, pods, now)
        if recheck_s is not None:
            self._queue.add_after(key, recheck_s)

    async def _write(self, budget: Json, status: Json) -> bool:
        try:
            await self._client.update("poddisruptionbudgets", {**budget, "status": status}, subresource="status")
        except ApiError as error:
            return error.status == 404
        return True

    async def _clear(self, key: Key) -> bool:
        """Take back a pod's DisruptionTarget condition that nothing has come of; whether that needs no repetition."""
        pod = self._pods.objects.get(key)
        stale_s = stale_in_s(pod, self._now()) if pod is not None else None
        if pod is None or stale_s is None:
            return True
        if stale_s > 0:
            self._stale.add_after(key, stale_s)
            return True
        kept = [each for each in pod["status"]["conditions"] if each["type"] != "DisruptionTarget"]
        cleared = {"type": "DisruptionTarget", "status": "False", "lastProbeTime": None}
        status = {**pod["status"], "conditions": [*kept, {**cleared, "lastTransitionTime": timestamp(self._now())}]}
        try:
            await self._client.update("pods", {**pod, "status": status}, subresource="status")
        except ApiError as error:
            return error.status == 404
        return True


def _covers(budget: Json, pod: Json) -> bool:
    """Whether a budget selects a pod."""
    if budget["metadata"]["namespace"] != pod["metadata"]["namespace"]:
        return False
    return matches(budget["spec"].get("selector"), pod["metadata"].get("labels") or {})
