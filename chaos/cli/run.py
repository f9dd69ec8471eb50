"""`chaos-sts run PROFILE`."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click
import structlog

from chaos import chance, plan, profile, time
from chaos.checkers.catalogue import GUARANTEES
from chaos.cli import ending
from chaos.cli.ending import fail
from chaos.cli.options import access_options, kubernetes_option, overrides, words
from chaos.cluster.access import EMBEDDED, Access, AccessError
from chaos.cluster.guard import explicit
from chaos.profile import Profile, ProfileError
from chaos.reports import document
from chaos.reports.text import text
from chaos.runner import stamp
from chaos.runner.phases import Says
from chaos.runner.session import CannotRun, Result, Wishes, run_profile

if TYPE_CHECKING:
    from chaos.embedded.release import Release


@click.command()
@click.argument("profile_name", metavar="PROFILE")
@access_options
@click.option("--seed", metavar="N", type=click.IntRange(0), help="Of every draw (default: a fresh one, printed).")
@click.option("--out", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Where the run is recorded.")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change the profile: target.replicas=7.")
@click.option("--for", "duration", metavar="DURATION", help="How long the longest `for` of the profile lasts: 10m.")
@click.option("--fail-fast", is_flag=True, help="End the run at the first violation.")
@click.option("--keep", is_flag=True, help="Leave the run's namespace behind, to look at it; `undo` removes it.")
@click.option(
    "--fault-command",
    metavar="COMMAND",
    help="How to stop, start, pause or resume a part of a real control plane: './cluster {verb} {component}'.",
)
@click.option("--dry-run", is_flag=True, help="Print the operations that this seed draws; touch no cluster.")
@kubernetes_option
@click.option("--quiet", "-q", is_flag=True, help="Print the verdict only.")
def command(
    profile_name: str,
    context: str | None,
    kubeconfig: str | None,
    in_cluster: bool,
    seed: int | None,
    folder: Path | None,
    settings: tuple[str, ...],
    duration: str | None,
    fail_fast: bool,
    keep: bool,
    fault_command: str | None,
    dry_run: bool,
    kubernetes: str | None,
    quiet: bool,
) -> None:
    """Run PROFILE (a shipped one's name, or a file) and say what held.

    A cluster is touched only if it is named, and only in a namespace of the run's own; what a profile does to nodes or to the
    control plane is taken back. Without a name, the run is on the embedded cluster: a Kubernetes within this process, in
    virtual time.
    """
    changes = overrides(settings) | ({"for": duration} if duration is not None else {})
    try:
        chosen = profile.load(profile_name, changes, GUARANTEES)
    except ProfileError as error:
        for line in error.errors:
            click.echo(line, err=True)
        sys.exit(ending.USAGE)
    seed = chance.fresh_seed() if seed is None else seed
    if dry_run:
        _print_plan(chosen, seed)
        return
    try:
        where = (
            explicit(context, kubeconfig, in_cluster=in_cluster) if context or kubeconfig or in_cluster else EMBEDDED
        )
    except AccessError as error:
        fail(str(error))
    commanded = words(fault_command) if fault_command is not None else ()
    if commanded and where is EMBEDDED:
        fail("--fault-command is for a real cluster: the embedded one has faults of its own")
    release = _played(chosen, kubernetes, where)
    folder = folder or Path("chaos-sts-runs") / f"{time.wall():%Y%m%d-%H%M%S}-{chosen.name}-{seed}"
    if (folder / "history.jsonl").exists():
        fail(f"{folder} already holds a recorded run")
    own = stamp.drawn(seed) if where is EMBEDDED else stamp.fresh()
    wishes = Wishes(seed, where, folder, changes, own, fail_fast=fail_fast, keep=keep, fault_command=commanded)
    sys.exit(_run(chosen, wishes, quiet, release))


def _played(chosen: Profile, kubernetes: str | None, where: Access) -> "Release | None":
    """The release that the embedded cluster plays; None if the run is on a real one."""
    if where is not EMBEDDED:
        if kubernetes is not None:
            fail("--kubernetes says what the embedded cluster plays: a real cluster is what it is")
        return None
    from chaos.cli.embedded import played
    from chaos.embedded.release import UnknownRelease

    try:
        return played(kubernetes, chosen.target.controller)
    except UnknownRelease as error:
        fail(str(error))


def _run(chosen: Profile, wishes: Wishes, quiet: bool, release: "Release | None") -> int:
    def say(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    try:
        wishes.folder.mkdir(parents=True, exist_ok=True)
        with _logging(wishes.folder / "run.log"):
            result = _perform(chosen, wishes, say, release)
    except (AccessError, CannotRun, OSError) as error:
        _discard(wishes.folder)
        fail(str(error))
    except KeyboardInterrupt:
        _discard(wishes.folder)
        raise
    except Exception:
        # Anything unforeseen is a bug of ours: the traceback goes to a file, the user gets a line.
        (wishes.folder / "crash.txt").write_text(traceback.format_exc())
        fail(
            f"internal error: {wishes.folder / 'crash.txt'} has the traceback; `chaos-sts undo {wishes.folder}` cleans up",
            code=ending.INTERNAL,
        )
    return _end(wishes.folder, result)


@contextmanager
def _logging(path: Path) -> Iterator[None]:
    """Send the log to a file, a line of JSON each, until the context is left."""
    with path.open("a") as log:
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.WriteLoggerFactory(file=log),
        )
        try:
            yield
        finally:
            structlog.reset_defaults()


def _perform(chosen: Profile, wishes: Wishes, say: Says, release: "Release | None") -> Result:
    if release is None:
        return anyio.run(partial(_connected, chosen, wishes, say))
    from chaos.embedded.virtual import run

    return run(partial(_simulated, chosen, wishes, say, release))


async def _simulated(chosen: Profile, wishes: Wishes, say: Says, release: "Release") -> Result:
    from chaos.cli.embedded import connect

    say("no cluster is named: this is the embedded one, in virtual time")
    async with connect(wishes.seed, release) as cluster:
        return await run_profile(cluster, chosen, wishes, say)


async def _connected(chosen: Profile, wishes: Wishes, say: Says) -> Result:
    from chaos.cluster.kube import connect

    async with connect(wishes.access) as cluster:
        return await run_profile(cluster, chosen, wishes, say)


def _discard(folder: Path) -> None:
    """Remove a folder in which nothing was recorded."""
    if not (folder / "history.jsonl").exists() and folder.exists():
        (folder / "run.log").unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _end(folder: Path, result: Result) -> int:
    document.write(folder, result.report)
    if result.began:
        click.echo(text(result.report, folder))
    for line in (result.trouble, result.leftover):
        if line:
            click.echo(f"chaos-sts: {line}", err=True)
    return ending.code_of_run(result)


def _print_plan(chosen: Profile, seed: int) -> None:
    click.echo(f"{chosen.name}, seed {seed}")
    for phase in chosen.phases:
        click.echo(f"{phase.name}:")
        for tick in plan.sequence(phase, seed):
            click.echo(f"  {'do':>8}  {plan.describe(tick.operation)}")
        for tick in plan.ticks(phase, seed):
            click.echo(f"  {tick.at_s:7.2f}s  {plan.describe(tick.operation)}")
