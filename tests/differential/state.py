"""What is compared of a namespace: whole objects, with what is drawn or timed put into words. Pure.

A uid becomes `pod/web-0`, or `gone` if nothing that is there has it; an address becomes that of its pod; a time becomes `time`.
"""

from collections.abc import Mapping
from typing import Any

from chaos.cluster.port import Json
from tests.differential.manifests import SERVICE
from tests.differential.settling import Objects

State = Mapping[str, Any]
"""`state["pods"]["web-0"]` and so on: JSON without anything that differs between two runs on one cluster."""

DRAWN = {
    "resourceVersion",
    "managedFields",
    "creationTimestamp",
    "namespace",
    "containerID",
    "imageID",
    "nodeName",
    "hostIP",
}
"""Fields that say nothing, or are another cluster's."""

TIMES = ("Time", "Timestamp", "startedAt", "finishedAt")

TOKEN = "kube-api-access-"
"""The volume with the ServiceAccount's token."""

UNPLAYED = {
    "user": "the kubelet's container statuses do not say as whom a container runs",
    "volumeMounts": "the kubelet's container statuses do not repeat the mounts",
    "resources": "the kubelet's statuses do not repeat resources",
    TOKEN: "no ServiceAccount token is mounted",
}
"""What the embedded cluster leaves out of a pod, and why that is no difference: nothing of a StatefulSet depends on it."""


def state(objects: Objects, born: Mapping[str, Mapping[str, int]]) -> State:
    """What is compared of the objects, and how often each claim was made."""
    words = _words(objects)
    found: dict[str, Any] = {
        resource: {name: _worded(_shown(resource, item), words) for name, item in sorted(items.items())}
        for resource, items in objects.items()
        if resource not in ("endpointslices", "events")
    }
    slices = [_worded(_slice(item), words) for item in objects["endpointslices"].values()]
    endpoints = sorted((each for item in slices for each in item.pop("endpoints")), key=lambda each: each["hostname"])
    found["endpointslices"] = {"every": slices, "endpoints": endpoints}
    found["lives of claims"] = dict(sorted(born["persistentvolumeclaims"].items()))
    return found


def _words(objects: Objects) -> dict[str, str]:
    """What stands for each uid and address."""
    words: dict[str, str] = {}
    for resource, items in objects.items():
        for name, item in items.items():
            words[item["metadata"]["uid"]] = f"{resource}/{name}" if resource != "endpointslices" else resource
            if resource == "pods" and "podIP" in item.get("status", {}):
                words[item["status"]["podIP"]] = f"address of {name}"
            if resource == "persistentvolumeclaims" and "volumeName" in item.get("spec", {}):
                words[item["spec"]["volumeName"]] = f"volume of {name}"
    return words


def _shown(resource: str, item: Json) -> Json:
    if resource == "pods":
        return _pod(item)
    if resource == "statefulsets" and item["spec"].get("minReadySeconds") == 0:
        # Go leaves out a zero that is the default; who wrote it cannot be told from who did not.
        return {**item, "spec": {key: value for key, value in item["spec"].items() if key != "minReadySeconds"}}
    return item


def _pod(pod: Json) -> Json:
    spec, status = pod["spec"], pod.get("status", {})
    containers = [
        {**each, "volumeMounts": [mount for mount in each.get("volumeMounts", ()) if not _is_token(mount)]}
        for each in spec["containers"]
    ]
    volumes = [each for each in spec.get("volumes", ()) if not _is_token(each)]
    shown = {key: value for key, value in status.items() if key not in (*UNPLAYED, "hostIPs")}
    statuses = [
        {key: value for key, value in each.items() if key not in UNPLAYED}
        for each in status.get("containerStatuses", ())
    ]
    return {
        **pod,
        "spec": {**spec, "containers": containers, "volumes": volumes},
        "status": {**shown, "containerStatuses": statuses},
    }


def _is_token(named: Json) -> bool:
    return str(named["name"]).startswith(TOKEN)


def _slice(item: Json) -> Json:
    """Without its name, which is drawn, and what depends on how many changes were written at once."""
    dropped = ("name", "generation", "annotations")
    meta = {key: value for key, value in item["metadata"].items() if key not in dropped}
    owners = [{**each, "uid": SERVICE} for each in meta.get("ownerReferences", ())]
    return {**item, "metadata": {**meta, "ownerReferences": owners}, "endpoints": list(item.get("endpoints") or ())}


def _worded(value: Any, words: Mapping[str, str], key: str = "") -> Any:
    """JSON with words for what is drawn or timed."""
    if isinstance(value, dict):
        return {name: _worded(each, words, name) for name, each in value.items() if name not in DRAWN}
    if isinstance(value, list):
        return [_worded(each, words, key) for each in value]
    if key.endswith(TIMES):
        return "time"
    if key == "uid":
        return words.get(value, value if value == SERVICE else "gone")
    return words.get(value, value) if isinstance(value, str) else value
