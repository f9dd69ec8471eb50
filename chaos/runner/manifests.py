"""The objects of a run's target, from its profile: a headless Service and a StatefulSet of nginx pods with a page each."""

from typing import Any

from chaos.cluster.marks import RUN
from chaos.cluster.port import Json
from chaos.operations import Policy
from chaos.profile import Target

CONTAINER = "nginx"
CLAIM = "www"
PAGES = "/usr/share/nginx/html"
LABELS = {"app": "nginx"}
BROKEN = "invalid.example/chaos-sts"
UNREADY = "/tmp/chaos-sts-unready"
"""While it is there, a pod whose readiness a file decides is not Ready."""

NEVER_READY: Json = {"exec": {"command": ["false"]}, "periodSeconds": 1}
CRASH: tuple[str, ...] = ("sh", "-c", "kill 1")
"""nginx ends at once on TERM; a signal that process 1 has no handler for would not reach it from within."""

TURN_UNREADY: tuple[str, ...] = ("touch", UNREADY)
TURN_READY: tuple[str, ...] = ("rm", "-f", UNREADY)
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


def budget(target: Target, run: str, min_available: int | str | None, max_unavailable: int | str | None) -> Json:
    """The PodDisruptionBudget of the set's pods, with the one of the two that is given."""
    limit = {"minAvailable": min_available} if min_available is not None else {"maxUnavailable": max_unavailable}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": target.statefulset, "labels": {**LABELS, RUN: run}},
        "spec": {**limit, "selector": {"matchLabels": LABELS}},
    }


def statefulset(target: Target, run: str, policy: Policy | None = None) -> Json:
    """The StatefulSet, with the first of the target's images. What the profile leaves open is left to the server.

    Args:
        policy: another podManagementPolicy than the target's.
    """
    spec: Json = {
        "replicas": target.replicas,
        "serviceName": target.service,
        "selector": {"matchLabels": LABELS},
        "updateStrategy": _strategy(target),
        "template": _template(target, run),
        "volumeClaimTemplates": [_claim_template(target)],
    }
    if (policy or target.policy) != "OrderedReady":
        spec["podManagementPolicy"] = policy or target.policy
    if target.min_ready_seconds:
        spec["minReadySeconds"] = target.min_ready_seconds
    if target.start_ordinal:
        spec["ordinals"] = {"start": target.start_ordinal}
    if target.retention is not None:
        kept = target.retention
        spec["persistentVolumeClaimRetentionPolicy"] = {
            "whenScaled": kept.when_scaled,
            "whenDeleted": kept.when_deleted,
        }
    if target.history_limit is not None:
        spec["revisionHistoryLimit"] = target.history_limit
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": target.statefulset, "labels": {**LABELS, RUN: run}},
        "spec": spec,
    }


def claim_name(pod: str) -> str:
    """The name of the claim under the pod of this name."""
    return f"{CLAIM}-{pod}"


def broken_image(value: str) -> str:
    """An image that no registry has: its host has a name that is never given to anybody (RFC 2606)."""
    return f"{BROKEN}:{value}"


def readiness(target: Target) -> Json | None:
    """The readiness probe of the target's pods, if they have one."""
    if target.readiness == "none":
        return None
    # Sought at once and often, so that a change is seen within two seconds.
    return {"exec": {"command": ["test", "!", "-e", UNREADY]}, "periodSeconds": 1, "failureThreshold": 1}


def writing(token: str) -> tuple[str, ...]:
    """The command that makes `token` a pod's page, at once or not at all, and then tells the pod's hostname.

    It prints what the kernel says and the lines of /etc/hosts that have it; if it cannot, the page is written all the same.
    """
    page = f"{PAGES}/index.html"
    write = f"echo {token} > {page}.new && mv {page}.new {page}"
    return ("sh", "-c", f'{write} || exit 1; uname -n; grep -w "$(uname -n)" /etc/hosts; true')


def _strategy(target: Target) -> Json:
    if target.strategy != "RollingUpdate" or target.rolling_update == "absent":
        return {"type": target.strategy}
    rolling: Json = {"partition": target.partition}
    if target.max_unavailable is not None:
        rolling["maxUnavailable"] = target.max_unavailable
    return {"type": target.strategy, "rollingUpdate": rolling}


def _template(target: Target, run: str) -> Json:
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": target.images[0],
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "web", "containerPort": 80}],
        "volumeMounts": [{"name": CLAIM, "mountPath": PAGES}],
    }
    if (probe := readiness(target)) is not None:
        container["readinessProbe"] = probe
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
