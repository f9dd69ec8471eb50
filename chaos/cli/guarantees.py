"""`chaos-sts guarantees [NAME]`."""

import textwrap

import click

from chaos.checkers.catalogue import GUARANTEES, is_named
from chaos.checkers.catalogue.left_out import LEFT_OUT
from chaos.cli.ending import fail
from chaos.verdict import Guarantee


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Show what is judged; with NAME (a guarantee or a family) everything about it."""
    if name is None:
        width = max(map(len, GUARANTEES))
        for each in GUARANTEES.values():
            click.echo(f"{each.name:<{width}}  {each.promise}")
        click.echo("\nNot judged:")
        for left in LEFT_OUT:
            text = f"{left.what}: {left.why}" if left.what else left.why
            click.echo(textwrap.fill(text, 100, initial_indent=f"  {left.rule:<4}", subsequent_indent=" " * 6))
        return
    chosen = [each for each in GUARANTEES.values() if is_named(each.name, (name,))]
    if not chosen:
        fail(f"no guarantee or family is named {name!r}; `chaos-sts guarantees` lists them")
    click.echo("\n\n".join(_whole(each) for each in chosen))


def _whole(guarantee: Guarantee) -> str:
    rows = (
        ("promise", guarantee.promise),
        ("rules", ", ".join(guarantee.rules) or "none of StatefulSets"),
        ("source", guarantee.source),
        ("exercised", f"when {guarantee.opportunity}"),
        ("violated", f"when {guarantee.breaks}"),
        (
            "unknown",
            "by a gap in the record, too few opportunities" + (f", {guarantee.unknown}" if guarantee.unknown else ""),
        ),
    )
    lines = [guarantee.name]
    for label, text in rows:
        lines += textwrap.wrap(text, 100, initial_indent=f"  {label:<10}", subsequent_indent=" " * 12)
    return "\n".join(lines)
