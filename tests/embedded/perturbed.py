"""Runs on an embedded cluster to which everything legal happens: none of it may look like a wrong controller.

    python -m tests.embedded.perturbed HOURS [FIRST_SEED]

Runs `stress` with one seed after another until so many hours have been simulated; prints what each run gave, and exits 1 if
one was violated.
"""

import logging
import random
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import anyio
import structlog

from chaos import chance, profile, time
from chaos.checkers.catalogue import GUARANTEES
from chaos.cluster.access import EMBEDDED
from chaos.cluster.rest import Kube, Server
from chaos.embedded.cluster import EmbeddedCluster, Settings
from chaos.embedded.controllers.statefulset import StatefulSetController
from chaos.embedded.faults import Fault, Name
from chaos.embedded.release import Release
from chaos.embedded.virtual import MemoryConnector, run
from chaos.runner import stamp
from chaos.runner.session import Result, Wishes, run_profile

SETTLED_S = 10.0
"""The first seconds are left alone: a run begins with questions to the API server."""


async def _stale(cluster: EmbeddedCluster, draws: random.Random) -> None:
    """One cache of the StatefulSet controller stands still."""
    controller = cluster.manager.alive["statefulset"]
    assert isinstance(controller, StatefulSetController)
    cache = draws.choice([controller.sets, controller.pods, controller.claims, controller.revisions])
    cache.frozen = True
    await anyio.sleep(draws.uniform(0.05, 6.0))
    cache.frozen = False


async def _blind(cluster: EmbeddedCluster, draws: random.Random) -> None:
    """The controller sees nothing at all for a while."""
    controller = cluster.manager.alive["statefulset"]
    assert isinstance(controller, StatefulSetController)
    caches = [controller.sets, controller.pods, controller.claims, controller.revisions]
    for cache in caches:
        cache.frozen = True
    await anyio.sleep(draws.uniform(0.5, 12.0))
    for cache in caches:
        cache.frozen = False


async def _faulty(cluster: EmbeddedCluster, draws: random.Random, faults: Mapping[Name, tuple[float, float]]) -> None:
    """Something that has a name, for a while."""
    name, (least_s, most_s) = draws.choice(list(faults.items()))
    node = draws.choice(cluster.nodes).name if name in ("freeze-kubelet", "lose-node") else ""
    share, delay_s = draws.uniform(0.05, 0.2), draws.uniform(0.05, 1.0)
    await cluster.faults.inflict(Fault(name, draws.uniform(least_s, most_s), share, delay_s, node))


FAULTS: dict[Name, tuple[float, float]] = {
    "slow-api": (0.5, 8.0),
    "api-429": (0.5, 5.0),
    "api-503": (0.5, 5.0),
    "lost-answers": (0.5, 5.0),
    "cut-watches": (0.0, 0.0),
    "silent-watches": (0.5, 5.0),
    "pause-apiserver": (0.5, 8.0),
    "pause-controller": (0.5, 12.0),
    "restart-controller": (0.1, 8.0),
    "failover-controller": (0.0, 0.0),
    "pause-scheduler": (0.5, 8.0),
    "freeze-kubelet": (0.5, 8.0),
    "lose-node": (1.0, 30.0),
    "restart-dns": (0.5, 8.0),
}
"""For how many seconds each lasts."""

LOSSES: dict[Name, tuple[float, float]] = {"watch-410": (0.0, 0.0)}


async def _perturb(cluster: EmbeddedCluster, draws: random.Random) -> None:
    """One thing after another; in a run of four, watches lose their place as well: what follows that proves nothing."""
    faults = {**FAULTS, **LOSSES} if draws.random() < 0.25 else FAULTS
    await anyio.sleep(SETTLED_S)
    while True:
        await anyio.sleep(draws.uniform(0.5, 8.0))
        match draws.randrange(7):
            case 0 | 1:
                await _stale(cluster, draws)
            case 2:
                await _blind(cluster, draws)
            case _:
                await _faulty(cluster, draws, faults)


async def _run(name: str, seed: int, folder: Path, release: Release, changes: Mapping[str, str]) -> Result:
    chosen = profile.load(name, changes, GUARANTEES)
    wishes = Wishes(seed, EMBEDDED, folder, dict(changes), stamp.drawn(seed))
    cluster = EmbeddedCluster(time.virtual, Settings(seed, nodes=2, release=release))
    async with anyio.create_task_group() as group:
        await group.start(cluster.run)
        group.start_soon(_perturb, cluster, chance.stream(seed, "perturbations"))
        connector = MemoryConnector(cluster.edge.server())
        async with aiohttp.ClientSession(connector=connector, read_bufsize=2**20) as session:
            result = await run_profile(Kube(session, Server("http://embedded")), chosen, wishes, lambda line: None)
        group.cancel_scope.cancel()
    return result


def perturbed(
    name: str, seed: int, folder: Path, release: Release | None = None, longest: str = ""
) -> tuple[Result, float]:
    """A perturbed run of a profile: its result, and the seconds that were simulated.

    `longest` is how long its longest phase with a `for` takes, such as 10m.
    """
    changes = {"for": longest} if longest else {}

    async def main() -> tuple[Result, float]:
        return await _run(name, seed, folder, release or Release(), changes), anyio.current_time()

    return run(main)


def main(hours: float, first: int) -> int:
    """Simulate so many hours; 1 if a run was violated."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seconds, seed, wrong = 0.0, first, 0
    verdicts: dict[str, int] = {}
    while seconds < hours * 3600:
        with tempfile.TemporaryDirectory() as place:
            result, took = perturbed("stress", seed, Path(place) / "run")
        verdict = result.report.verdict
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        seconds += took
        if verdict == "violated":
            wrong += 1
            names = [name for name, each in result.report.guarantees.items() if each.verdict == "violated"]
            sys.stdout.write(f"seed {seed}: violated {', '.join(names)}\n")
        seed += 1
    sys.stdout.write(f"{seconds / 3600:.2f} simulated hours, seeds {first} to {seed - 1}: {verdicts}\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
