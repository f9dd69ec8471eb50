"""What a Binding does to its pod. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/registry/core/pod/storage/storage.go (setPodNodeAndMetadata, assignPod).
"""

import datetime

from chaos.embedded.api import errors
from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import ApiError, Json


def bound(pod: Json, binding: Json, now: datetime.datetime) -> Json:
    """The pod on the node that the Binding names.

    Raises:
        ApiError: 409, the Binding is meant for another life or version of the pod, which goes or has a node already; 500, it
            names no node.
    """
    node = (binding.get("target") or {}).get("name")
    if not node:
        raise ApiError(500, "", "target.name: Required value")
    kind, meta = RESOURCES["pods"], pod["metadata"]
    for field, told in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        errors.expect(kind, meta, told, (binding.get("metadata") or {}).get(field), meta[field])
    name, kind = meta["name"], kind._replace(name="pods/binding")
    if "deletionTimestamp" in meta:
        raise errors.conflict(kind, name, f"pod {name} is being deleted, cannot be assigned to a host")
    if pod["spec"].get("nodeName"):
        raise errors.conflict(kind, name, f'pod {name} is already assigned to node "{pod["spec"]["nodeName"]}"')
    condition = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(now),
    }
    kept = [each for each in pod["status"].get("conditions", ()) if each["type"] != "PodScheduled"]
    spec, status = {**pod["spec"], "nodeName": node}, {**pod["status"], "conditions": [*kept, condition]}
    return {**pod, "spec": spec, "status": status}
