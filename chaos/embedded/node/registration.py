"""The objects that say that a node is there."""

import datetime

from chaos.embedded.api.stamps import micro_timestamp, timestamp
from chaos.embedded.interface import Json
from chaos.embedded.node.settings import NodeSettings

LEASES = "kube-node-lease"
RENEW_S = 10.0
"""A kubelet renews its Lease after a quarter of its duration."""

_PRESSURES = {
    "MemoryPressure": ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
}


def node_object(name: str, host_ip: str, cidr: str, settings: NodeSettings, now: datetime.datetime) -> Json:
    """A node that is Ready."""
    at = timestamp(now)
    conditions = [
        *(
            {"type": kind, "status": "False", "reason": why, "message": text}
            for kind, (why, text) in _PRESSURES.items()
        ),
        {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"},
    ]
    capacity = {"cpu": "2", "memory": "8Gi", "pods": str(settings.pods)}
    labels = {f"kubernetes.io/{key}": value for key, value in (("arch", "amd64"), ("hostname", name), ("os", "linux"))}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [{**each, "lastHeartbeatTime": at, "lastTransitionTime": at} for each in conditions],
            "addresses": [{"type": "InternalIP", "address": host_ip}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "kubeletVersion": f"v{settings.version}",
                "containerRuntimeVersion": "embedded://1",
                "operatingSystem": "linux",
                "architecture": "amd64",
                "osImage": "embedded",
                "kernelVersion": "",
            },
        },
    }


def told(node: Json, wanted: Json, now: datetime.datetime) -> tuple[list[Json], bool]:
    """The conditions that a kubelet posts about its node, and whether they say anything else than those on record.

    Args:
        node: as it is on record.
        wanted: as its kubelet has it.
    """
    before = {each["type"]: each for each in (node.get("status") or {}).get("conditions") or ()}
    at, conditions, is_changed = timestamp(now), [], False
    for each in wanted["status"]["conditions"]:
        old = before.get(each["type"], {})
        since = old["lastTransitionTime"] if old.get("status") == each["status"] else at
        conditions.append({**each, "lastHeartbeatTime": at, "lastTransitionTime": since})
        is_changed |= any(old.get(key) != each[key] for key in ("status", "reason", "message"))
    return conditions, is_changed


def lease_object(node: Json, now: datetime.datetime) -> Json:
    """A Lease that its node has just renewed."""
    meta = node["metadata"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": meta["name"], "uid": meta["uid"]}
    spec = {"holderIdentity": meta["name"], "leaseDurationSeconds": 40, "renewTime": micro_timestamp(now)}
    return {"metadata": {"name": meta["name"], "ownerReferences": [owner]}, "spec": spec}
