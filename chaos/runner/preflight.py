"""What the target allows: version, gates, rights. A missing right that a run cannot do without ends it before it begins."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import anyio

from chaos.cluster.port import Cluster, ClusterError
from chaos.cluster.undo import identity
from chaos.history.run import Resolver
from chaos.runner.resolvers import resolver_of
from chaos.runner.rights import CLUSTER_WIDE, ESSENTIAL, Right

_GATE = re.compile(r'^kubernetes_feature_enabled\{name="(\w+)",stage="[^"]*"\} ([01])$', re.MULTILINE)

GATES = ("MaxUnavailableStatefulSet", "StaleControllerConsistencyStatefulSet", "StatefulSetRecreateStrategy")
"""Gates that change what a StatefulSet promises."""


class Preflight(NamedTuple):
    """`gates` are those the API server reports and that matter; `missing` the rights without which nothing can be run.

    `cluster` tells this cluster from every other; empty if it may not be asked.
    """

    version: str
    cluster: str
    gates: dict[str, bool]
    missing: tuple[str, ...]
    resolver: Resolver


async def preflight(cluster: Cluster, namespace: str, rights: Sequence[Right] = ESSENTIAL) -> Preflight:
    """Ask the cluster, for these rights too; changes nothing.

    Raises:
        ClusterError: it cannot be reached, or does not answer.
    """
    version = await cluster.version()
    allowed: dict[tuple[str, str], bool] = {}
    gates: dict[str, bool] = {}
    clusters: list[str] = []
    resolver = Resolver()

    async def ask(verb: str, resource: str) -> None:
        scope = "" if resource in CLUSTER_WIDE else namespace
        allowed[verb, resource] = await cluster.allowed(verb, resource, scope)

    async def read_gates() -> None:
        # Few may read this; the version's defaults stand for what is not known.
        try:
            text = await cluster.metrics("/metrics")
        except ClusterError:
            return
        gates.update({name: value == "1" for name, value in _GATE.findall(text) if name in GATES})

    async def identify() -> None:
        clusters.append(await identity(cluster))

    async def read_resolver() -> None:
        nonlocal resolver
        resolver = await resolver_of(cluster)

    # The first question alone: a server that is not there fails once, not in a group.
    await ask(*rights[0])
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(read_gates)
            group.start_soon(identify)
            group.start_soon(read_resolver)
            for verb, resource in rights[1:]:
                group.start_soon(ask, verb, resource)
    except* ClusterError as errors:
        raise errors.exceptions[0] from None
    missing = tuple(f"{verb} {resource}" for verb, resource in rights if not allowed[verb, resource])
    return Preflight(version, clusters[0], gates, missing, resolver)
