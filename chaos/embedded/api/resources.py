"""The resources that the API server knows: one row per kind, from which paths and discovery are made."""

from typing import NamedTuple


class Resource(NamedTuple):
    """`name` is the plural of the paths; `group` is empty for the core group. `generation` bumps when the spec changes.

    What is not `stored` is answered when it is created, and forgotten. Who asks for what is `deprecated` is told that.
    """

    name: str
    kind: str
    singular: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    generation: bool = False
    categories: tuple[str, ...] = ()
    stored: bool = True
    deprecated: str = ""

    @property
    def api_version(self) -> str:
        """As in an object: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As in messages: `pods`, `statefulsets.apps`."""
        return f"{self.name}.{self.group}" if self.group else self.name

    @property
    def qualified_kind(self) -> str:
        """As in messages of validation: `Pod`, `StatefulSet.apps`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


ALL = ("all",)

RESOURCES: dict[str, Resource] = {
    each.name: each
    for each in (
        Resource(
            "namespaces", "Namespace", "namespace", namespaced=False, short=("ns",), subresources=("status", "finalize")
        ),
        Resource("nodes", "Node", "node", namespaced=False, short=("no",), subresources=("status",)),
        Resource(
            "pods",
            "Pod",
            "pod",
            short=("po",),
            subresources=("status", "binding", "eviction", "exec", "log"),
            generation=True,
            categories=ALL,
        ),
        Resource("services", "Service", "service", short=("svc",), subresources=("status",), categories=ALL),
        Resource("serviceaccounts", "ServiceAccount", "serviceaccount", short=("sa",)),
        Resource("configmaps", "ConfigMap", "configmap", short=("cm",)),
        Resource("secrets", "Secret", "secret"),
        Resource("events", "Event", "event", short=("ev",)),
        Resource(
            "endpoints",
            "Endpoints",
            "endpoints",
            short=("ep",),
            deprecated="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        ),
        Resource(
            "persistentvolumeclaims",
            "PersistentVolumeClaim",
            "persistentvolumeclaim",
            short=("pvc",),
            subresources=("status",),
        ),
        Resource(
            "persistentvolumes",
            "PersistentVolume",
            "persistentvolume",
            namespaced=False,
            short=("pv",),
            subresources=("status",),
        ),
        Resource(
            "statefulsets",
            "StatefulSet",
            "statefulset",
            "apps",
            short=("sts",),
            subresources=("status", "scale"),
            generation=True,
            categories=ALL,
        ),
        Resource("controllerrevisions", "ControllerRevision", "controllerrevision", "apps"),
        Resource("endpointslices", "EndpointSlice", "endpointslice", "discovery.k8s.io", generation=True),
        Resource(
            "poddisruptionbudgets",
            "PodDisruptionBudget",
            "poddisruptionbudget",
            "policy",
            short=("pdb",),
            subresources=("status",),
            generation=True,
        ),
        Resource("leases", "Lease", "lease", "coordination.k8s.io"),
        Resource("storageclasses", "StorageClass", "storageclass", "storage.k8s.io", namespaced=False, short=("sc",)),
        *(
            Resource(f"{kind.lower()}s", kind, kind.lower(), group, namespaced=False, stored=False)
            for kind, group in (
                ("SelfSubjectReview", "authentication.k8s.io"),
                ("SelfSubjectAccessReview", "authorization.k8s.io"),
                ("SelfSubjectRulesReview", "authorization.k8s.io"),
            )
        ),
    )
}
"""By plural name, which no two groups share here."""
