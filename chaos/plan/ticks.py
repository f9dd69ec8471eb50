"""When which task asks for its next operation."""

import heapq
from collections.abc import Iterator

import msgspec

from chaos.chance import stream
from chaos.operations import AnyOperation
from chaos.plan.drawing import draw
from chaos.profile import Phase, Task


class Tick(msgspec.Struct, frozen=True):
    """The k-th operation of a task, due `at_s` seconds after the tasks of its phase began."""

    at_s: float
    task: str
    k: int
    operation: AnyOperation


def sequence(phase: Phase, seed: int) -> Iterator[Tick]:
    """The operations of the phase's `do`, in order; each is due as soon as the one before has ended."""
    for i, step in enumerate(phase.do):
        task = f"{phase.name}/do[{i}]"
        yield Tick(0.0, task, 0, draw(seed, task, 0, step))


def ticks(phase: Phase, seed: int) -> Iterator[Tick]:
    """The operations of the phase's tasks by time, those of one instant by the order of the tasks, until its `for`.

    The ticks of a task are `every_s` apart whatever becomes of them. The first comes at a time of its own below
    `every_s`, so that tasks of one rhythm do not march in step.
    """
    end_s = phase.for_s or 0.0
    trains = [_train(f"{phase.name}/tasks[{i}]", task, seed, end_s) for i, task in enumerate(phase.tasks)]
    return heapq.merge(*trains, key=lambda tick: tick.at_s)


def _train(name: str, task: Task, seed: int, end_s: float) -> Iterator[Tick]:
    offset_s = stream(seed, f"{name}/offset").random() * task.every_s
    k = 0
    while (at_s := round(offset_s + k * task.every_s, 6)) < end_s:
        yield Tick(at_s, name, k, draw(seed, name, k, task.step))
        k += 1
