"""What the API server passes on to nodes: commands and logs, by the pod's name.

Facts: k8s.io/kubernetes 1.37.2 pkg/registry/core/pod/strategy.go (streamLocation, LogLocation), and a real 1.37.2's answers.
"""

from collections.abc import Sequence

from chaos.embedded.interface import Api, ApiError, Json, Streams
from chaos.embedded.node.life import PodLife
from chaos.embedded.node.log import Log
from chaos.embedded.node.node import Node
from chaos.embedded.node.states import ContainerState


class Kubelets:
    """All nodes' kubelets; implements `chaos.embedded.interface.Kubelet`."""

    def __init__(self, api: Api, nodes: Sequence[Node]) -> None:
        self._api = api
        self._nodes = nodes

    async def exec(self, namespace: str, pod: str, container: str, command: Sequence[str], streams: Streams) -> int:
        """See `Kubelet`."""
        item, name = self._checked(namespace, pod, container, command)
        life = self._life(item)
        if life is None:
            raise ApiError(500, "InternalError", f'unable to upgrade connection: container not found ("{name}")')
        return await life.exec(name, command, streams)

    def check(self, namespace: str, pod: str, container: str, command: Sequence[str]) -> None:
        """See `Kubelet`."""
        self._checked(namespace, pod, container, command)

    def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Log | None:
        """See `Kubelet`; a container's last two runs have logs."""
        item = self._api.get("pods", namespace, pod)
        name = _chosen(item, container)
        life = self._life(item) if item["spec"].get("nodeName") else None
        if life is None:
            return None
        found = next(each for each in life.lives if each.state.name == name)
        if previous:
            if len(found.logs) < 2:
                message = f'previous terminated container "{name}" in pod "{pod}" not found'
                raise ApiError(400, "BadRequest", message)
            return found.logs[-2]
        if not found.logs:
            why = f'container "{name}" in pod "{pod}" is waiting to start: {_waits(found.state)}'
            raise ApiError(400, "BadRequest", why)
        return found.logs[-1]

    def _checked(self, namespace: str, pod: str, container: str, command: Sequence[str]) -> tuple[Json, str]:
        """The pod and the name of the container that are meant."""
        item = self._api.get("pods", namespace, pod)
        name = _chosen(item, container)
        if not command:
            raise ApiError(400, "BadRequest", "you must specify at least one command for the container")
        if not item["spec"].get("nodeName"):
            raise ApiError(400, "BadRequest", f"pod {pod} does not have a host assigned")
        return item, name

    def _life(self, pod: Json) -> PodLife | None:
        """The pod as its kubelet knows it; None if it does not, or no more."""
        for node in self._nodes:
            if node.name == pod["spec"]["nodeName"]:
                if node.is_lost:
                    message = f"error dialing backend: dial tcp {node.host_ip}:10250: connect: no route to host"
                    raise ApiError(500, "InternalError", message)
                return node.lives.get(pod["metadata"]["uid"])
        return None


def _chosen(pod: Json, container: str) -> str:
    """The container that is meant."""
    spec, name = pod["spec"], pod["metadata"]["name"]
    mains = [each["name"] for each in spec["containers"]]
    if not container:
        if len(mains) == 1:
            return str(mains[0])
        known = f"choose one of: [{' '.join(mains)}]"
        inits = [each["name"] for each in spec.get("initContainers") or ()]
        if inits:
            known += f" or one of the init containers: [{' '.join(inits)}]"
        raise ApiError(400, "BadRequest", f"a container name must be specified for pod {name}, {known}")
    if container not in mains and all(each["name"] != container for each in spec.get("initContainers") or ()):
        raise ApiError(400, "BadRequest", f"container {container} is not valid for pod {name}")
    return container


def _waits(state: ContainerState) -> str:
    if state.waiting in ("ErrImagePull", "ImagePullBackOff"):
        return "trying and failing to pull image" if state.waiting == "ImagePullBackOff" else "image can't be pulled"
    return state.waiting
