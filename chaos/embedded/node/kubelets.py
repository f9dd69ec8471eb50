"""What the API server passes on to nodes: commands and logs, by the pod's name."""

from collections.abc import Sequence

from chaos.embedded.interface import Api, ApiError, Streams
from chaos.embedded.node.life import PodLife
from chaos.embedded.node.node import Node


class Kubelets:
    """All nodes' kubelets; implements `chaos.embedded.interface.Kubelet`."""

    def __init__(self, api: Api, nodes: Sequence[Node]) -> None:
        self._api = api
        self._nodes = nodes

    async def exec(self, namespace: str, pod: str, container: str, command: Sequence[str], streams: Streams) -> int:
        """See `Kubelet`."""
        life = self._life(namespace, pod)
        return await life.exec(container or life.state.containers[0].name, command, streams)

    def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> bytes:
        """See `Kubelet`; there are no logs of earlier lives."""
        life = self._life(namespace, pod)
        found = life.containers.get(container or life.state.containers[0].name)
        return b"" if found is None or previous else b"".join(found.log)

    def _life(self, namespace: str, name: str) -> PodLife:
        pod = self._api.get("pods", namespace, name)
        uid, placed = pod["metadata"]["uid"], pod["spec"].get("nodeName")
        if not placed:
            raise ApiError(400, "BadRequest", f"pod {name} does not have a host assigned")
        for node in self._nodes:
            if uid in node.lives:
                return node.lives[uid]
        raise ApiError(500, "InternalError", "unable to upgrade connection: pod does not exist")
