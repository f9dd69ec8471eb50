"""What the API server adds to an object on its way in, by resource. Pure; shared parts of the given object are not changed.

Facts: k8s.io/kubernetes 1.37.2 pkg/apis/*/v1/defaults.go and the admission plugins ServiceAccount,
DefaultTolerationSeconds, Priority and DefaultStorageClass.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chaos.embedded.interface import Json
from chaos.embedded.release import MAX_UNAVAILABLE, Release

NOT_READY_S = 300
PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"

_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_CONTAINER = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_TOLERATIONS: list[Json] = [
    {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": NOT_READY_S}
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
]


def defaulted(resource: str, item: Json) -> Json:
    """The object with its defaults, as it is stored when it is created."""
    add = _DEFAULTS.get(resource)
    return add(item) if add else item


def redefaulted(resource: str, item: Json) -> Json:
    """A new state of an object: a field of its spec that was removed gets its default, not nothing."""
    if resource not in _REDEFAULTED or "spec" not in item:
        return item
    done = _DEFAULTS[resource](item)
    return {**item, "spec": done["spec"]}


def pod_spec(spec: Mapping[str, Any]) -> Json:
    """A pod's spec, or that of a template, with the defaults of the types."""
    done = {**spec, **_missing(spec, _POD)}
    for kind in ("containers", "initContainers"):
        if kind in spec:
            done[kind] = [_container(each) for each in spec[kind]]
    if "volumes" in spec:
        done["volumes"] = [_volume(each) for each in spec["volumes"]]
    return done


