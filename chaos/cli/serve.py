"""`chaos-sts serve`."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click
import yaml

from chaos import chance, time
from chaos.cli.ending import fail
from chaos.cli.options import kubernetes_option

if TYPE_CHECKING:
    from chaos.embedded.cluster import Settings

CONTROLLERS = ("claim", "disruption", "endpointslice", "garbage", "namespace", "node", "podgc", "statefulset")
NAME = "chaos-sts-embedded"


@click.command()
@click.option(
    "--port", metavar="PORT", type=click.IntRange(0, 65535), default=0, help="Listen there (default: a free one)."
)
@click.option(
    "--kubeconfig-out",
    "kubeconfig",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("chaos-sts.kubeconfig"),
    show_default=True,
    help="Where the kubeconfig is written.",
)
@click.option("--nodes", metavar="N", type=click.IntRange(1, 50), default=1, show_default=True, help="How many nodes.")
@click.option("--seed", metavar="N", type=click.IntRange(0), help="Of every draw (default: a fresh one).")
@click.option(
    "--without",
    metavar="NAME",
    type=click.Choice(CONTROLLERS),
    multiple=True,
    help="Leave a controller out; repeatable.",
)
@kubernetes_option
def command(
    port: int, kubeconfig: Path, nodes: int, seed: int | None, without: tuple[str, ...], kubernetes: str | None
) -> None:
    """Run the embedded cluster in real time, on this machine only, until it is interrupted."""
    from chaos.embedded.cluster import Settings
    from chaos.embedded.release import NEWEST, UnknownRelease, release

    seed = chance.fresh_seed() if seed is None else seed
    try:
        played = release(kubernetes or max(NEWEST))
    except UnknownRelease as error:
        fail(str(error))
    settings = Settings(seed, nodes, played, without, request_s=(0.0, 0.0), tracked="from creation")
    try:
        anyio.run(_serve, port, kubeconfig, settings)
    except* OSError as errors:
        fail(str(errors.exceptions[0]))


async def _serve(port: int, kubeconfig: Path, settings: "Settings") -> None:
    from chaos.embedded.cluster import EmbeddedCluster
    from chaos.embedded.http.listening import LOOPBACK, listening

    cluster = EmbeddedCluster(time.wall, settings)
    async with anyio.create_task_group() as group:
        await group.start(cluster.run)
        async with listening(cluster.edge, port) as bound:
            url = f"http://{LOOPBACK}:{bound}"
            await anyio.Path(kubeconfig).write_text(_kubeconfig(url))
            version = settings.release.version
            click.echo(f"embedded Kubernetes {version} at {url}, seed {settings.seed}; kubeconfig: {kubeconfig}")
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _ in signals:
                    break
        group.cancel_scope.cancel()


def _kubeconfig(url: str) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": NAME, "cluster": {"server": url}}],
            "users": [{"name": NAME, "user": {}}],
            "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
            "current-context": NAME,
        },
        sort_keys=False,
    )
