"""`chaos-sts undo DIR`."""

from functools import partial
from pathlib import Path

import anyio
import click

from chaos.cli.ending import INCONCLUSIVE, fail
from chaos.cli.options import access_options
from chaos.cluster import undo
from chaos.cluster.access import EMBEDDED, Access, AccessError
from chaos.cluster.guard import explicit
from chaos.cluster.port import ClusterError


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
@access_options
def command(folder: Path, context: str | None, kubeconfig: str | None, in_cluster: bool) -> None:
    """Remove what a run that died left behind, and nothing else. The cluster is the run's unless options name another."""
    deed = undo.last(folder)
    if deed is None or deed.done:
        click.echo("nothing to undo")
        return
    if deed.access == EMBEDDED and not (context or kubeconfig or in_cluster):
        click.echo("nothing to undo: the run's cluster was part of it, and is gone")
        return
    with undo.held(folder) as is_ours:
        if not is_ours:
            fail(f"the run in {folder} is still going; Ctrl-C ends it and cleans up")
        _carry_out(folder, deed, context, kubeconfig, in_cluster)


def _carry_out(folder: Path, deed: undo.Deed, context: str | None, kubeconfig: str | None, in_cluster: bool) -> None:
    is_named = bool(context or kubeconfig or in_cluster)
    try:
        done = anyio.run(
            partial(_undo, explicit(context, kubeconfig, in_cluster=in_cluster) if is_named else deed.access, deed)
        )
    except AccessError as error:
        fail(str(error))
    except (ClusterError, TimeoutError) as error:
        fail(
            f"not everything is undone, namespace {deed.namespace} is still there: {error or 'it takes too long'}",
            code=INCONCLUSIVE,
        )
    if done.is_final:
        undo.record(folder, deed.finished())
    click.echo(done.text)


async def _undo(where: Access, deed: undo.Deed) -> undo.Undone:
    from chaos.cluster.kube import connect

    async with connect(where) as cluster:
        return await undo.undo(cluster, deed)
