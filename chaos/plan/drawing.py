"""From a step, whose choices are open, to an operation, whose choices are made."""

import math
from random import Random
from typing import assert_never

from chaos import operations as ops
from chaos.chance import stream
from chaos.operations import AnyOperation
from chaos.profile import Step, steps
from chaos.profile.choices import Amount, Between, BetweenBy, Choose, ChooseBy

BEFORE_NEWEST = math.nextafter(1.0, 0.0)
"""The rank of the revision before the newest, however many there are."""


def draw(seed: int, task: str, k: int, step: Step) -> AnyOperation:
    """The k-th operation that `step` becomes as `task`; it depends on nothing else.

    What a mix becomes is drawn from a stream of its own, so that other weights shift nothing within its steps.
    """
    if isinstance(step, steps.Mix):
        weights = [each.weight for each in step.mix]
        (chosen,) = stream(seed, f"{task}/mix", k).choices(step.mix, weights)
        return draw(seed, task, k, chosen.step)
    chance = stream(seed, task, k)
    if isinstance(step, steps.SetStep):
        return _of_set(chance, step)
    if isinstance(step, steps.PodStep):
        return _of_pods(chance, step)
    if isinstance(step, steps.NodeStep):
        return _of_nodes(chance, step)
    if isinstance(step, steps.Inflict):
        harm = step.inflict
        return ops.Inflict(harm.fault, _number(chance, harm.seconds), harm.share, harm.delay)
    return _of_probes(step)


def _of_set(chance: Random, step: steps.SetStep) -> AnyOperation:
    match step:
        case steps.CreateService():
            return ops.CreateService()
        case steps.DeleteService():
            return ops.DeleteService()
        case steps.CreateSet():
            return ops.CreateSet(None if step.create_set == "target" else step.create_set)
        case steps.DeleteSet():
            return ops.DeleteSet(step.delete_set)
        case steps.Scale():
            by = step.scale.by if isinstance(step.scale, BetweenBy | ChooseBy) else "scale"
            return ops.Scale(_number(chance, step.scale), by)
        case steps.SetPartition():
            return ops.SetPartition(_number(chance, step.set_partition))
        case steps.SetStrategy():
            return ops.SetStrategy(step.set_strategy.type, step.set_strategy.partition)
        case steps.SetMaxUnavailable():
            return ops.SetMaxUnavailable(chance.choice(step.set_max_unavailable))
        case steps.SetMinReadySeconds():
            return ops.SetMinReadySeconds(_number(chance, step.set_min_ready_seconds))
        case steps.SetStartOrdinal():
            return ops.SetStartOrdinal(_number(chance, step.set_start_ordinal))
        case steps.SetRetention():
            return ops.SetRetention(step.set_retention.when_scaled, step.set_retention.when_deleted)
        case steps.SetHistoryLimit():
            return ops.SetHistoryLimit(_number(chance, step.set_history_limit))
        case steps.SetImage():
            return ops.SetImage(chance.choice(step.set_image))
        case steps.ChangeTemplate():
            return ops.ChangeTemplate(step.change_template, _value(chance))
        case steps.Rollback():
            return _rollback(chance, step)
        case steps.ConflictingWriters():
            writers = step.conflicting_writers
            replicas = tuple(_number(chance, writers.replicas) for _ in range(writers.writers))
            return ops.ConflictingWriters(replicas, _value(chance))
    assert_never(step)


def _of_pods(chance: Random, step: steps.PodStep) -> AnyOperation:
    match step:
        case steps.DeletePods():
            return ops.DeletePods(*_picked(chance, step.delete_pods), _grace(chance, step.delete_pods))
        case steps.EvictPods():
            return ops.EvictPods(*_picked(chance, step.evict_pods), _grace(chance, step.evict_pods))
        case steps.CreateBudget():
            return ops.CreateBudget(step.create_budget.min_available, step.create_budget.max_unavailable)
        case steps.DeleteBudget():
            return ops.DeleteBudget()
        case steps.DeleteClaims():
            return ops.DeleteClaims(*_picked(chance, step.delete_claims))
        case steps.HoldClaims():
            return ops.HoldClaims(*_picked(chance, step.hold_claims))
        case steps.ReleaseClaims():
            return ops.ReleaseClaims(*_picked(chance, step.release_claims))
        case steps.RelabelPods():
            return ops.RelabelPods(*_picked(chance, step.relabel_pods), step.relabel_pods.direction)
        case steps.StealName():
            return ops.StealName(*_picked(chance, step.steal_name))
        case steps.OrphanPods():
            return ops.OrphanPods(*_picked(chance, step.orphan_pods))
        case steps.HoldPods():
            return ops.HoldPods(*_picked(chance, step.hold_pods))
        case steps.ReleasePods():
            return ops.ReleasePods(*_picked(chance, step.release_pods))
        case steps.CrashContainer():
            return ops.CrashContainer(*_picked(chance, step.crash_container))
        case steps.FailPods():
            return ops.FailPods(*_picked(chance, step.fail_pods))
        case steps.MakeUnready():
            return ops.MakeUnready(*_picked(chance, step.make_unready))
        case steps.MakeReady():
            return ops.MakeReady(*_picked(chance, step.make_ready))
    assert_never(step)


def _of_nodes(chance: Random, step: steps.NodeStep) -> AnyOperation:
    match step:
        case steps.Cordon():
            return ops.Cordon(chance.random())
        case steps.Uncordon():
            return ops.Uncordon()
        case steps.Drain():
            return ops.Drain(chance.random())
        case steps.Taint():
            return ops.Taint(chance.random(), step.taint)
        case steps.Untaint():
            return ops.Untaint()
    assert_never(step)


def _of_probes(step: steps.ProbeStep) -> AnyOperation:
    match step:
        case steps.WritePages():
            return ops.WritePages()
        case steps.ProbeDns():
            return ops.ProbeDns(step.probe_dns.sources, step.probe_dns.names)
        case steps.ProbeHttp():
            return ops.ProbeHttp(step.probe_http.sources)
    assert_never(step)


def _number(chance: Random, amount: Amount) -> int:
    match amount:
        case Between():
            return chance.randint(*amount.between)
        case Choose():
            return chance.choice(amount.choose)
    return amount


def _value(chance: Random) -> str:
    return f"{chance.getrandbits(32):08x}"


def _rollback(chance: Random, step: steps.Rollback) -> ops.Rollback:
    match step.rollback:
        case "previous":
            return ops.Rollback(BEFORE_NEWEST)
        case "random":
            return ops.Rollback(chance.random())
        case revision:
            return ops.Rollback(0.0, revision)


def _picked(chance: Random, picked: steps.Picked) -> tuple[tuple[float, ...], tuple[int, ...], bool]:
    ranks = tuple(chance.random() for _ in range(picked.count)) if picked.pick == "random" else ()
    return ranks, picked.pick if isinstance(picked.pick, tuple) else (), picked.pick == "each"


def _grace(chance: Random, victims: steps.Victims) -> int | None:
    return None if victims.grace is None else chance.randint(*victims.grace)
