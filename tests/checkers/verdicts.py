"""What a judge says of a history, in forms that tests compare whole."""

from chaos.checkers.judge import fold
from chaos.history.entries import Entry
from chaos.verdict import Judgement
from tests.checkers.world import World, info

Verdicts = dict[str, tuple[str, int, list[str]]]


def ended(world: World) -> list[Entry]:
    world.end()
    return world.entries


def judged(entries: list[Entry], name: str) -> Judgement:
    return fold(info(), entries).guarantees[name]


def verdicts(entries: list[Entry]) -> Verdicts:
    """All but the indices of entries, which differ where the order of arrival does."""
    report = fold(info(), entries)
    return {
        name: (each.verdict, each.exercised, [finding.message for finding in each.findings])
        for name, each in report.guarantees.items()
    }


def violations(entries: list[Entry]) -> set[tuple[str, str]]:
    return {(name, message) for name, (_, _, messages) in verdicts(entries).items() for message in messages}
