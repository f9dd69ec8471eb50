"""The controller manager: it runs the controllers while it holds the Lease, and can be paused, restarted and replaced."""

from collections.abc import Callable, Mapping
from typing import Protocol

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.api.stamps import micro_timestamp
from chaos.embedded.interface import Api, ApiError, NewUid, Now

NAMESPACE, LEASE = "kube-system", "kube-controller-manager"
USER = "system:kube-controller-manager"
RENEW_S = 2.0
DURATION_S = 15


class Controller(Protocol):
    """What the manager runs."""

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Work until cancelled."""


class ControllerManager:
    """Runs controllers, made afresh for each life, until it is cancelled; `alive` are those of this life, by name."""

    def __init__(
        self, api: Api, now: Now, new_uid: NewUid, controllers: Mapping[str, Callable[[], Controller]]
    ) -> None:
        """`controllers` makes each of them with empty caches."""
        self._api = api
        self._now = now
        self._new_uid = new_uid
        self._controllers = controllers
        self._life = anyio.CancelScope()
        self._down_s = 0.0
        self.alive: dict[str, Controller] = {}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live, and live again after each restart. Started when all caches are full for the first time."""
        while True:
            with anyio.CancelScope() as self._life:
                await self._live(task_status)
            task_status = anyio.TASK_STATUS_IGNORED
            await anyio.sleep(self._down_s)

    def restart(self, down_s: float = 1.0) -> None:
        """End this life; a new process begins `down_s` seconds later, with another identity and empty caches."""
        self._down_s = down_s
        self._life.cancel()

    async def _live(self, task_status: TaskStatus[None]) -> None:
        holder = f"embedded_{self._new_uid()}"
        self._acquire(holder)
        async with anyio.create_task_group() as group:
            group.start_soon(self._renew, holder)
            for name, make in self._controllers.items():
                self.alive[name] = make()
                await group.start(self.alive[name].run)
            task_status.started()

    def _acquire(self, holder: str) -> None:
        at = micro_timestamp(self._now())
        spec = {
            "holderIdentity": holder,
            "leaseDurationSeconds": DURATION_S,
            "acquireTime": at,
            "renewTime": at,
            "leaseTransitions": 0,
        }
        try:
            present = self._api.get("leases", NAMESPACE, LEASE)
        except ApiError:
            self._api.create("leases", NAMESPACE, {"metadata": {"name": LEASE}, "spec": spec}, user=USER)
            return
        spec["leaseTransitions"] = present["spec"].get("leaseTransitions", 0) + 1
        self._api.update("leases", NAMESPACE, LEASE, {**present, "spec": spec}, user=USER)

    async def _renew(self, holder: str) -> None:
        while True:
            await anyio.sleep(RENEW_S)
            body = {"spec": {"holderIdentity": holder, "renewTime": micro_timestamp(self._now())}}
            self._api.patch("leases", NAMESPACE, LEASE, body, "merge", user=USER)
