"""`chaos-sts preflight`."""

import sys
from functools import partial

import anyio
import click

from chaos.cli.ending import USAGE, fail
from chaos.cli.options import access_options
from chaos.cluster.access import Access, AccessError
from chaos.cluster.guard import explicit
from chaos.cluster.port import ClusterError
from chaos.runner.preflight import Preflight, preflight


@click.command()
@access_options
def command(context: str | None, kubeconfig: str | None, in_cluster: bool) -> None:
    """Say what a cluster allows: version, feature gates, rights. Changes nothing."""
    try:
        where = explicit(context, kubeconfig, in_cluster=in_cluster)
        found = anyio.run(partial(_ask, where))
    except (AccessError, ClusterError) as error:
        fail(str(error))
    click.echo(f"Kubernetes {found.version}")
    for gate, is_on in sorted(found.gates.items()):
        click.echo(f"gate {gate}: {'on' if is_on else 'off'}")
    for right in found.missing:
        click.echo(f"missing: {right}", err=True)
    sys.exit(USAGE if found.missing else 0)


async def _ask(where: Access) -> Preflight:
    from chaos.cluster.kube import connect

    async with connect(where) as cluster:
        return await preflight(cluster, "chaos-sts-preflight")
