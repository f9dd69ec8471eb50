"""What is still to come before all is done: each predicate gives it in words, or nothing. Pure.

They ask for no particular outcome beyond what the set's spec and its own status demand, so that a wrong controller settles
too and is then compared.
"""

from collections.abc import Mapping

from chaos.cluster.port import Json
from tests.differential.manifests import NAME, POD_NAME

Objects = Mapping[str, Mapping[str, Json]]
"""`objects[resource][name]`."""


def unobserved(objects: Objects, generation: int) -> str:
    """Whether the controller has yet to see a generation."""
    statefulset = objects["statefulsets"].get(NAME)
    seen = 0 if statefulset is None else statefulset.get("status", {}).get("observedGeneration", 0)
    return "" if seen >= generation else f"observedGeneration is {seen}, not yet {generation}"


def unsettled(objects: Objects) -> str:
    """What keeps the set from being all that it is asked to be, as far as its dependents have followed it."""
    statefulset = objects["statefulsets"].get(NAME)
    if statefulset is None:
        return "there is no set"
    return (
        unobserved(objects, statefulset["metadata"]["generation"])
        or _pods(statefulset, objects)
        or _status(statefulset, objects)
        or _dependents(objects)
        or _endpoints(objects)
    )


def left(objects: Objects) -> str:
    """What is left of a set that was deleted with its dependents; claims stay if nobody owns them."""
    if objects["statefulsets"]:
        return "the set is still there"
    for resource in ("pods", "controllerrevisions"):
        if objects[resource]:
            return f"{', '.join(objects[resource])} still there"
    return _dependents(objects)


def owned(objects: Objects) -> str:
    """What still has an owner after an orphaning delete."""
    if objects["statefulsets"]:
        return "the set is still there"
    for resource in ("pods", "controllerrevisions", "persistentvolumeclaims"):
        for name, item in objects[resource].items():
            if any(owner["kind"] == "StatefulSet" for owner in item["metadata"].get("ownerReferences", ())):
                return f"{name} still has an owner"
    return ""


def _pods(statefulset: Json, objects: Objects) -> str:
    spec, pods = statefulset["spec"], objects["pods"]
    start = (spec.get("ordinals") or {}).get("start", 0)
    wanted = {f"{NAME}-{number}" for number in range(start, start + spec["replicas"])}
    if set(pods) != wanted:
        return f"pods are {sorted(pods)}, expected {sorted(wanted)}"
    for name, pod in pods.items():
        if "deletionTimestamp" in pod["metadata"]:
            return f"{name} terminates"
        if not _is_ready(pod):
            return f"{name} is not Ready"
        if pod["metadata"]["labels"].get(POD_NAME) != name:
            return f"{name} lacks its name label"
        if [each["uid"] for each in pod["metadata"].get("ownerReferences", ())] != [statefulset["metadata"]["uid"]]:
            return f"{name} has another owner"
    if spec["updateStrategy"]["type"] != "RollingUpdate":
        return ""
    first = start + (spec["updateStrategy"].get("rollingUpdate") or {}).get("partition", 0)
    update = statefulset["status"].get("updateRevision")
    old = [name for name, pod in pods.items() if int(name.rpartition("-")[2]) >= first and _revision(pod) != update]
    return f"{', '.join(sorted(old))} not yet updated" if old else ""


def _status(statefulset: Json, objects: Objects) -> str:
    status, pods = statefulset["status"], objects["pods"]
    update, current = status.get("updateRevision"), status.get("currentRevision")
    counts = {
        "replicas": len(pods),
        "readyReplicas": len(pods),
        "availableReplicas": len(pods),
        "updatedReplicas": sum(_revision(pod) == update for pod in pods.values()),
        "currentReplicas": sum(_revision(pod) == current for pod in pods.values()),
    }
    wrong = {name: status.get(name, 0) for name, value in counts.items() if status.get(name, 0) != value}
    return f"the status has {wrong}, the pods give {counts}" if wrong else ""


def _dependents(objects: Objects) -> str:
    """What goes, or waits for its owner to take it along."""
    alive = {item["metadata"]["uid"] for items in objects.values() for item in items.values()}
    for resource in ("pods", "controllerrevisions", "persistentvolumeclaims"):
        for name, item in objects[resource].items():
            owners = item["metadata"].get("ownerReferences", ())
            if "deletionTimestamp" in item["metadata"] or (owners and all(each["uid"] not in alive for each in owners)):
                return f"{name} goes"
    claims = objects["persistentvolumeclaims"]
    pending = [name for name, claim in claims.items() if claim["status"]["phase"] != "Bound"]
    return f"{', '.join(pending)} not bound" if pending else ""


def _endpoints(objects: Objects) -> str:
    published = {
        endpoint["targetRef"]["name"]: endpoint["conditions"].get("ready")
        for item in objects["endpointslices"].values()
        for endpoint in item.get("endpoints") or ()
    }
    wanted = dict.fromkeys(objects["pods"], True)
    return "" if published == wanted else f"endpoints are {published}"


def _is_ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _revision(pod: Json) -> str:
    return str(pod["metadata"].get("labels", {}).get("controller-revision-hash", ""))
