"""The two clusters: the embedded one in virtual time, fresh for every schedule, and a real one that a kubeconfig names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from chaos.cli import embedded
from chaos.cluster.access import Access
from chaos.cluster.kube import connect
from chaos.cluster.port import Cluster
from chaos.embedded.release import Release
from chaos.embedded.virtual import run
from tests.differential.performing import Record, perform
from tests.differential.schedule import Schedule


def on_embedded(schedule: Schedule, luck: int = 0) -> Record:
    """What comes of a schedule on the embedded cluster; `luck` seeds what is fast there and what is slow."""

    async def play() -> Record:
        async with embedded.connect(luck, Release()) as cluster:
            return await perform(cluster, schedule, "differential")

    return run(play)


@asynccontextmanager
async def real(kubeconfig: Path) -> AsyncIterator[Cluster]:
    """The cluster of a kubeconfig's current context."""
    async with connect(Access(kubeconfig=str(kubeconfig)), timeout_s=30.0) as cluster:
        yield cluster


async def on_real(cluster: Cluster, schedule: Schedule, number: int = 1) -> Record:
    """What comes of a schedule on a real cluster, where others may be under way in other namespaces; the `number`th try."""
    with anyio.fail_after(600):
        return await perform(cluster, schedule, f"differential-{schedule.seed}-{number}")
