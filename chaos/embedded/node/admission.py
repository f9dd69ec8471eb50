"""Which pods a kubelet rejects, although somebody put them on its node. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/kubelet/lifecycle/predicate.go and pkg/scheduler/framework/plugins/nodeports.
"""

from collections.abc import Iterable, Iterator

from chaos.embedded.interface import Json

NO_PORTS = "node(s) didn't have free ports for the requested pod ports"


def rejection(pod: Json, others: Iterable[Json]) -> Json | None:
    """The status of a pod that cannot be beside the others; None if it can."""
    wanted = list(host_ports(pod))
    if wanted and any(port in wanted for other in others for port in host_ports(other)):
        message = f"Pod was rejected: Predicate NodePorts failed: {NO_PORTS}"
        return {"phase": "Failed", "reason": "NodePorts", "message": message}
    return None


def host_ports(pod: Json) -> Iterator[tuple[str, int]]:
    """The ports of its node that a pod wants: (protocol, port)."""
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("protocol", "TCP"), port["hostPort"]
