"""What the EndpointSlices of a Service have to be, and which writes bring them there. Pure.

Facts: k8s.io/endpointslice 0.37 reconciler.go and utils.go. New endpoints come in the order of pods' names, where upstream
has none. Left out: IPv6, topology hints.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.interface import Json

MANAGER = "endpointslice-controller.k8s.io"
SERVICE = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"
ZONE = "topology.kubernetes.io/zone"
FULL = 100
"""Endpoints that one slice holds."""

_RESERVED = (SERVICE, MANAGED_BY, HEADLESS)

Identity = tuple[tuple[str, ...], str, str, str]
"""What makes an endpoint the same one: addresses, hostname, namespace and name of its pod."""


class Changes(NamedTuple):
    """Slices to create, to update (whole objects), and to delete."""

    create: list[Json]
    update: list[Json]
    delete: list[Json]


def selects(service: Json, pod: Json) -> bool:
    """Whether a Service selects a pod."""
    return matches(service, pod["metadata"].get("labels") or {})


def matches(service: Json, labels: Mapping[str, str]) -> bool:
    """Whether a Service selects pods with these labels; one without a selector selects none."""
    selector = service["spec"].get("selector") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def is_ready(pod: Json) -> bool:
    """Whether the pod's Ready condition is true."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or ())


def reconcile(service: Json, pods: Iterable[Json], nodes: Mapping[str, Json], slices: Sequence[Json]) -> Changes:
    """The writes that bring a Service's slices to what its pods are.

    Args:
        pods: those that the Service selects, by name.
        nodes: by name; the pods of any other node are left out, unless the Service publishes unready addresses.
        slices: those of this controller that are not being deleted.
    """
    present: dict[str, list[Json]] = {}
    changes = Changes([], [], [])
    for each in slices:
        if _belongs(each, service):
            present.setdefault(_group(each.get("ports") or ()), []).append(each)
        else:
            changes.delete.append(each)
    wanted = _wanted(service, pods, nodes)
    for group, (ports, endpoints) in wanted.items():
        _fill(service, ports, endpoints, present.get(group, []), changes)
    for group, stale in present.items():
        if group not in wanted:
            changes.delete.extend(stale)
    if len(slices) == len(changes.delete) and not changes.create:
        _keep_one(service, changes)
    _reuse(service, changes)
    return changes


def _wanted(
    service: Json, pods: Iterable[Json], nodes: Mapping[str, Json]
) -> dict[str, tuple[list[Json], dict[Identity, Json]]]:
    """Ports and endpoints, by group of pods whose ports are the same."""
    wanted: dict[str, tuple[list[Json], dict[Identity, Json]]] = {}
    for pod in pods:
        if pod["status"].get("phase") in ("Failed", "Succeeded") or not pod["status"].get("podIP"):
            continue
        ports = ports_of(service, pod)
        _, endpoints = wanted.setdefault(_group(ports), (ports, {}))
        node = nodes.get(pod["spec"].get("nodeName", ""))
        if node is not None or service["spec"].get("publishNotReadyAddresses"):
            endpoint = endpoint_of(service, pod, node)
            endpoints[_identity(endpoint)] = endpoint
    return wanted


def _fill(
    service: Json, ports: list[Json], endpoints: dict[Identity, Json], present: list[Json], changes: Changes
) -> None:
    """Keep what is right where it is, then put what is new into a slice that is written anyway, or has room."""
    left = dict(endpoints)
    updated, unchanged = [], []
    for each in present:
        before = each.get("endpoints") or []
        kept = [left.pop(identity) for identity in map(_identity, before) if identity in left]
        labels = _labels(service)
        new = {**each, "metadata": {**each["metadata"], "labels": labels}, "endpoints": kept}
        if before and not kept:
            changes.delete.append(each)
        elif kept != before or _own_labels(each["metadata"].get("labels") or {}) != _own_labels(labels):
            updated.append(new)
        else:
            unchanged.append(new)
    updated.sort(key=lambda each: -len(each["endpoints"]))
    for each in updated:
        _take(left, each)
    while left:
        room = [each for each in unchanged if len(left) < FULL and len(each["endpoints"]) + len(left) <= FULL]
        if room:
            target = max(room, key=lambda each: len(each["endpoints"]))
            unchanged.remove(target)
            updated.append(target)
        else:
            target = _new(service, ports)
            changes.create.append(target)
        _take(left, target)
    changes.update.extend(updated)