def _missing(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> Json:
    return {key: value for key, value in wanted.items() if given.get(key) is None}


def _container(given: Mapping[str, Any]) -> Json:
    done = {**given, **_missing(given, _CONTAINER)}
    tag = str(given.get("image", "")).rpartition("/")[2].partition(":")[2]
    done.setdefault("imagePullPolicy", "Always" if tag in ("", "latest") else "IfNotPresent")
    if "ports" in given:
        done["ports"] = [{**port, **_missing(port, {"protocol": "TCP"})} for port in given["ports"]]
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        if probe in given:
            done[probe] = _probe(given[probe])
    return done


def _probe(given: Mapping[str, Any]) -> Json:
    done = {**given, **_missing(given, _PROBE)}
    if "httpGet" in given:
        done["httpGet"] = {**given["httpGet"], **_missing(given["httpGet"], {"path": "/", "scheme": "HTTP"})}
    return done


def _volume(given: Mapping[str, Any]) -> Json:
    if set(given) == {"name"}:
        return {**given, "emptyDir": {}}
    for kind in ("configMap", "secret", "projected", "downwardAPI"):
        if kind in given:
            return {**given, kind: {**given[kind], **_missing(given[kind], {"defaultMode": 420})}}
    return dict(given)


def _pod(item: Json) -> Json:
    spec = pod_spec(item.get("spec", {}))
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    spec.update(serviceAccountName=account, serviceAccount=account, priority=0, preemptionPolicy="PreemptLowerPriority")
    spec.setdefault("enableServiceLinks", True)
    present = spec.get("tolerations") or ()
    spec["tolerations"] = [*present, *(each for each in _TOLERATIONS if not _is_tolerated(each["key"], present))]
    return {**item, "spec": spec, "status": {"phase": "Pending", "qosClass": _qos(spec)}}


def _is_tolerated(taint: str, tolerations: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a pod says itself how long it stays on a node with this NoExecute taint; one without key or effect is of all."""
    return any(
        each.get("key") in (taint, "", None) and each.get("effect") in ("NoExecute", "", None) for each in tolerations
    )


def _qos(spec: Mapping[str, Any]) -> str:
    """The class that a pod's requests and limits give (pkg/apis/core/v1/helper/qos)."""
    resources = [each.get("resources", {}) for each in (*spec.get("containers", ()), *spec.get("initContainers", ()))]
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    full = all(
        {"cpu", "memory"} <= set(each.get("limits", {})) and each.get("requests", each["limits"]) == each["limits"]
        for each in resources
    )
    return "Guaranteed" if full else "Burstable"


def _statefulset(item: Json) -> Json:
    spec = dict(item.get("spec", {}))
    spec.setdefault("replicas", 1)
    spec.setdefault("serviceName", "")
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)
    spec["updateStrategy"] = update_strategy(spec.get("updateStrategy", {}))
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    spec["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Retain", "whenScaled": "Retain", **retention}
    template = spec.get("template", {})
    spec["template"] = {**template, "spec": pod_spec(template.get("spec", {}))}
    if "volumeClaimTemplates" in spec:
        spec["volumeClaimTemplates"] = [_claim_template(each) for each in spec["volumeClaimTemplates"]]
    return {**item, "spec": spec, "status": {"replicas": 0, "availableReplicas": 0}}


def update_strategy(given: Mapping[str, Any]) -> Json:
    """A StatefulSet's update strategy with its defaults; who names the type gets no parameters that he did not name."""
    done = {key: value for key, value in given.items() if value is not None}
    if not done.get("type"):
        done = {"type": "RollingUpdate", "rollingUpdate": done.get("rollingUpdate") or {}}
    if done["type"] == "RollingUpdate" and "rollingUpdate" in done:
        rolling = {key: value for key, value in done["rollingUpdate"].items() if value is not None}
        done["rollingUpdate"] = {"partition": 0, "maxUnavailable": 1, **rolling}
    return done


def without_disabled(resource: str, item: Json, release: Release) -> Json:
    """The object without the fields of gates that are off (pkg/registry/apps/statefulset/strategy.go)."""
    if resource != "statefulsets" or release.has(MAX_UNAVAILABLE):
        return item
    spec = item.get("spec") or {}
    strategy = spec.get("updateStrategy") or {}
    if "maxUnavailable" not in (strategy.get("rollingUpdate") or {}):
        return item
    rolling = {key: value for key, value in strategy["rollingUpdate"].items() if key != "maxUnavailable"}
    return {**item, "spec": {**spec, "updateStrategy": {**strategy, "rollingUpdate": rolling}}}


def _claim_template(given: Mapping[str, Any]) -> Json:
    spec = {"volumeMode": "Filesystem", **given.get("spec", {})}
    kind = {"kind": "PersistentVolumeClaim", "apiVersion": "v1"}
    return {**kind, **given, "spec": spec, "status": {"phase": "Pending"}}


def _claim(item: Json) -> Json:
    spec = {"volumeMode": "Filesystem", **item.get("spec", {})}
    spec.setdefault("storageClassName", "standard")
    return {**_protected(item, PROTECTION), "spec": spec, "status": {"phase": "Pending"}}


def _volume_object(item: Json) -> Json:
    spec = {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem", **item.get("spec", {})}
    return {**_protected(item, VOLUME_PROTECTION), "spec": spec, "status": {"phase": "Pending"}}


def _protected(item: Json, finalizer: str) -> Json:
    """The object with the finalizer that holds it while it is used (admission plugin StorageObjectInUseProtection)."""
    meta = item["metadata"]
    kept = meta.get("finalizers") or []
    return item if finalizer in kept else {**item, "metadata": {**meta, "finalizers": [*kept, finalizer]}}


def _service(item: Json) -> Json:
    spec = dict(item.get("spec", {}))
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    spec["ports"] = [
        {**port, **_missing(port, {"protocol": "TCP", "targetPort": port.get("port")})}
        for port in spec.get("ports", ())
    ]
    return {**item, "spec": spec, "status": {"loadBalancer": {}}}


def _secret(item: Json) -> Json:
    return item if item.get("type") else {**item, "type": "Opaque"}


def _namespace(item: Json) -> Json:
    meta = item["metadata"]
    labels = {**meta.get("labels", {}), "kubernetes.io/metadata.name": meta["name"]}
    return {
        **item,
        "metadata": {**meta, "labels": labels},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _budget(item: Json) -> Json:
    status = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
    return {**item, "status": status}


_DEFAULTS: Mapping[str, Callable[[Json], Json]] = {
    "pods": _pod,
    "statefulsets": _statefulset,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume_object,
    "services": _service,
    "secrets": _secret,
    "namespaces": _namespace,
    "poddisruptionbudgets": _budget,
}

_REDEFAULTED = ("pods", "statefulsets", "services")
"""Resources whose defaults do not depend on what they were when they were created."""
