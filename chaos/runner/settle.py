"""Whether a phase has reached its end: each predicate gives what is still missing, in words, or nothing."""

from collections.abc import Sequence

from chaos.cluster.port import Json
from chaos.observers.pods import is_ready
from chaos.profile import Target
from chaos.runner.requests import ordinal


def missing(state: str, target: Target, statefulset: Json | None, pods: Sequence[Json]) -> str:
    """What keeps the target from `state` (as in `Until.state`); empty if it is reached.

    Args:
        pods: those with a name of the target set, by ordinal.
    """
    match state:
        case "settled":
            return _settled(target, statefulset, pods)
        case "observed":
            return _observed(statefulset)
        case "present":
            return _present(target, statefulset, pods)
        case "gone":
            if statefulset is not None:
                return "the set is still there"
            return f"{_names(pods)} still there" if pods else ""
        case "orphaned":
            return "the set is still there" if statefulset is not None else _owned(pods)
    return ""


def _observed(statefulset: Json | None) -> str:
    if statefulset is None:
        return "the set is not there"
    generation = statefulset["metadata"]["generation"]
    observed = statefulset.get("status", {}).get("observedGeneration", 0)
    return "" if observed == generation else f"the controller has observed generation {observed}, not yet {generation}"


def _present(target: Target, statefulset: Json | None, pods: Sequence[Json]) -> str:
    unobserved = _observed(statefulset)
    if unobserved or statefulset is None:
        return unobserved
    spec = statefulset["spec"]
    first = spec.get("ordinals", {}).get("start", 0)
    wanted = list(range(first, first + spec["replicas"]))
    have = [ordinal(target, pod) for pod in pods]
    if have != wanted:
        return f"pods {have}, expected {wanted}"
    leaving = [pod for pod in pods if "deletionTimestamp" in pod["metadata"]]
    return f"{_names(leaving)} terminating" if leaving else ""


def _settled(target: Target, statefulset: Json | None, pods: Sequence[Json]) -> str:
    absent = _present(target, statefulset, pods)
    if absent or statefulset is None:
        return absent
    spec, status = statefulset["spec"], statefulset["status"]
    unready = [pod for pod in pods if not is_ready(pod)]
    if unready:
        return f"{_names(unready)} not Ready"
    old = _to_update(spec, status, pods)
    if old:
        return f"{_names(old)} not at the update revision"
    return _status(spec, status, pods)


def _to_update(spec: Json, status: Json, pods: Sequence[Json]) -> list[Json]:
    strategy = spec["updateStrategy"]
    if strategy["type"] == "OnDelete":
        return []
    partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    return [pod for pod in list(pods)[partition:] if _revision(pod) != status.get("updateRevision")]


def _status(spec: Json, status: Json, pods: Sequence[Json]) -> str:
    update, current = status.get("updateRevision"), status.get("currentRevision")
    updated = sum(_revision(pod) == update for pod in pods)
    if updated == len(pods) and current != update and spec["updateStrategy"]["type"] != "OnDelete":
        return f"every pod is updated and currentRevision is still {current}"
    counts = {
        "replicas": len(pods),
        "readyReplicas": len(pods),
        # Later than Ready where the set has minReadySeconds.
        "availableReplicas": len(pods),
        "updatedReplicas": updated,
        "currentReplicas": sum(_revision(pod) == current for pod in pods),
    }
    wrong = {name: status.get(name, 0) for name, value in counts.items() if status.get(name, 0) != value}
    return f"the status has {wrong}, the pods give {counts}" if wrong else ""


def _owned(pods: Sequence[Json]) -> str:
    owned = [pod for pod in pods if pod["metadata"].get("ownerReferences")]
    return f"{_names(owned)} not yet without an owner" if owned else ""


def _revision(pod: Json) -> str:
    return str(pod["metadata"].get("labels", {}).get("controller-revision-hash", ""))


def _names(pods: Sequence[Json]) -> str:
    names = [str(pod["metadata"]["name"]) for pod in pods]
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
