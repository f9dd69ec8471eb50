"""Who answers DNS in a cluster, and how long answers may be kept there: what kube-system says of it, where it may be read."""

import structlog

from chaos.cluster.port import Cluster, ClusterError, Refused
from chaos.history.run import Resolver
from chaos.observers import corefile

log = structlog.get_logger()

NAMESPACE = "kube-system"
SERVICE = "kube-dns"
COREDNS, NODE_LOCAL = "coredns", "node-local-dns"
"""ConfigMaps: of kubeadm and most others, and of the NodeLocal DNS cache (cluster/addons/dns/nodelocaldns)."""


async def resolver_of(cluster: Cluster) -> Resolver:
    """What the Corefiles say; what is assumed if they are not there, may not be read, or leave it open."""
    servers = await _servers(cluster)
    try:
        behind = corefile.caching(await _corefile(cluster, COREDNS))
        near = await _corefile(cluster, NODE_LOCAL)
    except ClusterError as error:
        log.info("resolver.unread", error=str(error))
        return Resolver(servers=servers)
    both = corefile.in_front(near, behind) if near and behind is not None else behind
    if both is None:
        return Resolver(servers=servers)
    source = f"ConfigMap {NAMESPACE}/{COREDNS}" + (f" and {NODE_LOCAL}" if near else "")
    return Resolver(both.positive_s, both.negative_s, source, servers)


async def _servers(cluster: Cluster) -> tuple[str, ...]:
    """The addresses of the pods that answer DNS, in order; none where they cannot be found out."""
    try:
        slices = (await cluster.list("endpointslices", NAMESPACE)).items
    except ClusterError as error:
        log.info("resolver.servers_unread", error=str(error))
        return ()
    found = [
        address
        for each in slices
        if (each["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == SERVICE
        for endpoint in each.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready") is not False
        for address in endpoint["addresses"]
    ]
    return tuple(sorted(dict.fromkeys(found)))


async def _corefile(cluster: Cluster, name: str) -> str:
    """A ConfigMap's Corefile; empty if there is no such ConfigMap."""
    try:
        found = await cluster.get("configmaps", NAMESPACE, name)
    except Refused as error:
        if error.status != 404:
            raise
        return ""
    return str((found.get("data") or {}).get("Corefile", ""))
