"""Evictions: deletes that a PodDisruptionBudget may refuse.

Facts: k8s.io/kubernetes 1.37.2 pkg/registry/core/pod/storage/eviction.go.
"""

import datetime

from chaos.embedded.api.selectors import matches
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Api, ApiError, Json

RETRY_S = 10


def evict(api: Api, namespace: str, name: str, body: Json, user: str, now: datetime.datetime) -> Json:
    """Delete a pod if its budgets allow it.

    Raises:
        ApiError: 404 no such pod; 429 a budget has nothing left; 500 several budgets select the pod.
    """
    pod = api.get("pods", namespace, name)
    options = body.get("deleteOptions") or {}
    labels = pod["metadata"].get("labels") or {}
    budgets = [
        each
        for each in api.list("poddisruptionbudgets", namespace).items
        if matches(each["spec"].get("selector"), labels)
    ]
    phase = pod.get("status", {}).get("phase")
    if budgets and phase in ("Running",) and "deletionTimestamp" not in pod["metadata"]:
        if len(budgets) > 1:
            raise ApiError(
                500,
                "InternalError",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            )
        _spend(api, namespace, budgets[0], pod, user, now)
    _mark(api, namespace, pod, user, now)
    api.delete(
        "pods",
        namespace,
        name,
        user=user,
        uid=pod["metadata"]["uid"],
        grace_s=options.get("gracePeriodSeconds"),
    )
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def _spend(api: Api, namespace: str, budget: Json, pod: Json, user: str, now: datetime.datetime) -> None:
    name, status = budget["metadata"]["name"], budget.get("status") or {}
    is_observed = status.get("observedGeneration", 0) >= budget["metadata"].get("generation", 0)
    allowed = status.get("disruptionsAllowed", 0)
    if not is_observed or allowed <= 0:
        message = "Cannot evict pod as it would violate the pod's disruption budget."
        told = (
            f"The disruption budget {name} needs {status.get('desiredHealthy', 0)} healthy pods and has "
            f"{status.get('currentHealthy', 0)} currently"
        )
        causes = [{"reason": "DisruptionBudget", "message": told}]
        details: Json = {"causes": causes, **({"retryAfterSeconds": RETRY_S} if not is_observed else {})}
        raise ApiError(429, "TooManyRequests", message, details)
    disrupted = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: timestamp(now)}
    spent = {**status, "disruptionsAllowed": allowed - 1, "disruptedPods": disrupted}
    api.update("poddisruptionbudgets", namespace, name, {**budget, "status": spent}, user=user, subresource="status")


def _mark(api: Api, namespace: str, pod: Json, user: str, now: datetime.datetime) -> None:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(now),
    }
    kept = [each for each in pod["status"].get("conditions", ()) if each["type"] != "DisruptionTarget"]
    status = {**pod["status"], "conditions": [*kept, condition]}
    api.update("pods", namespace, pod["metadata"]["name"], {**pod, "status": status}, user=user, subresource="status")
