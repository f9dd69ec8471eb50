"""Options that several commands have."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chaos.cli.ending import fail


def access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--context, --kubeconfig, --in-cluster: a real cluster is touched only when named."""
    for option in (
        click.option("--in-cluster", is_flag=True, help="The cluster that this process is a pod of."),
        click.option(
            "--kubeconfig", metavar="FILE", help="A kubeconfig; its current context unless --context says which."
        ),
        click.option(
            "--context", metavar="NAME", help="A context of the kubeconfig (default $KUBECONFIG, ~/.kube/config)."
        ),
    ):
        function = option(function)
    return function


def kubernetes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--kubernetes: the release that the embedded cluster plays."""
    return click.option(
        "--kubernetes",
        metavar="VERSION",
        help="The release that the embedded cluster plays: 1.34 to 1.37, such as 1.36 or 1.36.3 (default: the profile's, or 1.37).",
    )(function)


def overrides(settings: tuple[str, ...]) -> dict[str, str]:
    """`--set path=value` as a mapping."""
    found = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path:
            fail(f"--set {setting}: expected PATH=VALUE, such as target.replicas=7")
        found[path] = value
    return found


def words(command: str) -> tuple[str, ...]:
    """`--fault-command` as its words, the program by a path that does not depend on where it is called."""
    try:
        found = shlex.split(command)
    except ValueError as error:
        fail(f"--fault-command {command}: {error}")
    missing = [name for name in ("{verb}", "{component}") if not any(name in word for word in found)]
    if missing:
        fail(
            f"--fault-command {command}: {' and '.join(missing)} missing; expected such as './cluster {{verb}} {{component}}'"
        )
    program = str(Path(found[0]).absolute()) if "/" in found[0] else found[0]
    return (program, *found[1:])
