"""What is in the volumes: it outlives pods and claims, and goes with the volume."""

from chaos.embedded.interface import Api, ApiError, EventType, Json
from chaos.embedded.node.files import Mount
from chaos.embedded.node.variables import content_of


class NotMountable(Exception):
    """A volume of a pod is not there yet."""


class Volumes:
    """Contents by PersistentVolume."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._contents: dict[str, dict[str, bytes]] = {}
        api.watch("persistentvolumes", self._changed, since=api.list("persistentvolumes").rv)

    def attach(self, pod: Json) -> dict[str, dict[str, bytes]]:
        """The contents of a pod's volumes, by the volumes' names in it; an emptyDir's lives as long as what is returned.

        Raises:
            NotMountable: a claim is missing or not bound.
            ConfigError: a ConfigMap or Secret is missing.
        """
        return {volume["name"]: self._content(pod, volume) for volume in pod["spec"].get("volumes") or ()}

    def _content(self, pod: Json, volume: Json) -> dict[str, bytes]:
        namespace = pod["metadata"]["namespace"]
        if "persistentVolumeClaim" in volume:
            name = volume["persistentVolumeClaim"]["claimName"]
            try:
                claim = self._api.get("persistentvolumeclaims", namespace, name)
            except ApiError as error:
                raise NotMountable(f'persistentvolumeclaim "{name}" not found') from error
            if not claim["spec"].get("volumeName"):
                raise NotMountable(f'persistentvolumeclaim "{name}" is not bound')
            return self._contents.setdefault(claim["spec"]["volumeName"], {})
        for kind, field in (("configmaps", "configMap"), ("secrets", "secret")):
            if field in volume:
                content = content_of(self._api.get, kind, namespace, volume[field])
                paths = {each["key"]: each["path"] for each in volume[field].get("items") or ()}
                return {paths.get(key, key): data for key, data in content.items() if not paths or key in paths}
        return {}

    def _changed(self, kind: EventType, item: Json) -> None:
        if kind == "DELETED":
            self._contents.pop(item["metadata"]["name"], None)


def mounts(container: Json, contents: dict[str, dict[str, bytes]]) -> list[Mount]:
    """Where a container sees which volume."""
    return [
        Mount(each["mountPath"].rstrip("/"), contents.get(each["name"], {}), each.get("subPath", "").strip("/"))
        for each in container.get("volumeMounts") or ()
    ]
