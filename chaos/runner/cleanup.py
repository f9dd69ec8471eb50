"""The end of a run: what it created is removed, what it changed is as it was, and what stays is said."""

import anyio

from chaos.cluster import undo
from chaos.cluster.access import AccessError
from chaos.cluster.port import Cluster, ClusterError
from chaos.cluster.undo import Journal
from chaos.runner.phases import Says

CLEANUP_S = 120.0


async def clean_up(cluster: Cluster, journal: Journal, say: Says) -> str:
    """Undo everything that the run did; why its namespace stays, if it does."""
    say(f"removing namespace {journal.deed.namespace}")
    try:
        with anyio.fail_after(CLEANUP_S):
            done = await undo.undo(cluster, journal.deed)
    except (AccessError, ClusterError, TimeoutError) as error:
        return str(error) or f"removing it takes more than {CLEANUP_S:g} s"
    if done.is_final:
        journal.finished()
    say(done.text)
    return ""


async def keep(cluster: Cluster, journal: Journal) -> str:
    """Undo what the run did outside its namespace; why that stays."""
    try:
        with anyio.fail_after(CLEANUP_S):
            await undo.heal(cluster, journal.deed)
            await undo.restore_nodes(cluster, journal.deed)
    except (ClusterError, TimeoutError) as error:
        return str(error) or f"restoring nodes takes more than {CLEANUP_S:g} s"
    return "as asked for"
