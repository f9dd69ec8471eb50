"""What the EndpointSlices of a Service say when they agree with given pods. Pure.

Facts: k8s.io/endpointslice 0.37 utils.go (podToEndpoint) and util/controller_utils.go (ShouldPodBeInEndpoints,
ShouldSetHostname).
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chaos.checkers.controller.states import is_ready

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
OF_SERVICE = "kubernetes.io/service-name"

MOST_BACKED = 4096
"""Pods whose endpoints are remembered."""


class Backend(Struct, frozen=True, gc=False):
    """What of a pod bears on endpoints."""

    uid: str
    name: str
    addresses: tuple[str, ...]
    hostname: str
    subdomain: str
    labels: Mapping[str, str]
    node: str
    ready: bool
    terminating: bool


class Service(Struct, frozen=True, gc=False):
    """What of a Service bears on endpoints. `is_one_group`: its ports are the same on every pod, so one slice takes all.

    `families` are the address types of its slices, as far as it says them; `is_kept`: slices are kept for it.
    """

    uid: str
    name: str
    selector: Mapping[str, str]
    publishes_unready: bool
    is_one_group: bool
    families: tuple[str, ...]
    is_kept: bool


class Endpoint(Struct, frozen=True, gc=False):
    """A pod as an endpoint of a slice."""

    name: str
    addresses: tuple[str, ...]
    hostname: str
    ready: bool
    serving: bool
    terminating: bool

    def is_placed_as(self, other: "Endpoint") -> bool:
        """Whether both are the same pod at the same addresses and name, whatever they say of its condition."""
        return (self.name, self.addresses, self.hostname) == (other.name, other.addresses, other.hostname)

    def is_conditioned_as(self, other: "Endpoint") -> bool:
        """Whether both say the same of the pod's condition."""
        return (self.ready, self.serving, self.terminating) == (other.ready, other.serving, other.terminating)

    def __str__(self) -> str:
        said = ", ".join(f"{word} {str(getattr(self, word)).lower()}" for word in ("ready", "serving", "terminating"))
        return f"{self.name or 'nobody'} at {', '.join(self.addresses)}, hostname {self.hostname or 'none'}, {said}"


def backend(state: Mapping[str, Any]) -> Backend | None:
    """The pod, if it belongs into slices at all: it has an address and has not ended."""
    addresses = addresses_of(state)
    if not addresses or has_ended(state):
        return None
    meta, spec = state["metadata"], state["spec"]
    return Backend(
        meta["uid"],
        meta["name"],
        tuple(addresses),
        spec.get("hostname", ""),
        spec.get("subdomain", ""),
        meta.get("labels") or {},
        spec.get("nodeName", ""),
        is_ready(state),
        "deletionTimestamp" in meta,
    )


def service_of(state: Mapping[str, Any]) -> Service:
    """A version of a Service."""
    meta, spec = state["metadata"], state.get("spec", {})
    return Service(
        meta["uid"],
        meta["name"],
        spec.get("selector") or {},
        bool(spec.get("publishNotReadyAddresses")),
        all(not isinstance(port.get("targetPort"), str) for port in spec.get("ports") or ()),
        tuple(spec.get("ipFamilies") or ()),
        spec.get("type") != "ExternalName" and bool(spec.get("selector")) and "deletionTimestamp" not in meta,
    )


class Backing:
    """What a version of a Service makes of pods. Each pod and family is looked at once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._known: dict[str, dict[int, tuple[Backend, Endpoint | None]]] = {}

    def of(self, pod: Backend | None, family: str) -> Endpoint | None:
        """The pod in a slice of this address type; None if it is not there, or not selected."""
        if pod is None:
            return None
        known = self._known.setdefault(family, {})
        found = known.get(id(pod))
        if found is None:
            if len(known) >= MOST_BACKED:
                known.clear()
            right = endpoint(self.service, pod, family) if selected(self.service, pod) else None
            # With the pod, so that no other gets its identity.
            found = known[id(pod)] = (pod, right)
        return found[1]


def selected(service: Service, pod: Backend) -> bool:
    """Whether a Service selects a pod; one without a selector selects none."""
    return bool(service.selector) and all(pod.labels.get(key) == value for key, value in service.selector.items())


def endpoint(service: Service, pod: Backend, family: str) -> Endpoint:
    """The pod in a slice of this address type; without addresses if it has none of that family."""
    return Endpoint(
        pod.name,
        tuple(address for address in pod.addresses if family_of(address) == family),
        pod.hostname if pod.subdomain == service.name else "",
        service.publishes_unready or (pod.ready and not pod.terminating),
        pod.ready,
        pod.terminating,
    )


def listed(state: Mapping[str, Any]) -> dict[str, Endpoint]:
    """The endpoints of a slice by the uid of their pods. What is not said of its conditions is what Kubernetes takes it for."""
    found = {}
    for each in state.get("endpoints") or ():
        target = each.get("targetRef") or {}
        conditions = each.get("conditions") or {}
        ready = conditions.get("ready") is not False
        found[target.get("uid", "")] = Endpoint(
            target.get("name", ""),
            tuple(each["addresses"]),
            each.get("hostname") or "",
            ready,
            conditions.get("serving", ready) is not False,
            conditions.get("terminating") is True,
        )
    return found


def family_of(address: str) -> str:
    """The address type of the slice that an address belongs into."""
    return "IPv6" if ":" in address else "IPv4"


def addresses_of(state: Mapping[str, Any]) -> list[str]:
    """Every address that a pod's status gives it: one of each IP family."""
    status = state.get("status") or {}
    listed = [each["ip"] for each in status.get("podIPs") or ()]
    first = status.get("podIP", "")
    return listed if first in ("", *listed) else [first, *listed]


def has_ended(state: Mapping[str, Any]) -> bool:
    """Whether a pod's containers have ended for good."""
    return state.get("status", {}).get("phase") in ("Failed", "Succeeded")
