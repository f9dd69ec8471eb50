"""The session on both clusters at once, command by command."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.real.kubectl.judging import differences, unexcused
from tests.real.kubectl.known import KNOWN, Known
from tests.real.kubectl.running import Target, session
from tests.real.kubectl.steps import Chapter, Step


class Compared(NamedTuple):
    """What differs of one command, `known` explanations, and what they leave unexplained. `name` has its chapter."""

    name: str
    step: Step
    told: list[str]
    known: tuple[Known, ...]
    unexcused: list[str]


def compared(both: tuple[Target, Target], chapters: Sequence[Chapter]) -> list[Compared]:
    """Every command of the chapters, in their order; the first target is the one that is right."""
    with ThreadPoolExecutor(2) as pool:
        real, embedded = pool.map(lambda target: session(target, tuple(chapters)), both)
    found = []
    for chapter in chapters:
        for step in chapter.steps:
            name = f"{chapter.name}/{step.name}"
            told, known = differences(step, real[name], embedded[name]), KNOWN.get(name, ())
            found.append(Compared(name, step, told, known, unexcused(told, known)))
    return found
