"""A DNS server of the cluster: names of Services and of the pods behind them, as its own lagging caches show them.

Facts: CoreDNS 1.14.7 plugin/kubernetes (schema 1.1.0 of github.com/kubernetes/dns). A headless Service's name gives the ready
endpoints, HOSTNAME.SERVICE one of them; a name without an endpoint does not exist. There is no cache in front of it: kubeadm
has kept cluster.local out of CoreDNS' since 1.32, and pods' own names (a-b-c-d.NAMESPACE.pod) are off by default.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, EventType, Json

DOMAIN = "cluster.local"

_SERVICE = "kubernetes.io/service-name"
_ZONE = f".svc.{DOMAIN}"


class Target(NamedTuple):
    """What a SRV record points to."""

    port: int
    name: str
    address: str


class _Port(NamedTuple):
    name: str
    protocol: str
    number: int


class _Endpoint(NamedTuple):
    hostname: str
    address: str
    ports: tuple[_Port, ...]


class Server:
    """One process of CoreDNS."""

    def __init__(self, api: Api, lag: Callable[[], float]) -> None:
        """Draw each event's `lag` in seconds."""
        self._namespaces = Informer(api, "namespaces", lag)
        self._services = Informer(api, "services", lag)
        self._slices = Informer(api, "endpointslices", lag, self._slice_changed)
        # By Service, then by slice: a Service that was made anew has for a while the slice of the old one too.
        self._endpoints: dict[tuple[str, str], dict[str, list[_Endpoint]]] = {}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Follow namespaces, Services and EndpointSlices until cancelled. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in (self._namespaces, self._slices, self._services):
                await group.start(informer.run)
            task_status.started()

    def lookup(self, name: str) -> list[str] | None:
        """The addresses of a full name; none if the name exists without one; None if it does not exist."""
        lower = name.lower()
        if not lower.endswith(_ZONE):
            return [] if lower in (DOMAIN, f"svc.{DOMAIN}", f"pod.{DOMAIN}") else None
        labels = lower.removesuffix(_ZONE).split(".")
        if len(labels) == 1:
            return [] if ("", labels[0]) in self._namespaces.objects else None
        found = self._service(labels)
        if found is None:
            return None
        cluster_ip = found["spec"].get("clusterIP")
        if cluster_ip not in (None, "", "None") and len(labels) != 3:
            return [cluster_ip] if self._own_ports(found, labels) else None
        endpoints = self._of(labels)
        if len(labels) == 3:
            return [each.address for each in endpoints if each.hostname == labels[0]] or None
        return [each.address for each in endpoints if _has_port(each.ports, labels)] or None

    def services(self, name: str) -> list[Target] | None:
        """The SRV records of a full name, one per endpoint and port; None if there are none."""
        lower = name.lower()
        labels = lower.removesuffix(_ZONE).split(".")
        found = self._service(labels) if lower.endswith(_ZONE) else None
        if found is None:
            return None
        base = f"{labels[-2]}.{labels[-1]}{_ZONE}"
        cluster_ip = found["spec"].get("clusterIP")
        if cluster_ip not in (None, "", "None") and len(labels) != 3:
            return [Target(port.number, base, cluster_ip) for port in self._own_ports(found, labels)] or None
        return [
            Target(port.number, f"{each.hostname}.{base}", each.address)
            for each in self._of(labels)
            for port in each.ports
            if _matches(port, labels) and (len(labels) != 3 or each.hostname == labels[0])
        ] or None

    def _service(self, labels: Sequence[str]) -> Json | None:
        """The Service of SERVICE.NAMESPACE, HOSTNAME.SERVICE.NAMESPACE or _PORT._PROTOCOL.SERVICE.NAMESPACE."""
        if len(labels) not in (2, 3, 4) or ("", labels[-1]) not in self._namespaces.objects:
            return None
        found = self._services.objects.get((labels[-1], labels[-2]))
        return None if found is None or found["spec"].get("type") == "ExternalName" else found

    def _own_ports(self, service: Json, labels: Sequence[str]) -> list[_Port]:
        return [port for port in _ports(service["spec"].get("ports")) if _matches(port, labels)]

    def _of(self, labels: Sequence[str]) -> list[_Endpoint]:
        slices = self._endpoints.get((labels[-1], labels[-2]))
        return [each for endpoints in slices.values() for each in endpoints] if slices else []

    def _slice_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        service = (meta.get("labels") or {}).get(_SERVICE)
        if not service:
            return
        slices = self._endpoints.setdefault((meta["namespace"], service), {})
        if kind == "DELETED":
            slices.pop(meta["name"], None)
            if not slices:
                del self._endpoints[meta["namespace"], service]
            return
        ports = _ports(item.get("ports"))
        slices[meta["name"]] = [
            _Endpoint(each.get("hostname") or address.replace(".", "-"), address, ports)
            for each in item.get("endpoints") or ()
            if each["conditions"].get("ready") is not False
            for address in each["addresses"]
        ]


def _ports(items: Sequence[Json] | None) -> tuple[_Port, ...]:
    """A Service's or slice's ports; CoreDNS gives an endpoint without any one that has no number."""
    if not items:
        return (_Port("", "", 0),)
    return tuple(_Port(each.get("name") or "", each["protocol"].lower(), int(each["port"])) for each in items)


def _matches(port: _Port, labels: Sequence[str]) -> bool:
    if len(labels) != 4:
        return True
    return (port.name, port.protocol) == (labels[0].removeprefix("_"), labels[1].removeprefix("_"))


def _has_port(ports: Sequence[_Port], labels: Sequence[str]) -> bool:
    return len(labels) != 4 or any(_matches(port, labels) for port in ports)
