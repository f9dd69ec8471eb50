"""An operation in a few words, as `--dry-run` shows it."""

from typing import assert_never

from chaos import operations as ops
from chaos.operations import AnyOperation, Picking
from chaos.plan.drawing import BEFORE_NEWEST

_NAMES: dict[ops.Names, str] = {
    "each-pod": "the name of each pod",
    "service": "the service's name",
    "absent": "the names of pods that are not there",
    "all": "every name",
}


def describe(operation: AnyOperation) -> str:
    """What is done to what, in a few words."""
    if isinstance(operation, ops.SetOperation):
        return _of_set(operation)
    if isinstance(operation, ops.PodOperation):
        return _of_pods(operation)
    match operation:
        case ops.Cordon(rank=rank):
            return f"cordon the node of rank {rank:.3f}"
        case ops.Uncordon():
            return "uncordon what was cordoned"
        case ops.Drain(rank=rank):
            return f"drain the node of rank {rank:.3f}"
        case ops.Taint(rank=rank, effect=effect):
            return f"taint the node of rank {rank:.3f}, {effect}"
        case ops.Untaint():
            return "untaint what was tainted"
        case ops.Inflict(fault=fault, seconds=seconds):
            return f"inflict {fault} for {seconds:g}s"
        case ops.WritePages():
            return "write the page of each pod"
        case ops.ProbeDns(sources=sources, names=names):
            return f"resolve {_NAMES[names]} from {sources}"
        case ops.ProbeHttp(sources=sources):
            return f"fetch the page of each pod from {sources}"
    assert_never(operation)


def _of_set(operation: ops.SetOperation) -> str:
    match operation:
        case ops.CreateService():
            return "create the service"
        case ops.DeleteService():
            return "delete the service"
        case ops.CreateSet(policy=None):
            return "create the set"
        case ops.CreateSet(policy=policy):
            return f"create the set, {policy}"
        case ops.DeleteSet(cascade=cascade):
            return f"delete the set, {cascade}"
        case ops.Scale(replicas=replicas, by="spec"):
            return f"scale to {replicas} in the spec"
        case ops.Scale(replicas=replicas):
            return f"scale to {replicas}"
        case ops.SetPartition(partition=partition):
            return f"set the partition to {partition}"
        case ops.SetStrategy(type="RollingUpdate", partition=partition):
            return f"set the strategy to RollingUpdate, partition {partition}"
        case ops.SetStrategy(type=kind):
            return f"set the strategy to {kind}"
        case ops.SetMaxUnavailable(max_unavailable=portion):
            return f"set maxUnavailable to {portion}"
        case ops.SetMinReadySeconds(seconds=seconds):
            return f"set minReadySeconds to {seconds}"
        case ops.SetStartOrdinal(start=start):
            return f"set the start ordinal to {start}"
        case ops.SetRetention(when_scaled=scaled, when_deleted=deleted):
            return f"set the retention of claims to {scaled} when scaled, {deleted} when deleted"
        case ops.SetHistoryLimit(limit=limit):
            return f"set the history limit to {limit}"
        case ops.SetImage(image=image):
            return f"set the image to {image}"
        case ops.ChangeTemplate():
            return _template(operation)
        case ops.Rollback():
            return _rollback(operation)
        case ops.ConflictingWriters(replicas=replicas):
            return f"write the whole set {len(replicas)} times at once, replicas {', '.join(map(str, replicas))}"
    assert_never(operation)


def _template(change: ops.ChangeTemplate) -> str:
    match change.field:
        case "annotation" | "env":
            return f"change the template's {change.field} to {change.value}"
        case "broken-image":
            return "change the template to an image that no registry has"
        case "broken-readiness":
            return "change the template to a readiness probe that never passes"
        case "sound":
            return "change the template back to the profile's image and probe"
    assert_never(change.field)


def _rollback(rollback: ops.Rollback) -> str:
    if rollback.revision:
        return f"roll back to revision {rollback.revision}"
    if rollback.rank == BEFORE_NEWEST:
        return "roll back to the previous revision"
    return f"roll back to the revision of rank {rollback.rank:.3f}"


def _of_pods(operation: ops.PodOperation) -> str:
    match operation:
        case ops.DeletePods(grace_s=grace_s):
            return f"delete {_pods(operation)}{_grace(grace_s)}"
        case ops.EvictPods(grace_s=grace_s):
            return f"evict {_pods(operation)}{_grace(grace_s)}"
        case ops.CreateBudget(min_available=None, max_unavailable=portion):
            return f"create a budget, maxUnavailable {portion}"
        case ops.CreateBudget(min_available=portion):
            return f"create a budget, minAvailable {portion}"
        case ops.DeleteBudget():
            return "delete the budget"
        case ops.DeleteClaims():
            return f"delete the claim of {_pods(operation)}"
        case ops.HoldClaims():
            return f"hold the claim of {_pods(operation)} by a finalizer"
        case ops.ReleaseClaims():
            return f"release the claim of {_pods(operation)}"
        case ops.RelabelPods(direction="out"):
            return f"relabel {_pods(operation)} out of the selector"
        case ops.RelabelPods():
            return f"relabel {_pods(operation)} into the selector"
        case ops.StealName():
            return f"give {_pods(operation)} a neighbour's name label"
        case ops.OrphanPods():
            return f"orphan {_pods(operation)}"
        case ops.HoldPods():
            return f"hold {_pods(operation)} by a finalizer"
        case ops.ReleasePods():
            return f"release {_pods(operation)}"
        case ops.CrashContainer():
            return f"crash the container of {_pods(operation)}"
        case ops.FailPods():
            return f"let the deadline of {_pods(operation)} pass"
        case ops.MakeUnready():
            return f"make {_pods(operation)} unready"
        case ops.MakeReady():
            return f"make {_pods(operation)} ready"
    assert_never(operation)


def _pods(picking: Picking) -> str:
    if picking.every:
        return "every pod"
    if picking.ordinals:
        return f"pods {', '.join(map(str, picking.ordinals))}"
    noun = "pod" if len(picking.ranks) == 1 else "pods"
    return f"{noun} of rank {', '.join(f'{rank:.3f}' for rank in picking.ranks)}"


def _grace(grace_s: int | None) -> str:
    return "" if grace_s is None else f", grace {grace_s}s"
