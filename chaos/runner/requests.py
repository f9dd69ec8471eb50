"""From a drawn operation to the requests that perform it, on the cluster as it is known at that moment. Pure.

A rank picks among the pods that exist; which pod that is, is decided here and recorded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chaos import operations as ops
from chaos.cluster.port import Json
from chaos.history.entries import Request
from chaos.observers.pods import is_ready
from chaos.operations import AnyOperation
from chaos.profile import Target
from chaos.runner import manifests

TEMPLATE = "/spec/template"
IMAGE = f"{TEMPLATE}/spec/containers/0/image"
KEY = "chaos-sts/change"
VARIABLE = "CHAOS_STS_CHANGE"


class Nothing(Exception):
    """There is nothing to do it to; the message says what is missing."""


def ordinal(target: Target, pod: Json) -> int:
    """The ordinal of a pod of the target set; -1 for any other pod."""
    parent, _, number = str(pod["metadata"]["name"]).rpartition("-")
    return int(number) if parent == target.statefulset and number.isdigit() else -1


def pods_of(target: Target, objects: Mapping[str, Json]) -> list[Json]:
    """The pods that have a name of the target set, by ordinal."""
    found = [pod for pod in objects.values() if ordinal(target, pod) >= 0]
    return sorted(found, key=lambda pod: ordinal(target, pod))


def resolve(
    operation: AnyOperation,
    target: Target,
    run: str,
    pods: Sequence[Json],
    revisions: Sequence[Json],
    claims: Mapping[str, Json],
    serial: str,
) -> list[Request]:
    """The requests that perform `operation` now; several of them are meant for one instant.

    Args:
        pods: the target's pods by ordinal.
        revisions: the target's ControllerRevisions.
        claims: claims by name.
        serial: makes what is written unique within the run.

    Raises:
        Nothing: it has no target.
    """
    name = target.statefulset
    match operation:
        case ops.CreateService():
            return [Request("create", "services", target.service, body=manifests.service(target, run))]
        case ops.DeleteService():
            return [Request("delete", "services", target.service)]
        case ops.CreateSet():
            return [Request("create", "statefulsets", name, body=manifests.statefulset(target, run))]
        case ops.DeleteSet(cascade=cascade):
            return [Request("delete", "statefulsets", name, propagation=cascade.capitalize())]
        case ops.Scale(replicas=replicas):
            return [Request("patch", "statefulsets/scale", name, body={"spec": {"replicas": replicas}})]
        case ops.SetPartition(partition=partition):
            return [_patch(name, {"spec": {"updateStrategy": {"rollingUpdate": {"partition": partition}}}})]
        case ops.SetStrategy(type="OnDelete"):
            return [_patch(name, {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}})]
        case ops.SetStrategy(type=kind, partition=partition):
            strategy = {"type": kind, "rollingUpdate": {"partition": partition}}
            return [_patch(name, {"spec": {"updateStrategy": strategy}})]
        case ops.SetImage(image=image):
            return [_replace(name, IMAGE, image)]
        case ops.ChangeTemplate(field=field, value=value):
            return [_change(name, field, value)]
        case ops.Rollback(rank=rank):
            return [_rollback(name, rank, revisions)]
        case ops.DeletePods():
            return _deletions(operation, target, pods)
        case ops.WritePages():
            return _pages(target, pods, claims, serial)
        case _:
            raise Nothing("a probe is no request")


def _patch(name: str, body: Json) -> Request:
    return Request("patch", "statefulsets", name, body=body)


def _replace(name: str, path: str, value: Any) -> Request:
    return Request(
        "patch", "statefulsets", name, body=[{"op": "replace", "path": path, "value": value}], patch_type="json"
    )


def _change(name: str, field: str, value: str) -> Request:
    if field == "annotation":
        return _patch(name, {"spec": {"template": {"metadata": {"annotations": {KEY: value}}}}})
    container = {"name": manifests.CONTAINER, "env": [{"name": VARIABLE, "value": value}]}
    # A merge patch would replace the whole list of containers.
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    return Request("patch", "statefulsets", name, body=body, patch_type="strategic")


def _rollback(name: str, rank: float, revisions: Sequence[Json]) -> Request:
    older = sorted(revisions, key=lambda revision: int(revision["revision"]))[:-1]
    if not older:
        raise Nothing("there is no older revision")
    chosen = older[int(rank * len(older))]
    template = {key: value for key, value in chosen["data"]["spec"]["template"].items() if key != "$patch"}
    return _replace(name, TEMPLATE, template)


def _deletions(operation: ops.DeletePods, target: Target, pods: Sequence[Json]) -> list[Request]:
    alive = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    if operation.every:
        chosen = alive
    elif operation.ordinals:
        chosen = [pod for pod in alive if ordinal(target, pod) in operation.ordinals]
    else:
        left = list(alive)
        chosen = [left.pop(int(rank * len(left))) for rank in operation.ranks[: len(alive)]]
    if not chosen:
        raise Nothing("no such pod is there to delete")
    return [
        Request(
            "delete",
            "pods",
            pod["metadata"]["name"],
            uid=pod["metadata"]["uid"],
            grace_s=operation.grace_s,
            ordinal=ordinal(target, pod),
        )
        for pod in chosen
    ]


def _pages(target: Target, pods: Sequence[Json], claims: Mapping[str, Json], serial: str) -> list[Request]:
    requests = []
    for pod in pods:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        claim = claims.get(f"{manifests.CLAIM}-{name}")
        if claim is None or "deletionTimestamp" in pod["metadata"] or not is_ready(pod):
            continue
        number = ordinal(target, pod)
        token = f"{target.statefulset}/{number}/{claim['metadata']['uid']}/{uid}/{serial}"
        requests.append(Request("exec", "pods", name, uid=uid, ordinal=number, token=token))
    if not requests:
        raise Nothing("no pod is Ready")
    return requests


def writing(token: str) -> tuple[str, ...]:
    """The command that makes `token` a pod's page, at once or not at all."""
    page = f"{manifests.PAGES}/index.html"
    return ("sh", "-c", f"echo {token} > {page}.new && mv {page}.new {page}")
