"""The scale subresource of a StatefulSet: another view of its spec.replicas."""

from typing import Any

from chaos.embedded.api.errors import bad_request, conflict
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.interface import Json


def view(statefulset: Json) -> Json:
    """The Scale of a set."""
    meta = statefulset["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = (statefulset["spec"].get("selector") or {}).get("matchLabels") or {}
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: meta[key] for key in kept},
        "spec": {"replicas": statefulset["spec"]["replicas"]},
        "status": {
            "replicas": statefulset.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def applied(statefulset: Json, scale: Json) -> Json:
    """The set with the replicas of a Scale, under that Scale's resourceVersion if it names one.

    Raises:
        ApiError: 400, spec.replicas is no number; 409, the Scale is one of another life of the set.
    """
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request("spec.replicas of a Scale must be a number")
    present, given = statefulset["metadata"], scale.get("metadata") or {}
    if given.get("uid") and given["uid"] != present["uid"]:
        why = f"Precondition failed: UID in precondition: {given['uid']}, UID in object meta: {present['uid']}"
        raise conflict(RESOURCES["statefulsets"]._replace(name="statefulsets/scale"), present["name"], why)
    version = given.get("resourceVersion")
    meta = {**statefulset["metadata"], **({"resourceVersion": version} if version else {})}
    return {**statefulset, "metadata": meta, "spec": {**statefulset["spec"], "replicas": replicas}}


def configuration(kind: Resource, scale: Any) -> Json:
    """An applied Scale as a configuration of what it scales.

    Raises:
        ApiError: 400, it is no Scale.
    """
    if not isinstance(scale, dict) or (scale.get("apiVersion"), scale.get("kind")) != ("autoscaling/v1", "Scale"):
        raise bad_request("invalid object type: an apply to the scale subresource takes an autoscaling/v1, Kind=Scale")
    spec = {key: value for key, value in (scale.get("spec") or {}).items() if key == "replicas"}
    return {**scale, "apiVersion": kind.api_version, "kind": kind.kind, "spec": spec}
