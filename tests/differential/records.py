"""Records as a cluster could have given them, for the tests of what compares."""

from chaos.cluster.port import Json
from tests.differential.following import RESOURCES, Sight
from tests.differential.manifests import NAME, POD_NAME, REVISION, statefulset
from tests.differential.performing import Ending, Record
from tests.differential.schedule import Operation, Schedule, Setup, Step, Strategy

SETUP = Setup("OrderedReady", 1, Strategy("RollingUpdate", 0))


def a_pod(name: str, uid: str, revision: str = "web-a", address: str = "10.0.0.1", owner: str = "s") -> Json:
    """A Ready pod of the set."""
    return {
        "metadata": {
            "name": name,
            "uid": uid,
            "labels": {REVISION: revision, POD_NAME: name},
            "creationTimestamp": f"2026-01-01T00:00:0{uid[-1]}Z",
            "ownerReferences": [{"kind": "StatefulSet", "name": NAME, "uid": owner}],
        },
        "spec": {
            "containers": [{"name": "main", "volumeMounts": [{"name": f"kube-api-access-{uid}"}]}],
            "volumes": [{"name": f"kube-api-access-{uid}"}],
        },
        "status": {"podIP": address, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def a_slice(pod: Json, name: str) -> Json:
    """The EndpointSlice that publishes a pod."""
    endpoint = {
        "addresses": [pod["status"]["podIP"]],
        "hostname": pod["metadata"]["name"],
        "conditions": {"ready": True},
        "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]},
    }
    meta = {"name": name, "uid": f"u-{name}", "generation": len(name), "annotations": {"last": name}}
    return {"metadata": meta, "endpoints": [endpoint]}


def objects(**found: list[Json]) -> dict[str, dict[str, Json]]:
    """What is in the namespace: the set with uid `s` and status of one pod, and what is given."""
    made = statefulset(SETUP)
    made["metadata"].update(uid="s", generation=1)
    counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "currentReplicas"), 1)
    made["status"] = {"observedGeneration": 1, "updateRevision": "web-a", "currentRevision": "web-a", **counts}
    given: dict[str, list[Json]] = {"statefulsets": [made], **found}
    return {resource: {each["metadata"]["name"]: each for each in given.get(resource, ())} for resource in RESOURCES}


def ending(*sights: Sight, missing: str = "", **found: list[Json]) -> Ending:
    """How a stretch ended."""
    return Ending(missing, objects(**found), list(sights), {"persistentvolumeclaims": {}})


def record(*endings: Ending, setup: Setup = SETUP, steps: tuple[Operation, ...] = ()) -> Record:
    """What came of a schedule that waits after every step."""
    schedule = Schedule(1, setup, tuple(Step(each) for each in steps))  # type: ignore[arg-type]
    return Record(schedule, "1.37.2", 1.0, list(endings))
