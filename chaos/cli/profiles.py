"""`chaos-sts profiles list|show|validate|schema`."""

import json

import click

from chaos import profile
from chaos.checkers.catalogue import GUARANTEES
from chaos.cli.ending import fail


@click.group()
def command() -> None:
    """List, show and validate profiles."""


@command.command("list")
def list_() -> None:
    """The profiles that come with the program."""
    shipped = profile.names()
    width = max(map(len, shipped))
    for name, description in shipped.items():
        click.echo(f"{name:<{width}}  {description}")


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """The text of a profile, to start one of your own from."""
    try:
        click.echo(profile.load(name, {}, GUARANTEES).source, nl=False)
    except profile.ProfileError as error:
        fail(*error.errors)


@command.command()
@click.argument("files", nargs=-1, required=True, metavar="PROFILE...")
def validate(files: tuple[str, ...]) -> None:
    """Check profiles; every mistake is a line FILE:LINE: what is wrong; what was expected."""
    mistakes: list[str] = []
    for file in files:
        try:
            profile.load(file, {}, GUARANTEES)
        except profile.ProfileError as error:
            mistakes += error.errors
        else:
            click.echo(f"{file}: ok")
    if mistakes:
        for line in mistakes:
            click.echo(line, err=True)
        raise SystemExit(2)


@command.command()
def schema() -> None:
    """The JSON schema of a profile, for editors."""
    click.echo(json.dumps(profile.schema(), indent=2))
