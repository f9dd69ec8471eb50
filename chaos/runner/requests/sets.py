"""Requests that change the target itself."""

from collections.abc import Sequence
from typing import Any, assert_never

from chaos import operations as ops
from chaos.cluster.port import Json
from chaos.history.entries import Request
from chaos.profile import Target
from chaos.runner import manifests
from chaos.runner.requests.known import Known, Nothing, at_rank

TEMPLATE = "/spec/template"
IMAGE = f"{TEMPLATE}/spec/containers/0/image"
KEY = "chaos-sts/change"
WRITER = "chaos-sts/writer"
VARIABLE = "CHAOS_STS_CHANGE"


def resolve_set(operation: ops.SetOperation, known: Known) -> list[Request]:
    """The requests that perform `operation`; several are meant for one instant.

    Raises:
        Nothing: it has no target.
    """
    target, name = known.target, known.target.statefulset
    match operation:
        case ops.CreateService():
            return [Request("create", "services", target.service, body=manifests.service(target, known.run))]
        case ops.DeleteService():
            return [Request("delete", "services", target.service)]
        case ops.CreateSet(policy=policy):
            return [Request("create", "statefulsets", name, body=manifests.statefulset(target, known.run, policy))]
        case ops.DeleteSet(cascade=cascade):
            return [Request("delete", "statefulsets", name, propagation=cascade.capitalize())]
        case ops.Scale(replicas=replicas, by=by):
            resource = "statefulsets/scale" if by == "scale" else "statefulsets"
            return [Request("patch", resource, name, body={"spec": {"replicas": replicas}})]
        case ops.SetImage(image=image):
            return [_replace(name, IMAGE, image)]
        case ops.ChangeTemplate(field=field, value=value):
            return [_change(target, field, value)]
        case ops.Rollback():
            return [_replace(name, TEMPLATE, _older(operation, known.revisions))]
        case ops.ConflictingWriters():
            return _writers(operation, known)
        case _:
            return [Request("patch", "statefulsets", name, body={"spec": _fields(operation)})]


def _fields(
    operation: ops.SetPartition
    | ops.SetStrategy
    | ops.SetMaxUnavailable
    | ops.SetMinReadySeconds
    | ops.SetStartOrdinal
    | ops.SetRetention
    | ops.SetHistoryLimit,
) -> Json:
    """The fields of the spec that an operation sets."""
    match operation:
        case ops.SetPartition(partition=partition):
            return {"updateStrategy": {"rollingUpdate": {"partition": partition}}}
        case ops.SetStrategy(type="RollingUpdate", partition=partition):
            return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}}
        case ops.SetStrategy(type=kind):
            return {"updateStrategy": {"type": kind, "rollingUpdate": None}}
        case ops.SetMaxUnavailable(max_unavailable=portion):
            return {"updateStrategy": {"rollingUpdate": {"maxUnavailable": portion}}}
        case ops.SetMinReadySeconds(seconds=seconds):
            return {"minReadySeconds": seconds}
        case ops.SetStartOrdinal(start=start):
            return {"ordinals": {"start": start}}
        case ops.SetRetention(when_scaled=scaled, when_deleted=deleted):
            return {"persistentVolumeClaimRetentionPolicy": {"whenScaled": scaled, "whenDeleted": deleted}}
        case ops.SetHistoryLimit(limit=limit):
            return {"revisionHistoryLimit": limit}
    assert_never(operation)


def _replace(name: str, path: str, value: Any) -> Request:
    return Request(
        "patch", "statefulsets", name, body=[{"op": "replace", "path": path, "value": value}], patch_type="json"
    )


def _change(target: Target, field: ops.TemplateChange, value: str) -> Request:
    match field:
        case "annotation":
            body: Json = {"spec": {"template": {"metadata": {"annotations": {KEY: value}}}}}
            return Request("patch", "statefulsets", target.statefulset, body=body)
        case "env":
            container: Json = {"env": [{"name": VARIABLE, "value": value}]}
        case "broken-image":
            container = {"image": manifests.broken_image(value)}
        case "broken-readiness":
            container = {"readinessProbe": manifests.NEVER_READY}
        case "sound":
            container = {"image": target.images[0], "readinessProbe": manifests.readiness(target)}
    # A merge patch would replace the whole list of containers.
    body = {"spec": {"template": {"spec": {"containers": [{"name": manifests.CONTAINER, **container}]}}}}
    return Request("patch", "statefulsets", target.statefulset, body=body, patch_type="strategic")


def _older(rollback: ops.Rollback, revisions: Sequence[Json]) -> Json:
    """The template of the revision to go back to."""
    older = sorted(revisions, key=lambda revision: int(revision["revision"]))[:-1]
    if rollback.revision:
        older = [each for each in older if int(each["revision"]) == rollback.revision]
    if not older:
        raise Nothing("there is no older revision" + (f" {rollback.revision}" if rollback.revision else ""))
    template: Json = at_rank(rollback.rank, older)["data"]["spec"]["template"]
    return {key: value for key, value in template.items() if key != "$patch"}


def _writers(operation: ops.ConflictingWriters, known: Known) -> list[Request]:
    if known.statefulset is None:
        raise Nothing("the set is not there")
    state = {key: value for key, value in known.statefulset.items() if key != "status"}
    meta = {key: value for key, value in state["metadata"].items() if key != "managedFields"}
    bodies = [
        {
            **state,
            # Each is another set than the one that is there: an update that changes nothing is never a conflict.
            "metadata": {**meta, "annotations": {**meta.get("annotations", {}), WRITER: f"{operation.value}-{i}"}},
            "spec": {**state["spec"], "replicas": replicas},
        }
        for i, replicas in enumerate(operation.replicas)
    ]
    return [Request("update", "statefulsets", meta["name"], uid=meta["uid"], body=body) for body in bodies]
