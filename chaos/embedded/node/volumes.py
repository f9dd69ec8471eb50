"""What is in the volumes: it outlives pods and claims, and goes with the volume."""

from chaos.embedded.interface import Api, EventType, Json
from chaos.embedded.node.files import Mount


class Volumes:
    """Contents by PersistentVolume."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._contents: dict[str, dict[str, bytes]] = {}
        api.watch("persistentvolumes", self._changed, since=api.list("persistentvolumes").rv)

    def mounts(self, pod: Json, container: Json, own: dict[str, dict[str, bytes]]) -> list[Mount]:
        """The volumes of a container. `own` keeps what lives as long as the pod, by volume."""
        volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
        return [
            Mount(mount["mountPath"].rstrip("/"), self._content(pod, volumes[mount["name"]], own))
            for mount in container.get("volumeMounts") or ()
        ]

    def _content(self, pod: Json, volume: Json, own: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
        if "persistentVolumeClaim" in volume:
            name = volume["persistentVolumeClaim"]["claimName"]
            claim = self._api.get("persistentvolumeclaims", pod["metadata"]["namespace"], name)
            return self._contents.setdefault(claim["spec"]["volumeName"], {})
        return own.setdefault(volume["name"], {})

    def _changed(self, kind: EventType, item: Json) -> None:
        if kind == "DELETED":
            self._contents.pop(item["metadata"]["name"], None)
