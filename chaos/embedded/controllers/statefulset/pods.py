"""Pods as the StatefulSet controller sees them: what they are, and what a new one looks like. Pure."""

import datetime
import functools
import re
from typing import Any

from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.interface import Json

REVISION = "controller-revision-hash"
POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"

_NAME = re.compile(r"(.*)-([0-9]+)")
_LARGEST = 2**31 - 1


def ordinal(pod: Json) -> int:
    """The number at the end of the pod's name, -1 if there is none."""
    return _parsed(pod["metadata"]["name"])[1]


def is_member(pod: Json, set_name: str) -> bool:
    """Whether the pod's name is that of the set and a number."""
    return _parsed(pod["metadata"]["name"])[0] == set_name


@functools.lru_cache(maxsize=4096)
def _parsed(name: str) -> tuple[str | None, int]:
    """The set's name and the ordinal in a pod's name: asked of every pod of a set several times in each sync."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None, -1
    number = int(match[2])
    return match[1], number if number <= _LARGEST else -1


def revision(pod: Json) -> str:
    """The name of the revision that the pod was made from."""
    return str((pod["metadata"].get("labels") or {}).get(REVISION, ""))


def is_terminating(pod: Json) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in pod["metadata"]


def phase(pod: Json) -> str:
    """Its phase; empty if it does not exist yet."""
    return str((pod.get("status") or {}).get("phase", ""))


def is_ended(pod: Json) -> bool:
    """Whether it failed or succeeded: it will not run again."""
    return phase(pod) in ("Failed", "Succeeded")


def is_ready(pod: Json) -> bool:
    """Running, with the condition Ready."""
    return phase(pod) == "Running" and ready_since(pod) is not None


def is_available(pod: Json, min_ready_s: int, now: datetime.datetime) -> bool:
    """Ready for long enough, whatever its phase (podutil.IsPodAvailable)."""
    since = ready_since(pod)
    if since is None:
        return False
    return min_ready_s == 0 or since + datetime.timedelta(seconds=min_ready_s) <= now


def is_unavailable(pod: Json, min_ready_s: int, now: datetime.datetime) -> bool:
    """Not available, or about to go."""
    return is_terminating(pod) or not is_available(pod, min_ready_s, now)


def available_at(pod: Json, min_ready_s: int) -> datetime.datetime | None:
    """When a pod with the condition Ready becomes available."""
    since = ready_since(pod)
    return None if since is None else since + datetime.timedelta(seconds=min_ready_s)


def ready_since(pod: Json) -> datetime.datetime | None:
    """Since when it has the condition Ready, in any phase; None if it has not."""
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition["type"] == "Ready" and condition["status"] == "True":
            return _instant(condition["lastTransitionTime"])
    return None


_instant = functools.lru_cache(maxsize=1024)(datetime.datetime.fromisoformat)


def new(statefulset: Json, template: Json, revision_name: str, number: int) -> Json:
    """The pod of an ordinal as it is created from a revision's template."""
    meta, name = statefulset["metadata"], f"{statefulset['metadata']['name']}-{number}"
    given = template.get("metadata") or {}
    labels = {**(given.get("labels") or {}), POD_NAME: name, POD_INDEX: str(number), REVISION: revision_name}
    pod_meta: Json = {
        "name": name,
        "generateName": f"{meta['name']}-",
        "namespace": meta["namespace"],
        "labels": labels,
        "ownerReferences": [controller_reference(statefulset)],
    }
    for key in ("annotations", "finalizers"):
        if given.get(key):
            pod_meta[key] = given[key]
    spec = {
        **template["spec"],
        "hostname": name,
        "subdomain": statefulset["spec"].get("serviceName", ""),
        "volumes": volumes(statefulset, template["spec"].get("volumes") or [], number),
    }
    kept = {key: value for key, value in spec.items() if value not in ("", [])}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": pod_meta, "spec": kept}


def volumes(statefulset: Json, given: list[Json], number: int) -> list[Json]:
    """A pod's volumes: those of the claim templates, then the template's others."""
    claims = [
        {
            "name": template["metadata"]["name"],
            "persistentVolumeClaim": {"claimName": claim_name(statefulset, template, number)},
        }
        for template in statefulset["spec"].get("volumeClaimTemplates") or ()
    ]
    names = [claim["name"] for claim in claims]
    return [*claims, *(volume for volume in given if volume["name"] not in names)]


def claim_name(statefulset: Json, template: Json, number: int) -> str:
    """The name of an ordinal's claim."""
    return f"{template['metadata']['name']}-{statefulset['metadata']['name']}-{number}"


def claims(statefulset: Json, number: int) -> list[Json]:
    """The claims of an ordinal as they are created."""
    selected = (statefulset["spec"].get("selector") or {}).get("matchLabels") or {}
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                **template["metadata"],
                "name": claim_name(statefulset, template, number),
                "namespace": statefulset["metadata"]["namespace"],
                "labels": {**(template["metadata"].get("labels") or {}), **selected},
            },
            "spec": template["spec"],
        }
        for template in statefulset["spec"].get("volumeClaimTemplates") or ()
    ]


def has_identity(statefulset: Json, pod: Json) -> bool:
    """Whether its name is exactly that of its ordinal, and its label says so. The index label does not count."""
    meta = pod["metadata"]
    is_named = meta["name"] == f"{statefulset['metadata']['name']}-{ordinal(pod)}"
    return bool(is_named and (meta.get("labels") or {}).get(POD_NAME) == meta["name"])


def has_storage(statefulset: Json, pod: Json) -> bool:
    """Whether its volumes are the claims of its ordinal."""
    mounted = {
        volume["name"]: (volume.get("persistentVolumeClaim") or {}).get("claimName")
        for volume in pod["spec"].get("volumes") or ()
    }
    return all(
        mounted.get(template["metadata"]["name"]) == claim_name(statefulset, template, ordinal(pod))
        for template in statefulset["spec"].get("volumeClaimTemplates") or ()
    )


def repaired(statefulset: Json, pod: Json) -> Json:
    """The pod with the name, labels and volumes of its ordinal, as far as they are wrong."""
    fixed = pod
    if not has_identity(statefulset, pod):
        meta: dict[str, Any] = pod["metadata"]
        name = f"{statefulset['metadata']['name']}-{ordinal(pod)}"
        labels = {**(meta.get("labels") or {}), POD_NAME: name, POD_INDEX: str(ordinal(pod))}
        fixed = {**fixed, "metadata": {**meta, "name": name, "labels": labels}}
    if not has_storage(statefulset, pod):
        mounted = volumes(statefulset, pod["spec"].get("volumes") or [], ordinal(pod))
        fixed = {**fixed, "spec": {**pod["spec"], "volumes": mounted}}
    return fixed
