"""What a judge says of a history, in forms that tests compare whole."""

from chaos.checkers.judge import fold
from chaos.history.entries import Entry
from chaos.history.run import Controller
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


def breaches(world: World, version: str = "1.37.2", **gates: bool) -> dict[str, list[str]]:
    """What the whole history of this world violates, under the rules of a controller version."""
    report = fold(info(controller=Controller(version, gates)), ended(world))
    return {
        name: [finding.message for finding in each.findings]
        for name, each in report.guarantees.items()
        if each.findings
    }


def breached(world: World, version: str = "1.37.2") -> list[str]:
    """The names of what it violates."""
    return list(breaches(world, version))


def doubts(world: World, version: str = "1.37.2") -> set[str]:
    """Why guarantees are unknown that were exercised often enough."""
    report = fold(info(controller=Controller(version)), ended(world))
    return {each.why for each in report.guarantees.values() if each.why and "times; it is exercised" not in each.why}
