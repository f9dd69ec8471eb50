"""The controller manager: who leads, and what pauses, restarts and fail-overs do."""

import itertools
from contextlib import suppress
from typing import Any

import anyio
import pytest
from anyio.abc import TaskStatus

from chaos.embedded.controllers.client import Client
from chaos.embedded.controllers.gate import Gate
from chaos.embedded.controllers.leader import Elector
from chaos.embedded.controllers.manager import ControllerManager
from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, ApiError, EventType, Json
from tests.embedded.controllers.world import NS, USER, World, live


class Echo:
    """A controller that makes a Secret for every ConfigMap that it sees."""

    def __init__(self, api: Api, world: World) -> None:
        self._client = Client(api, "echo", world.latency)
        self._maps = Informer(api, "configmaps", world.lag, self._changed)
        self._group: Any = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        async with anyio.create_task_group() as self._group:
            await self._group.start(self._maps.run)
            task_status.started()

    def _changed(self, kind: EventType, item: Json) -> None:
        self._group.start_soon(self._echo, item["metadata"]["name"])

    async def _echo(self, name: str) -> None:
        with suppress(ApiError):
            await self._client.create("secrets", NS, {"metadata": {"name": name}})


def manager(world: World) -> ControllerManager:
    numbers = itertools.count(1)
    gate = Gate(world.api)
    return ControllerManager(gate, world.now, lambda: f"uid-{next(numbers)}", {"echo": lambda: Echo(gate, world)})


def lease(world: World) -> Json:
    spec: Json = world.get("leases", "kube-controller-manager", "kube-system")["spec"]
    return spec


def show(world: World, name: str) -> None:
    world.add("configmaps", NS, {"metadata": {"name": name}})


def test_it_holds_the_lease_and_renews_it_every_two_seconds() -> None:
    world = World()
    world.follow("leases")
    leading = manager(world)

    async def act() -> None:
        await anyio.sleep(9)

    live(world, act, leading)

    assert leading.holder == "embedded_uid-1"
    assert lease(world)["holderIdentity"] == "embedded_uid-1"
    assert (lease(world)["leaseDurationSeconds"], lease(world)["leaseTransitions"]) == (15, 0)
    times = [item["spec"]["renewTime"][17:22] for _, _, item in world.seen]
    assert times == ["00.00", "02.00", "04.00", "06.00", "08.00"]
    assert {item["spec"]["acquireTime"] for _, _, item in world.seen} == {"2026-01-01T00:00:00.000000Z"}


def test_while_it_is_paused_nothing_is_seen_done_or_renewed_and_afterwards_it_goes_on() -> None:
    world = World()
    leading = manager(world)

    async def act() -> None:
        show(world, "before")
        await anyio.sleep(1)
        show(world, "under-way")
        await anyio.sleep(0.0001)
        leading.pause()
        show(world, "during")
        await anyio.sleep(30)
        assert leading.is_paused
        assert world.names("secrets") == ["before"]
        assert lease(world)["renewTime"] == "2026-01-01T00:00:00.000000Z"

        leading.resume()
        await anyio.sleep(2.1)

    live(world, act, leading)

    assert world.names("secrets") == ["before", "during", "under-way"]
    assert lease(world)["renewTime"] > "2026-01-01T00:00:31"
    assert (lease(world)["holderIdentity"], lease(world)["leaseTransitions"]) == ("embedded_uid-1", 0)


def test_after_a_restart_another_identity_leads_and_sees_what_happened_meanwhile() -> None:
    world = World()
    leading = manager(world)

    async def act() -> None:
        first = leading.alive["echo"]
        leading.restart(5.0)
        await anyio.sleep(0.1)
        show(world, "meanwhile")
        await anyio.sleep(4.8)
        assert world.names("secrets") == []
        assert leading.holder == ""
        await anyio.sleep(0.2)
        assert leading.alive["echo"] is not first

    live(world, act, leading)

    assert world.names("secrets") == ["meanwhile"]
    assert (lease(world)["holderIdentity"], lease(world)["leaseTransitions"]) == ("embedded_uid-2", 1)


def test_a_fail_over_waits_for_the_lease_to_expire() -> None:
    world = World()
    leading = manager(world)

    async def act() -> None:
        await anyio.sleep(1)
        leading.fail_over()
        show(world, "meanwhile")
        await anyio.sleep(14.9)
        assert lease(world)["holderIdentity"] == "embedded_uid-1"
        assert world.names("secrets") == []
        await anyio.sleep(2.2)

    live(world, act, leading)

    assert world.names("secrets") == ["meanwhile"]
    assert (lease(world)["holderIdentity"], lease(world)["leaseTransitions"]) == ("embedded-standby_uid-2", 1)


def test_a_paused_one_that_is_restarted_is_paused_no_longer() -> None:
    world = World()
    leading = manager(world)

    async def act() -> None:
        leading.pause()
        show(world, "during")
        leading.restart(1.0)
        await anyio.sleep(2)

    live(world, act, leading)

    assert not leading.is_paused
    assert world.names("secrets") == ["during"]


def test_one_that_lost_the_lease_stops_and_waits_for_its_turn() -> None:
    world = World()
    leading = manager(world)

    async def act() -> None:
        await anyio.sleep(1)
        Elector(world.api, world.now, "somebody").take()
        await anyio.sleep(3)
        show(world, "meanwhile")
        await anyio.sleep(10)
        assert leading.holder == ""
        assert world.names("secrets") == []
        await anyio.sleep(10)

    live(world, act, leading)

    assert leading.holder == "embedded_uid-2"
    assert world.names("secrets") == ["meanwhile"]


def test_one_whose_controllers_see_through_no_gate_says_that_it_cannot_be_paused() -> None:
    world = World()
    leading = ControllerManager(world.api, world.now, lambda: "uid", {})

    with pytest.raises(RuntimeError, match="gate"):
        leading.pause()


def test_a_lease_that_is_renewed_is_not_taken() -> None:
    world = World()
    holder, candidate = Elector(world.api, world.now, "holder"), Elector(world.api, world.now, "candidate")

    async def passed() -> None:
        pass

    async def act() -> None:
        holder.take()
        async with anyio.create_task_group() as group:
            group.start_soon(holder.keep, passed)
            with anyio.move_on_after(60) as waiting:
                await candidate.acquire()
            assert waiting.cancelled_caught
            group.cancel_scope.cancel()

    live(world, act)

    assert lease(world)["holderIdentity"] == "holder"


def test_the_events_of_a_watch_that_ended_behind_a_shut_gate_are_not_told() -> None:
    world = World()
    gate = Gate(world.api)
    told: list[str] = []
    end = gate.watch(
        "configmaps", lambda kind, item: told.append(item["metadata"]["name"]), since=world.api.list("pods").rv
    )
    gate.watch("secrets", lambda kind, item: told.append(item["metadata"]["name"]), since=world.api.list("pods").rv)

    gate.shut()
    show(world, "map")
    world.api.create("secrets", NS, {"metadata": {"name": "secret"}}, user=USER)
    end()
    gate.open()

    assert told == ["secret"]
