"""Whether one write leads from one state of an object to the next: if none can, a version between them was not seen.

A watch that loses an event leaves no hole in the record, because the next event is recorded against the last one that came.
But the API server keeps specs, statuses and deletion marks apart, and counts generations one by one (k8s.io/kubernetes 1.37.2,
pkg/registry: strategies of pods, statefulsets, persistentvolumeclaims, endpointslices; k8s.io/apiserver 1.37.2, registry/rest/
delete.go). What differs in more than one such part differs by more than one write.
"""

from typing import Any

from chaos.history.order import Event

KUBELETS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
"""Conditions whose lastTransitionTime moves only when their status does (pkg/kubelet/status, updateLastTransitionTime)."""

APART = ("pods", "statefulsets", "persistentvolumeclaims")
"""Resources whose status is written by requests of its own."""

OF_OBJECTS = (
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "finalizers",
    "generation",
    "labels",
    "ownerReferences",
)
"""Parts of the metadata that no request for a status changes."""

BOUND = ({"nodeName"}, {"conditions", "nominatedNodeName"})
"""What the binding of a pod to its node writes, of its spec and of its status."""


def missed(event: Event, data: dict[str, Any]) -> str:
    """What shows that a version between the event's two states was not seen; empty if nothing does.

    Args:
        data: of the entry that recorded the event.
    """
    if event.before is None or event.type == "listed":
        return ""
    patch = data["patch"] if "patch" in data else _changed(event.before, event.after)
    meta = patch.get("metadata", {})
    if event.type == "deleted":
        # The last state, at the version of the removal: an update that frees an object of its last finalizer is not shown.
        return "it was removed in a state that was never seen" if len(patch) > 1 or len(meta) > 1 else ""
    generation, before = meta.get("generation"), event.before["metadata"]
    if generation is not None and generation > before.get("generation", generation) + 1:
        return f"its generation went from {before['generation']} to {generation}"
    if "status" not in patch or event.stream not in APART:
        return ""
    if "spec" in patch and not _is_binding(event, patch):
        return "its spec and its status changed"
    for key in OF_OBJECTS if len(meta) > 1 else ():
        if key in meta:
            return f"its status and its {key} changed"
    return _came_back(event) if event.stream == "pods" and "conditions" in patch["status"] else ""


def _came_back(event: Event) -> str:
    times = {each["type"]: each for each in event.before.get("status", {}).get("conditions", ())}
    for new in event.after["status"].get("conditions", ()):
        old = times.get(new["type"])
        if (
            old is not None
            and new["status"] == old["status"]
            and new.get("lastTransitionTime") != old.get("lastTransitionTime")
            and new["type"] in KUBELETS
            and not _is_restart(event)
        ):
            return f"its condition {new['type']} changed from {new['status']} and back"
    return ""


def _is_restart(event: Event) -> bool:
    # A kubelet that starts a container anew may write its end and its start at once: it compares with what it last computed.
    return _containers(event.before) != _containers(event.after)


def _containers(state: Any) -> list[str]:
    return [each.get("containerID", "") for each in state.get("status", {}).get("containerStatuses", ())]


def _is_binding(event: Event, patch: dict[str, Any]) -> bool:
    if event.stream != "pods" or not (set(patch["spec"]) <= BOUND[0] and set(patch["status"]) <= BOUND[1]):
        return False
    old = {each["type"]: each for each in event.before.get("status", {}).get("conditions", ())}
    new = event.after["status"].get("conditions", ())
    return all(each["type"] == "PodScheduled" or old.get(each["type"]) == each for each in new)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs, as deep as it matters here: of a state that no patch tells."""
    found = {key: after.get(key) for key in ("spec", "status") if before.get(key) != after.get(key)}
    for key in found:
        old, new = before.get(key) or {}, after.get(key) or {}
        found[key] = {inner: new.get(inner) for inner in {**old, **new} if old.get(inner) != new.get(inner)}
    old, new = before["metadata"], after["metadata"]
    return {**found, "metadata": {key: new.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}}
