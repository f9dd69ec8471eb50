"""Requests on nodes. Only the target's pods are ever evicted from one."""

from typing import assert_never

from chaos import operations as ops
from chaos.cluster import nodes
from chaos.cluster.port import Json
from chaos.history.entries import Request
from chaos.runner.requests.known import Known, Nothing, at_rank
from chaos.runner.requests.pods import evict


def resolve_nodes(operation: ops.NodeOperation, known: Known) -> list[list[Request]]:
    """The requests that perform `operation`: one instant after another.

    Raises:
        Nothing: no node is there that it can be done to.
    """
    match operation:
        case ops.Cordon(rank=rank):
            return [[_cordon(_schedulable(rank, known), known)]]
        case ops.Drain(rank=rank):
            node = _schedulable(rank, known)
            return [[_cordon(node, known)], _evictions(node, known)]
        case ops.Taint(rank=rank, effect=effect):
            free = [each for each in known.nodes.values() if nodes.untainted(each, known.run) is None]
            if not free:
                raise Nothing("no node is known that this run has not tainted")
            node = at_rank(rank, free)
            return [[_patch(node, nodes.tainted(node, known.run, effect))]]
        case ops.Uncordon():
            changes = [(each, nodes.uncordoned(each, known.run)) for each in known.nodes.values()]
        case ops.Untaint():
            changes = [(each, nodes.untainted(each, known.run)) for each in known.nodes.values()]
        case _:
            assert_never(operation)
    requests = [_patch(node, change) for node, change in changes if change is not None]
    if not requests:
        raise Nothing("this run has nothing to take back on any node")
    return [requests]


def _schedulable(rank: float, known: Known) -> Json:
    free = [each for each in known.nodes.values() if not each["spec"].get("unschedulable")]
    if not free:
        raise Nothing("no node is known that is schedulable")
    return at_rank(rank, free)


def _cordon(node: Json, known: Known) -> Request:
    return _patch(node, nodes.cordoned(node, known.run))


def _patch(node: Json, change: Json) -> Request:
    return Request("patch", "nodes", node["metadata"]["name"], uid=node["metadata"]["uid"], body=change)


def _evictions(node: Json, known: Known) -> list[Request]:
    name = node["metadata"]["name"]
    return [
        evict(pod, known, None)
        for pod in known.pods
        if pod["spec"].get("nodeName") == name and "deletionTimestamp" not in pod["metadata"]
    ]
