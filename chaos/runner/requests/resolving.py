"""Which requests perform an operation."""

from chaos import operations as ops
from chaos.history.entries import Request
from chaos.operations import AnyOperation
from chaos.runner.requests.known import Known, Nothing
from chaos.runner.requests.nodes import resolve_nodes
from chaos.runner.requests.pods import pages, resolve_pods
from chaos.runner.requests.sets import resolve_set


def resolve(operation: AnyOperation, known: Known) -> list[list[Request]]:
    """The requests that perform `operation` now.

    Each inner list is meant for one instant; the next one is for when all of it has succeeded.

    Raises:
        Nothing: it has no target.
    """
    if isinstance(operation, ops.SetOperation):
        return [resolve_set(operation, known)]
    if isinstance(operation, ops.PodOperation):
        return [resolve_pods(operation, known)]
    if isinstance(operation, ops.NodeOperation):
        return resolve_nodes(operation, known)
    if isinstance(operation, ops.WritePages):
        return [pages(known)]
    raise Nothing("it is no request")
