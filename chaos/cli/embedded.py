"""The embedded cluster as a target: in virtual time, over connections in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import anyio

from chaos import time
from chaos.cluster.rest import Kube, Server
from chaos.embedded.cluster import EmbeddedCluster, Settings
from chaos.embedded.release import NEWEST, Release, UnknownRelease, release
from chaos.embedded.virtual import MemoryConnector
from chaos.profile.model import Controller

URL = "http://embedded"
READ_BUFFER = 2**20


def played(asked: str | None, judged: Controller) -> Release:
    """The release that the embedded cluster plays in a run: what is asked for, and what the profile judges it by.

    Raises:
        UnknownRelease: it cannot be played, or the two do not agree.
    """
    if asked is None or judged.version is None:
        return release(asked or judged.version or max(NEWEST), judged.gates)
    if judged.version not in (asked, release(asked).version) and not judged.version.startswith(f"{asked}."):
        raise UnknownRelease(
            f"--kubernetes {asked}: the profile judges by target.controller.version {judged.version}; expected the same"
        )
    return release(judged.version, judged.gates)


@asynccontextmanager
async def connect(seed: int, release: Release) -> AsyncIterator[Kube]:
    """A client for a fresh cluster, whose every draw depends on the seed; it goes with the context."""
    cluster = EmbeddedCluster(time.virtual, Settings(seed, release=release))
    async with anyio.create_task_group() as group:
        await group.start(cluster.run)
        connector = MemoryConnector(cluster.edge.server())
        async with aiohttp.ClientSession(connector=connector, read_bufsize=READ_BUFFER) as session:
            yield Kube(session, Server(URL))
        group.cancel_scope.cancel()
