"""The cluster's DNS: names of Services and of the pods behind them, as its own lagging caches show them.

Facts: CoreDNS' kubernetes plugin (schema 1.1.0 of github.com/kubernetes/dns): a headless Service's name gives the ready
endpoints, HOSTNAME.SERVICE one of them; anything else below cluster.local is NXDOMAIN. There is no cache in front of it.
"""

from collections.abc import Callable
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.informer import Informer
from chaos.embedded.interface import Api, EventType, Json
from chaos.embedded.shell.environment import Resolved

ADDRESS = "10.96.0.10"
DOMAIN = "cluster.local"
NDOTS = 5
ROUND_TRIP_S = 0.0004

_SERVICE = "kubernetes.io/service-name"


class _Endpoint(NamedTuple):
    hostname: str
    address: str


class Dns:
    """Answers names. While `down` is set nobody answers."""

    def __init__(self, api: Api, lag: Callable[[], float]) -> None:
        """Draw each event's `lag` in seconds."""
        self.down = False
        self._services = Informer(api, "services", lag)
        self._slices = Informer(api, "endpointslices", lag, self._slice_changed)
        self._endpoints: dict[tuple[str, str], list[_Endpoint]] = {}

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Follow Services and EndpointSlices until cancelled. Started when the caches are full."""
        async with anyio.create_task_group() as group:
            for informer in (self._slices, self._services):
                await group.start(informer.run)
            task_status.started()

    async def resolve(self, name: str, namespace: str) -> Resolved:
        """What the C library of a pod of this namespace makes of a name: its search list, ndots 5."""
        if name.endswith("."):
            candidates = [name[:-1]]
        else:
            searched = [f"{name}.{suffix}" for suffix in search_list(namespace)]
            candidates = [name, *searched] if name.count(".") >= NDOTS else [*searched, name]
        for candidate in candidates:
            await anyio.sleep(ROUND_TRIP_S)
            if self.down:
                return Resolved("TIMEOUT")
            addresses = self.lookup(candidate)
            if addresses:
                return Resolved("NOERROR", tuple(addresses), candidate)
            if addresses is not None:
                return Resolved("NODATA")
        return Resolved("NXDOMAIN")

    def lookup(self, name: str) -> list[str] | None:
        """The addresses of a full name; none if the name exists without one; None if it does not exist."""
        labels = name.lower().removesuffix(f".svc.{DOMAIN}").split(".")
        if not name.lower().endswith(f".svc.{DOMAIN}") or len(labels) not in (2, 3):
            return None
        namespace, service = labels[-1], labels[-2]
        found = self._services.objects.get((namespace, service))
        if found is None:
            return None
        cluster_ip = found["spec"].get("clusterIP")
        if cluster_ip not in (None, "None") and len(labels) == 2:
            return [cluster_ip]
        endpoints = self._endpoints.get((namespace, service), [])
        if len(labels) == 3:
            return [each.address for each in endpoints if each.hostname == labels[0]] or None
        return [each.address for each in endpoints]

    def _slice_changed(self, kind: EventType, item: Json) -> None:
        meta = item["metadata"]
        service = (meta.get("labels") or {}).get(_SERVICE)
        if not service:
            return
        key = (meta["namespace"], service)
        if kind == "DELETED":
            self._endpoints.pop(key, None)
            return
        self._endpoints[key] = [
            _Endpoint(each.get("hostname", ""), each["addresses"][0])
            for each in item.get("endpoints") or ()
            if each["conditions"]["ready"]
        ]


def search_list(namespace: str) -> list[str]:
    """The domains that a pod's resolver tries."""
    return [f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]


def resolv_conf(namespace: str) -> bytes:
    """A pod's /etc/resolv.conf."""
    return f"search {' '.join(search_list(namespace))}\nnameserver {ADDRESS}\noptions ndots:{NDOTS}\n".encode()
