"""The volumes that are made for claims, and what the binder writes on both. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/volume/persistentvolume/pv_controller.go; objects as a real 1.37.2 with the
host-path provisioner writes them.
"""

from chaos.embedded.interface import Json

PROVISIONER = "kubernetes.io/host-path"
CLASS = "standard"
BINDER_FINALIZER = "kubernetes.io/pv-controller"

_PROVISIONERS = ("volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner")
_BOUND = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}


def default_class() -> Json:
    """The StorageClass that claims get which name none."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": CLASS, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def volume_name(claim: Json) -> str:
    """The name of the volume that is made for a claim."""
    return f"pvc-{claim['metadata']['uid']}"


def volume_for(claim: Json, storage_class: Json) -> Json:
    """The volume that is made for a claim."""
    meta, spec, name = claim["metadata"], claim["spec"], volume_name(claim)
    annotations = {
        "kubernetes.io/createdby": "hostpath-dynamic-provisioner",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "pv.kubernetes.io/provisioned-by": storage_class["provisioner"],
    }
    reference = {
        "kind": "PersistentVolumeClaim",
        "apiVersion": "v1",
        "namespace": meta["namespace"],
        "name": meta["name"],
        "uid": meta["uid"],
        "resourceVersion": meta["resourceVersion"],
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": annotations, "finalizers": [BINDER_FINALIZER]},
        "spec": {
            "capacity": {"storage": _asked(claim)},
            "hostPath": {"path": f"/tmp/hostpath_pv/{name}", "type": ""},
            "accessModes": spec["accessModes"],
            "claimRef": reference,
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }


def awaiting(claim: Json, provisioner: str) -> Json | None:
    """The claim as it is while its volume is made; None if it says so already."""
    return _annotated(claim, dict.fromkeys(_PROVISIONERS, provisioner))


def bound(claim: Json) -> Json | None:
    """The claim as it points at its volume; None if it does already."""
    name = volume_name(claim)
    marked = _annotated(claim, _BOUND)
    if marked is None and claim["spec"].get("volumeName") == name:
        return None
    item = marked or claim
    return {**item, "spec": {**item["spec"], "volumeName": name}}


def bound_status(claim: Json) -> Json:
    """The claim with the status of one that is bound."""
    status = {**claim.get("status", {}), "phase": "Bound", "accessModes": claim["spec"]["accessModes"]}
    return {**claim, "status": {**status, "capacity": {"storage": _asked(claim)}}}


def in_phase(volume: Json, phase: str) -> Json:
    """The volume with the status of that phase."""
    return {**volume, "status": {**volume.get("status", {}), "phase": phase}}


def without_finalizer(item: Json, finalizer: str) -> Json | None:
    """The object without a finalizer; None if it has none such."""
    finalizers = item["metadata"].get("finalizers") or []
    if finalizer not in finalizers:
        return None
    return {**item, "metadata": {**item["metadata"], "finalizers": [each for each in finalizers if each != finalizer]}}


def claimed(pod: Json) -> list[str]:
    """The names of the claims that a pod mounts."""
    return [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"].get("volumes") or ()
        if "persistentVolumeClaim" in volume
    ]


def _asked(claim: Json) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def _annotated(item: Json, wanted: Json) -> Json | None:
    meta = item["metadata"]
    present = meta.get("annotations") or {}
    if all(present.get(key) == value for key, value in wanted.items()):
        return None
    return {**item, "metadata": {**meta, "annotations": {**present, **wanted}}}
