"""The objects of a schedule, and the patches that its operations are. Pure."""

from chaos.cluster.port import Json
from tests.differential.schedule import (
    Meddle,
    Scale,
    SetMinReady,
    SetRetention,
    SetStart,
    SetStrategy,
    SetTemplate,
    Setup,
    Strategy,
    Template,
)

NAME = "web"
SERVICE = "nginx"
CLAIM = "www"
LABELS = {"app": "nginx"}
ANNOTATION = "differential/template"
VARIABLE = "TEMPLATE"
POD_NAME = "statefulset.kubernetes.io/pod-name"
REVISION = "controller-revision-hash"

GRACE_S = 2
"""A container that is told to end before its shell has set the trap stays for all of this."""

SpecChange = Scale | SetTemplate | SetStrategy | SetStart | SetRetention | SetMinReady


def service() -> Json:
    """The headless Service."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE, "labels": LABELS},
        "spec": {"clusterIP": "None", "selector": LABELS, "ports": [{"name": "web", "port": 80}]},
    }


def statefulset(setup: Setup) -> Json:
    """The set as it is created."""
    spec: Json = {
        "podManagementPolicy": setup.policy,
        "replicas": setup.replicas,
        "serviceName": SERVICE,
        "selector": {"matchLabels": LABELS},
        "minReadySeconds": setup.min_ready_s,
        "revisionHistoryLimit": setup.history_limit,
        "updateStrategy": _strategy(setup.strategy),
        "persistentVolumeClaimRetentionPolicy": _retention(setup.when_scaled, setup.when_deleted),
        "template": _template(setup),
    }
    if setup.start:
        spec["ordinals"] = {"start": setup.start}
    if setup.has_claims:
        storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
        spec["volumeClaimTemplates"] = [{"metadata": {"name": CLAIM}, "spec": storage}]
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": NAME, "labels": LABELS}, "spec": spec}


def change(operation: SpecChange) -> Json:
    """A strategic merge patch; of the scale subresource it is the same."""
    match operation:
        case Scale(replicas=replicas):
            return {"spec": {"replicas": replicas}}
        case SetTemplate(template=template):
            return {
                "spec": {"template": {"metadata": _annotated(template), "spec": {"containers": [_varied(template)]}}}
            }
        case SetStrategy(strategy=strategy):
            return {"spec": {"updateStrategy": {"rollingUpdate": None, **_strategy(strategy)}}}
        case SetStart(start=start):
            return {"spec": {"ordinals": {"start": start}}}
        case SetRetention(when_scaled=when_scaled, when_deleted=when_deleted):
            return {"spec": {"persistentVolumeClaimRetentionPolicy": _retention(when_scaled, when_deleted)}}
        case SetMinReady(seconds=seconds):
            return {"spec": {"minReadySeconds": seconds}}


def meddling(operation: Meddle) -> Json:
    """A merge patch of a pod."""
    match operation.what:
        case "owner":
            return {"metadata": {"ownerReferences": None}}
        case "name":
            return {"metadata": {"labels": {POD_NAME: None}}}
        case "revision":
            return {"metadata": {"labels": {REVISION: "none"}}}


def _strategy(strategy: Strategy) -> Json:
    if strategy.partition is None:
        return {"type": strategy.type}
    rolling = {"partition": strategy.partition, "maxUnavailable": strategy.max_unavailable}
    return {"type": strategy.type, "rollingUpdate": rolling}


def _retention(when_scaled: str, when_deleted: str) -> Json:
    return {"whenScaled": when_scaled, "whenDeleted": when_deleted}


def _template(setup: Setup) -> Json:
    container = {
        **_varied(setup.template),
        "image": "busybox:1.28.4",
        "command": ["sh", "-c", "trap exit TERM; sleep 1000000 & wait"],
    }
    if setup.has_claims:
        container["volumeMounts"] = [{"name": CLAIM, "mountPath": "/data"}]
    return {
        "metadata": {"labels": LABELS, **_annotated(setup.template)},
        "spec": {"terminationGracePeriodSeconds": GRACE_S, "containers": [container]},
    }


def _annotated(template: Template) -> Json:
    return {"annotations": {ANNOTATION: str(template.annotation)}}


def _varied(template: Template) -> Json:
    return {"name": "main", "env": [{"name": VARIABLE, "value": str(template.env)}]}
