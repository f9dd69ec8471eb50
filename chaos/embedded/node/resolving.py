"""How pods resolve names: who answers them, in which order they ask for what, and what kube-system says of it.

Facts: kubeadm 1.37 cmd/kubeadm/app/phases/addons/dns (two replicas; the Corefile keeps the cluster's names out of the cache
since 1.32). A question to the Service's address goes to any of the servers, as kube-proxy has it; one may also be asked directly.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import anyio
from anyio.abc import TaskStatus

from chaos.embedded.interface import Api, Json
from chaos.embedded.node.dns import DOMAIN, Server
from chaos.embedded.shell.environment import Resolved
from chaos.embedded.waiting import Pause

ADDRESS = "10.96.0.10"
SERVERS = ("10.244.255.2", "10.244.255.3")
NDOTS = 5
ROUND_TRIP_S = 0.0004
UNANSWERED_S = 5.0
"""After which a question is given up that nobody answers (resolv.conf, timeout)."""

NAMESPACE, USER = "kube-system", "kubeadm"

COREFILE = """.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
"""


class Resolver(NamedTuple):
    """A pod's /etc/resolv.conf."""

    search: tuple[str, ...]
    ndots: int = NDOTS

    def text(self) -> bytes:
        """The file."""
        return f"search {' '.join(self.search)}\nnameserver {ADDRESS}\noptions ndots:{self.ndots}\n".encode()


class Dns:
    """The servers by their addresses. While `down` is set nobody answers."""

    def __init__(self, api: Api, lag: Callable[[], float], draws: Random) -> None:
        """Draw each event's `lag` in seconds, and with `draws` who answers."""
        self.down = False
        self.servers = {address: Server(api, lag) for address in SERVERS}
        self._api = api
        self._draws = draws

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Make what kube-system has of it, and answer until cancelled. Started when the servers' caches are full."""
        for resource, body in _OBJECTS.items():
            self._api.create(resource, NAMESPACE, body, user=USER)
        async with anyio.create_task_group() as group:
            for server in self.servers.values():
                await group.start(server.run)
            task_status.started()

    async def resolve(self, name: str, resolver: Resolver, server: str = "") -> Resolved:
        """What glibc makes of a name: it goes on to the next candidate after NODATA as after NXDOMAIN.

        `server` is the address of the one to ask; empty for the pod's own resolver.
        """
        code = "NXDOMAIN"
        for candidate in candidates(name, resolver):
            await Pause(ROUND_TRIP_S)
            asked = SERVERS[self._draws.random() < 0.5] if server in ("", ADDRESS) else server
            if self.down or asked not in self.servers:
                if server:
                    await Pause(UNANSWERED_S)
                return Resolved("TIMEOUT")
            addresses = self.servers[asked].lookup(candidate)
            if addresses:
                return Resolved("NOERROR", tuple(addresses), candidate)
            if addresses is not None:
                code = "NODATA"
        return Resolved("NODATA" if code == "NODATA" else "NXDOMAIN")


def candidates(name: str, resolver: Resolver) -> list[str]:
    """The full names that a name may stand for, in the order in which they are asked for."""
    if name.endswith("."):
        return [name[:-1]]
    searched = [f"{name}.{suffix}" for suffix in resolver.search]
    return [name, *searched] if name.count(".") >= resolver.ndots else [*searched, name]


def resolver_of(pod: Json) -> Resolver:
    """How a pod's containers resolve names."""
    search = (f"{pod['metadata']['namespace']}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN)
    wanted = pod["spec"].get("dnsConfig") or {}
    own = () if pod["spec"].get("dnsPolicy") in ("None", "Default") else search
    options = {each["name"]: each.get("value", "") for each in wanted.get("options") or ()}
    return Resolver((*own, *wanted.get("searches", ())), int(options.get("ndots") or (NDOTS if own else 1)))


_PORTS = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]

# The servers are no pods here, so that nothing selects them and nobody else writes their slice.
_OBJECTS: dict[str, Json] = {
    "configmaps": {"metadata": {"name": "coredns"}, "data": {"Corefile": COREFILE}},
    "services": {
        "metadata": {"name": "kube-dns", "labels": {"k8s-app": "kube-dns"}},
        "spec": {"clusterIP": ADDRESS, "ports": _PORTS},
    },
    "endpointslices": {
        "metadata": {"name": "kube-dns", "labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in SERVERS],
        "ports": _PORTS,
    },
}
