"""What the caches must have shown before the next sync of a set: the controller's own last writes.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/util/consistency. Deletes, releases and revisions do not count.
"""

from collections.abc import Mapping

from chaos.embedded.informer import Informer, Key
from chaos.embedded.interface import Json


class Floors:
    """The version of a set's last write to each resource, until the resource's cache has reached it."""

    def __init__(self, caches: Mapping[str, Informer]) -> None:
        """Follow the writes to these resources."""
        self._caches = caches
        self._written: dict[Key, tuple[str, dict[str, int]]] = {}

    def wrote(self, statefulset: Json, resource: str, item: Json) -> None:
        """Remember what a write for a set was answered with. A new set of the name begins anew."""
        meta = statefulset["metadata"]
        key = (meta["namespace"], meta["name"])
        uid, versions = self._written.get(key, ("", {}))
        if uid != meta["uid"]:
            versions = {}
            self._written[key] = (meta["uid"], versions)
        # A write that changes nothing is answered with an older version.
        versions[resource] = max(versions.get(resource, 0), int(item["metadata"]["resourceVersion"]))

    def is_behind(self, key: Key) -> bool:
        """Whether a cache does not show the set's last writes yet."""
        _, versions = self._written.get(key, ("", {}))
        return any(self._caches[resource].rv < rv for resource, rv in versions.items())

    def forget(self, key: Key) -> None:
        """The set is gone."""
        self._written.pop(key, None)