def _take(left: dict[Identity, Json], target: Json) -> None:
    for identity in list(left)[: FULL - len(target["endpoints"])]:
        target["endpoints"].append(left.pop(identity))


def _keep_one(service: Json, changes: Changes) -> None:
    """A Service without endpoints has one empty slice."""
    empty = _new(service, [])
    if len(changes.delete) == 1:
        only = changes.delete[0]
        is_empty = not only.get("endpoints") and not only.get("ports")
        if is_empty and only["metadata"].get("labels") == empty["metadata"]["labels"] and _belongs(only, service):
            changes.delete.clear()
            return
    changes.create.append(empty)


def _reuse(service: Json, changes: Changes) -> None:
    """Write new slices over those that would be deleted."""
    for each in list(changes.delete):
        if changes.create and _belongs(each, service):
            new = changes.create.pop()
            changes.update.append({**new, "metadata": {**new["metadata"], "name": each["metadata"]["name"]}})
            changes.delete.remove(each)


def ports_of(service: Json, pod: Json) -> list[Json]:
    """The ports that a Service has on a pod; one whose name no container has is left out."""
    ports = []
    for each in service["spec"].get("ports") or ():
        number = _number(each, pod)
        if number is not None:
            kind = {"appProtocol": each["appProtocol"]} if "appProtocol" in each else {}
            ports.append({"name": each.get("name", ""), "protocol": each["protocol"], "port": number, **kind})
    return ports


def endpoint_of(service: Json, pod: Json, node: Json | None) -> Json:
    """A pod as an endpoint of a Service."""
    meta, spec, status = pod["metadata"], pod["spec"], pod["status"]
    serving, terminating = is_ready(pod), "deletionTimestamp" in meta
    ready = bool(service["spec"].get("publishNotReadyAddresses")) or (serving and not terminating)
    endpoint: Json = {
        "addresses": [status["podIP"]],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
    }
    if spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]:
        endpoint["hostname"] = spec["hostname"]
    target = {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}
    endpoint.update(targetRef=target, nodeName=spec["nodeName"])
    zone = (node["metadata"].get("labels") or {}).get(ZONE) if node is not None else None
    return {**endpoint, "zone": zone} if zone else endpoint


def _number(port: Json, pod: Json) -> int | None:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for container in pod["spec"].get("containers") or ():
        for each in container.get("ports") or ():
            if each.get("name") == target and each.get("protocol", "TCP") == port["protocol"]:
                return int(each["containerPort"])
    return None


def _new(service: Json, ports: list[Json]) -> Json:
    meta = service["metadata"]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            "labels": _labels(service),
            "ownerReferences": [controller_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": [],
        "ports": ports,
    }


def _labels(service: Json) -> Json:
    meta = service["metadata"]
    labels = {**_own_labels(meta.get("labels") or {}), SERVICE: meta["name"], MANAGED_BY: MANAGER}
    if service["spec"].get("clusterIP") in (None, "", "None"):
        labels[HEADLESS] = ""
    return labels


def _own_labels(labels: Mapping[str, str]) -> Json:
    return {key: value for key, value in labels.items() if key not in _RESERVED}


def _belongs(item: Json, service: Json) -> bool:
    uid = service["metadata"]["uid"]
    owners = item["metadata"].get("ownerReferences") or ()
    return any(each["uid"] == uid and each["kind"] == "Service" for each in owners)


def _group(ports: Iterable[Json]) -> str:
    return repr(sorted((each.get("name"), each.get("port"), each.get("protocol")) for each in ports))


def _identity(endpoint: Json) -> Identity:
    target = endpoint.get("targetRef") or {}
    name = target.get("namespace", ""), target.get("name", "")
    return tuple(endpoint["addresses"]), endpoint.get("hostname", ""), *name
