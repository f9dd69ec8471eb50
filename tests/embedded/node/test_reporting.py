"""How a pod's status is written."""

import anyio

from chaos.embedded.controllers.client import Client
from chaos.embedded.interface import ApiError, Json
from chaos.embedded.node.gate import Gate
from chaos.embedded.node.reporting import Reporter
from chaos.embedded.virtual import run


class Server(Client):
    """Refuses the first writes as conflicts, and keeps the others; a write takes a second."""

    def __init__(self, conflicts: int) -> None:
        self.conflicts = conflicts
        self.item: Json = {"metadata": {"namespace": "ns", "name": "pod", "uid": "1", "resourceVersion": "1"}}
        self.written: list[Json] = []

    async def get(self, resource: str, namespace: str, name: str) -> Json:
        return self.item

    async def patch(self, resource: str, namespace: str, name: str, body: Json, *_: object, **__: object) -> Json:
        await anyio.sleep(1)
        if self.conflicts:
            self.conflicts -= 1
            raise ApiError(409, "Conflict", "it was changed")
        self.written.append(body["status"])
        return {}


def writes(server: Server, tell_at: list[float]) -> list[Json]:
    """What is written if the status, which is the time, is told at these times."""

    async def main() -> list[Json]:
        reporter = Reporter(server, Gate(), server.item, lambda old: {"at": anyio.current_time()})
        async with anyio.create_task_group() as group:
            group.start_soon(reporter.run)
            for at in tell_at:
                await anyio.sleep_until(at)
                reporter.tell()
            await reporter.written()
            group.cancel_scope.cancel()
        return server.written

    return run(main)


def test_a_write_that_conflicts_is_made_again_from_what_is_then_on_record() -> None:
    assert writes(Server(conflicts=2), [1.0]) == [{"at": 3.0}]


def test_what_changes_during_a_write_is_told_by_the_next_together() -> None:
    assert writes(Server(conflicts=0), [1.0, 1.2, 1.4, 1.6]) == [{"at": 1.0}, {"at": 2.0}]


def test_the_status_of_another_pod_of_the_name_is_left_alone() -> None:
    server = Server(conflicts=0)

    async def main() -> None:
        mine = {"metadata": {**server.item["metadata"], "uid": "2"}}
        reporter = Reporter(server, Gate(), mine, lambda old: {"at": 0})
        async with anyio.create_task_group() as group:
            group.start_soon(reporter.run)
            reporter.tell()
            await reporter.written()
            group.cancel_scope.cancel()

    run(main)

    assert server.written == []
