"""Pods of the run's own: what they may do, when they can be made, and what keeps one from becoming Ready."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio

from chaos.cluster.port import Cluster, Json, Refused
from chaos.cluster.reflector import Reflector

ACCOUNT_WITHIN_S = 30.0
ACCOUNT_RETRY_S = 0.25

HOPELESS = (
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
)
"""Why a container waits, where waiting longer will not help a run."""

POD_SECURITY: Json = {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY: Json = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
"""Enough for a namespace that enforces the restricted Pod Security Standard."""


class PodTrouble(Exception):
    """A pod of the run's own does not become Ready; the message is one line that says why."""


async def create_pod(cluster: Cluster, namespace: str, body: Json) -> Json:
    """Create a pod. In a new namespace it waits for the default ServiceAccount, without which the server refuses pods.

    Raises:
        ClusterError: any other answer, or still no ServiceAccount after 30 s.
    """
    with anyio.move_on_after(ACCOUNT_WITHIN_S):
        while True:
            try:
                return await cluster.create("pods", namespace, body)
            except Refused as error:
                if not lacks_account(error):
                    raise
            await anyio.sleep(ACCOUNT_RETRY_S)
    return await cluster.create("pods", namespace, body)


def lacks_account(error: Refused) -> bool:
    """Whether a pod was refused because its namespace has no default ServiceAccount yet."""
    return error.status == 403 and "serviceaccount" in error.message and "not found" in error.message


async def wait_ready(pods: Reflector, names: Sequence[str], within_s: float) -> None:
    """Wait until the pods of these names are Ready.

    Raises:
        PodTrouble: one cannot become Ready, or not all are within the time.
    """
    with anyio.move_on_after(within_s):
        while _first_unready(pods, names) is not None:
            await pods.wait_changed()
        return
    late = _first_unready(pods, names)
    if late is not None:
        name, pod = late
        raise PodTrouble(f"pod {name} is not Ready after {within_s:g} s: {state_of(pod)}")


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether its condition Ready is True."""
    conditions = pod.get("status", {}).get("conditions") or ()
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def hopeless(pod: Json) -> str:
    """Why this pod will not become Ready, or "" while it may."""
    status = pod.get("status", {})
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in HOPELESS:
            return f"{waiting['reason']} of image {container.get('image')}: {waiting.get('message', 'no message')}"
    if status.get("phase") in ("Failed", "Succeeded"):
        return f"{status['phase']}: {status.get('message') or status.get('reason') or 'it ended'}"
    return ""


def state_of(pod: Json | None) -> str:
    """What the cluster says about a pod that is not Ready."""
    if pod is None:
        return "it does not exist"
    for condition in pod.get("status", {}).get("conditions") or ():
        if condition["status"] != "True" and condition.get("message"):
            return str(condition["message"])
    return str(pod.get("status", {}).get("phase", "no status"))


def _first_unready(pods: Reflector, names: Sequence[str]) -> tuple[str, Json | None] | None:
    if pods.denied:
        raise PodTrouble(f"pods cannot be watched: {pods.denied}")
    by_name = {pod["metadata"]["name"]: pod for pod in pods.objects.values()}
    for name in names:
        pod = by_name.get(name)
        if pod is not None and (why := hopeless(pod)):
            raise PodTrouble(f"pod {name} cannot start: {why}")
        if pod is None or not is_ready(pod):
            return name, pod
    return None
