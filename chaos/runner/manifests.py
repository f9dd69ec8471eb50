"""The objects of a run's target, from its profile: a headless Service and a StatefulSet of nginx pods with a page each."""

from typing import Any

from chaos.cluster.marks import RUN
from chaos.cluster.port import Json
from chaos.profile import Target

CONTAINER = "nginx"
CLAIM = "www"
PAGES = "/usr/share/nginx/html"
LABELS = {"app": "nginx"}
GRACE_S = 5
"""A pod that is deleted while nginx starts has no handler for TERM yet and stays for all of this: without a probe it is Ready
as soon as its container runs, so a rollout deletes pods that young."""


def service(target: Target, run: str) -> Json:
    """The headless Service that gives the pods their names."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": target.service, "labels": {**LABELS, RUN: run}},
        "spec": {"clusterIP": "None", "selector": LABELS, "ports": [{"name": "web", "port": 80}]},
    }


def statefulset(target: Target, run: str) -> Json:
    """The StatefulSet, with the first of the target's images."""
    strategy: Json = {"type": target.strategy}
    if target.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {"partition": target.partition}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": target.statefulset, "labels": {**LABELS, RUN: run}},
        "spec": {
            "replicas": target.replicas,
            "serviceName": target.service,
            "selector": {"matchLabels": LABELS},
            "updateStrategy": strategy,
            "template": _template(target, run),
            "volumeClaimTemplates": [_claim_template(target)],
        },
    }


def _template(target: Target, run: str) -> Json:
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": target.images[0],
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "web", "containerPort": 80}],
        "volumeMounts": [{"name": CLAIM, "mountPath": PAGES}],
    }
    if target.termination_delay_s:
        # By exec, not preStop.sleep: a controller older than that field drops it, and its pods are refused.
        container["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", str(target.termination_delay_s)]}}}
    return {
        "metadata": {"labels": {**LABELS, RUN: run}},
        "spec": {"terminationGracePeriodSeconds": GRACE_S + target.termination_delay_s, "containers": [container]},
    }


def _claim_template(target: Target) -> Json:
    requests = {"requests": {"storage": target.storage}}
    return {"metadata": {"name": CLAIM}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": requests}}
