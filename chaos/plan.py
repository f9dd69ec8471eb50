"""The plan: (profile, seed) -> the operations, drawn without ever looking at a cluster.

The k-th operation of a task depends on nothing but seed, task and k, so one draw more or less shifts no other, and a
replay needs no state. A task is named by its phase and its place there: `stress/tasks[3]`, `stage/do[0]`.
"""

import heapq
import math
from collections.abc import Iterator
from random import Random
from typing import assert_never

import msgspec

from chaos import operations
from chaos.chance import stream
from chaos.operations import AnyOperation
from chaos.profile import Phase, Step, Task, steps
from chaos.profile.choices import Amount, Between, Choose


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


def draw(seed: int, task: str, k: int, step: Step) -> AnyOperation:
    """The k-th operation that `step` becomes as `task`; it depends on nothing else."""
    chance = stream(seed, task, k)
    match step:
        case steps.CreateService():
            return operations.CreateService()
        case steps.DeleteService():
            return operations.DeleteService()
        case steps.CreateSet():
            return operations.CreateSet()
        case steps.DeleteSet():
            return operations.DeleteSet(step.delete_set)
        case steps.Scale():
            return operations.Scale(_number(chance, step.scale))
        case steps.SetPartition():
            return operations.SetPartition(_number(chance, step.set_partition))
        case steps.SetStrategy():
            return operations.SetStrategy(step.set_strategy.type, step.set_strategy.partition)
        case steps.SetImage():
            return operations.SetImage(chance.choice(step.set_image))
        case steps.ChangeTemplate():
            return operations.ChangeTemplate(step.change_template, f"{chance.getrandbits(32):08x}")
        case steps.Rollback():
            return operations.Rollback(_BEFORE_NEWEST if step.rollback == "previous" else chance.random())
        case steps.DeletePods():
            return _deletion(chance, step.delete_pods)
        case steps.WritePages():
            return operations.WritePages()
        case steps.ProbeDns():
            return operations.ProbeDns(step.probe_dns.sources, step.probe_dns.names)
        case steps.ProbeHttp():
            return operations.ProbeHttp(step.probe_http.sources)
    assert_never(step)


_NAMES: dict[operations.Names, str] = {
    "each-pod": "the name of each pod",
    "service": "the service's name",
    "absent": "the names of pods that are not there",
    "all": "every name",
}

_BEFORE_NEWEST = math.nextafter(1.0, 0.0)


def _number(chance: Random, amount: Amount) -> int:
    match amount:
        case Between():
            return chance.randint(*amount.between)
        case Choose():
            return chance.choice(amount.choose)
    return amount


def _deletion(chance: Random, victims: steps.Victims) -> operations.DeletePods:
    ranks = tuple(chance.random() for _ in range(victims.count)) if victims.pick == "random" else ()
    return operations.DeletePods(
        ranks=ranks,
        ordinals=victims.pick if isinstance(victims.pick, tuple) else (),
        every=victims.pick == "each",
        grace_s=None if victims.grace is None else chance.randint(*victims.grace),
    )


def describe(operation: AnyOperation) -> str:
    """The operation in a few words, as `--dry-run` shows it."""
    match operation:
        case operations.CreateService():
            return "create the service"
        case operations.DeleteService():
            return "delete the service"
        case operations.CreateSet():
            return "create the set"
        case operations.DeleteSet(cascade=cascade):
            return f"delete the set, {cascade}"
        case operations.Scale(replicas=replicas):
            return f"scale to {replicas}"
        case operations.SetPartition(partition=partition):
            return f"set the partition to {partition}"
        case operations.SetStrategy(type="OnDelete"):
            return "set the strategy to OnDelete"
        case operations.SetStrategy(type=kind, partition=partition):
            return f"set the strategy to {kind}, partition {partition}"
        case operations.SetImage(image=image):
            return f"set the image to {image}"
        case operations.ChangeTemplate(field=field, value=value):
            return f"change the template's {field} to {value}"
        case operations.Rollback(rank=rank):
            return (
                "roll back to the previous revision"
                if rank == _BEFORE_NEWEST
                else f"roll back to the revision of rank {rank:.3f}"
            )
        case operations.DeletePods(grace_s=grace_s):
            grace = "" if grace_s is None else f", grace {grace_s}s"
            return f"delete {_victims(operation)}{grace}"
        case operations.WritePages():
            return "write the page of each pod"
        case operations.ProbeDns(sources=sources, names=names):
            return f"resolve {_NAMES[names]} from {sources}"
        case operations.ProbeHttp(sources=sources):
            return f"fetch the page of each pod from {sources}"
    assert_never(operation)


def _victims(deletion: operations.DeletePods) -> str:
    if deletion.every:
        return "every pod"
    if deletion.ordinals:
        return f"pods {', '.join(map(str, deletion.ordinals))}"
    noun = "pod" if len(deletion.ranks) == 1 else "pods"
    return f"{noun} of rank {', '.join(f'{rank:.3f}' for rank in deletion.ranks)}"
