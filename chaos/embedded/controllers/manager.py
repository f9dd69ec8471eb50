"""The controller manager: it runs the controllers while it leads, and can be paused, restarted and replaced."""

from collections.abc import Callable, Mapping
from typing import Protocol

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.controllers.gate import Gate
from chaos.embedded.controllers.leader import Elector
from chaos.embedded.interface import Api, NewUid, Now

HOST, STANDBY = "embedded", "embedded-standby"


class Controller(Protocol):
    """What the manager runs."""

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Work until cancelled."""


class ControllerManager:
    """Runs controllers, made afresh for each life, until it is cancelled.

    `alive` are the controllers of the last life, by name; `holder` is the identity of who leads, empty while nobody does.
    """

    def __init__(
        self, api: Api, now: Now, new_uid: NewUid, controllers: Mapping[str, Callable[[], Controller]]
    ) -> None:
        """`controllers` makes each of them with empty caches; to be paused, they and the manager share one `Gate` as `api`."""
        self.alive: dict[str, Controller] = {}
        self.holder = ""
        self._api = api
        self._now = now
        self._new_uid = new_uid
        self._controllers = controllers
        self._gate = api if isinstance(api, Gate) else None
        self._life: anyio.CancelScope | None = None
        self._host = HOST
        self._down_s = 0.0
        self._waits = False

    @property
    def is_paused(self) -> bool:
        """Whether the controllers see nothing and do nothing."""
        return self._gate is not None and self._gate.is_shut

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live, and live again after each end. Started when all caches are full for the first time."""
        while True:
            with anyio.CancelScope() as self._life:
                await self._live(task_status)
            task_status = anyio.TASK_STATUS_IGNORED
            self.holder = ""
            await anyio.sleep(self._down_s)

    def pause(self) -> None:
        """Stop like a process that was sent SIGSTOP: nothing is seen, nothing done, the lease not renewed.

        Raises:
            RuntimeError: the controllers do not see the API through a gate.
        """
        if self._gate is None:
            raise RuntimeError("the controllers were not given a gate that could be shut")
        self._gate.shut()

    def resume(self) -> None:
        """Go on after a pause, with caches that are behind and decisions that were made before it."""
        if self._gate is not None:
            self._gate.open()

    def restart(self, down_s: float = 1.0) -> None:
        """End this life; a new process leads `down_s` seconds later, with another identity and empty caches."""
        self._host, self._down_s, self._waits = HOST, down_s, False
        self._end()

    def fail_over(self) -> None:
        """End this life as a crash does; a process on another host leads once the lease has expired."""
        self._host = STANDBY if self._host == HOST else HOST
        self._down_s, self._waits = 0.0, True
        self._end()

    def _end(self) -> None:
        if self._life is not None:
            self._life.cancel()

    async def _live(self, task_status: TaskStatus[None]) -> None:
        """Lead until the lease is lost."""
        elector = Elector(self._api, self._now, f"{self._host}_{self._new_uid()}")
        if self._waits:
            await elector.acquire()
        else:
            elector.take()
        # Who loses the lease to somebody waits for it to expire.
        self._down_s, self._waits = 0.0, True
        self.holder = elector.identity
        # A new process is not paused, and what its predecessor did not hear it does not hear either.
        self.resume()
        async with anyio.create_task_group() as group:
            group.start_soon(self._lead, elector, group.cancel_scope)
            for name, make in self._controllers.items():
                self.alive[name] = make()
                await group.start(self.alive[name].run)
            task_status.started()

    async def _lead(self, elector: Elector, life: anyio.CancelScope) -> None:
        await elector.keep(self._passed)
        life.cancel()

    async def _passed(self) -> None:
        if self._gate is not None:
            await self._gate.passed()
