"""A whole embedded cluster in virtual time, asked directly through its API."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from chaos import time
from chaos.embedded.cluster import EmbeddedCluster, Settings
from chaos.embedded.interface import Json, Streams
from chaos.embedded.node.kubelets import Kubelets
from chaos.embedded.release import Release
from chaos.embedded.virtual import run
from tests.embedded.server import NS, USER

T = TypeVar("T")


class Living:
    """The cluster, and what a test does to it."""

    def __init__(self, cluster: EmbeddedCluster) -> None:
        self.cluster = cluster
        self.api = cluster.api

    def create(self, resource: str, body: Json) -> Json:
        return self.api.create(resource, NS, body, user=USER)

    def find(self, resource: str, name: str) -> Json | None:
        return self.api.store.get(resource, "" if resource in ("nodes", "persistentvolumes") else NS, name)

    async def until(self, is_so: Callable[[], object], within_s: float = 60) -> float:
        """Wait until something is so; the seconds that took."""
        began = anyio.current_time()
        with anyio.fail_after(within_s):
            while not is_so():  # noqa: ASYNC110
                await anyio.sleep(0.01)
        return anyio.current_time() - began

    async def until_ready(self, name: str) -> Json:
        await self.until(lambda: is_ready(self.find("pods", name)))
        found = self.find("pods", name)
        assert found is not None
        return found

    async def exec(self, pod: str, *command: str) -> tuple[int, str]:
        """Run a command in a pod: its exit code and output."""
        out: list[bytes] = []
        kubelets = Kubelets(self.api, self.cluster.nodes)
        code = await kubelets.exec(NS, pod, "", command, Streams(_nothing(), out.append, out.append))
        return code, b"".join(out).decode()


def is_ready(pod: Json | None) -> bool:
    """Whether a pod exists and is Ready."""
    conditions = (pod or {}).get("status", {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def live(
    scenario: Callable[[Living], Awaitable[T]],
    *,
    nodes: int = 1,
    without: Sequence[str] = (),
    release: Release | None = None,
) -> T:
    """What a scenario returns, on a fresh cluster with the namespace `ns`."""

    async def main() -> T:
        cluster = EmbeddedCluster(time.virtual, Settings(7, nodes, release or Release(), tuple(without)))
        async with anyio.create_task_group() as group:
            await group.start(cluster.run)
            cluster.api.create("namespaces", "", {"metadata": {"name": NS}}, user=USER)
            living = Living(cluster)
            await living.until(lambda: living.find("serviceaccounts", "default"))
            result = await scenario(living)
            group.cancel_scope.cancel()
        return result

    return run(main)


async def _nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for data in empty:
        yield data
