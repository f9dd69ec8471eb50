"""What an API server refuses about an object: names, labels, and what may not change. Pure; only what users meet."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from chaos.embedded.api.errors import Cause, immutable
from chaos.embedded.api.strategies import on_strategy
from chaos.embedded.interface import Json
from chaos.embedded.release import Release

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN.pattern}')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL.pattern}')"
)

_LABEL_NAMED = ("namespaces", "services", "statefulsets")

FIXED_SPEC = ("selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy")
"""The fields of a StatefulSet's spec that an update may not change."""

DATA_LIMIT = 2**20
"""Bytes of a ConfigMap's values."""

LONGEST_S = 2**31 - 1
"""The longest deadline of a pod."""

_MUTABLE_POD = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates")


def on_create(resource: str, item: Json, release: Release) -> list[Cause]:
    """What is wrong with a new object."""
    check = _CREATE.get(resource)
    strategy = on_strategy(resource, None, item, release)
    return [*strategy, *_metadata(resource, item["metadata"]), *(check(item) if check else ())]


def on_update(resource: str, old: Json, new: Json, release: Release) -> list[Cause]:
    """What is wrong with a change of an object, its status apart."""
    check = _UPDATE.get(resource)
    strategy = on_strategy(resource, old, new, release)
    return [*strategy, *_labels(new["metadata"], "metadata.labels"), *(check(old, new) if check else ())]


def on_metadata(old: Mapping[str, Any], given: Mapping[str, Any]) -> list[Cause]:
    """What is wrong with the metadata that a writer sent: an object keeps its uid, and only a delete marks it."""
    causes = []
    if given.get("uid") and given["uid"] != old["uid"]:
        causes.append(immutable("metadata.uid", given["uid"]))
    if given.get("deletionTimestamp") and "deletionTimestamp" not in old:
        causes.append(immutable("metadata.deletionTimestamp", given["deletionTimestamp"]))
    return causes


def _metadata(resource: str, meta: Mapping[str, Any]) -> list[Cause]:
    name = str(meta.get("name", ""))
    if not name:
        return [Cause("metadata.name", "FieldValueRequired", "Required value: name or generateName is required")]
    pattern, rule, longest = (
        (_LABEL, _LABEL_RULE, 63) if resource in _LABEL_NAMED else (_SUBDOMAIN, _SUBDOMAIN_RULE, 253)
    )
    causes = _labels(meta, "metadata.labels")
    if len(name) > longest:
        causes.append(_wrong("metadata.name", name, f"must be no more than {longest} characters"))
    if not pattern.fullmatch(name):
        causes.append(_wrong("metadata.name", name, rule))
    return causes


def _labels(meta: Mapping[str, Any], field: str) -> list[Cause]:
    found = []
    for key, value in (meta.get("labels") or {}).items():
        if not isinstance(value, str) or len(value) > 63 or not _VALUE.fullmatch(value):
            found.append(_wrong(field, value, f"label {key} is not valid"))
    return found


def _wrong(field: str, value: Any, why: str) -> Cause:
    return Cause(field, "FieldValueInvalid", f'Invalid value: "{value}": {why}')


def _required(field: str) -> Cause:
    return Cause(field, "FieldValueRequired", "Required value")


def _pod(item: Json) -> list[Cause]:
    containers = item["spec"].get("containers")
    if not containers:
        return [_required("spec.containers")]
    return [*_containers("spec", containers), *_deadline(item["spec"], 1)]


def _deadline(spec: Json, least: int) -> list[Cause]:
    value = spec.get("activeDeadlineSeconds")
    if value is None or least <= value <= LONGEST_S:
        return []
    why = f"Invalid value: {value}: must be between {least} and {LONGEST_S}, inclusive"
    return [Cause("spec.activeDeadlineSeconds", "FieldValueInvalid", why)]


def _containers(path: str, containers: list[Json]) -> list[Cause]:
    causes = []
    for index, each in enumerate(containers):
        if not each.get("name"):
            causes.append(_required(f"{path}.containers[{index}].name"))
        if not each.get("image"):
            causes.append(_required(f"{path}.containers[{index}].image"))
    return causes


def _statefulset(item: Json) -> list[Cause]:
    spec = item["spec"]
    return [*_counts(spec), *_template(spec)]


def _template(spec: Json) -> list[Cause]:
    """What is wrong with a set's selector and template."""
    causes = []
    selector, template = spec.get("selector") or {}, spec.get("template") or {}
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        causes.append(_required("spec.selector"))
    labels = (template.get("metadata") or {}).get("labels") or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        why = f"Invalid value: {_compact(labels)}: `selector` does not match template `labels`"
        causes.append(Cause("spec.template.metadata.labels", "FieldValueInvalid", why))
    if (template.get("spec") or {}).get("activeDeadlineSeconds") is not None:
        told = "Forbidden: activeDeadlineSeconds in StatefulSet is not Supported"
        causes.append(Cause("spec.template.spec.activeDeadlineSeconds", "FieldValueForbidden", told))
    containers = (template.get("spec") or {}).get("containers")
    if not containers:
        return [*causes, _required("spec.template.spec.containers")]
    return [*causes, *_containers("spec.template.spec", containers)]


def _counts(spec: Mapping[str, Any]) -> list[Cause]:
    rolling = spec.get("updateStrategy", {}).get("rollingUpdate") or {}
    causes = []
    for field, value in (
        ("spec.replicas", spec.get("replicas")),
        ("spec.minReadySeconds", spec.get("minReadySeconds")),
        ("spec.ordinals.start", (spec.get("ordinals") or {}).get("start")),
        ("spec.updateStrategy.rollingUpdate.partition", rolling.get("partition")),
    ):
        if value is not None and (not isinstance(value, int) or value < 0):
            causes.append(
                Cause(field, "FieldValueInvalid", f"Invalid value: {value}: must be greater than or equal to 0")
            )
    return causes


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _statefulset_change(old: Json, new: Json) -> list[Cause]:
    """Source: k8s.io/kubernetes 1.37.2 pkg/apis/apps/validation (ValidateStatefulSetUpdate)."""
    before, after = old["spec"], new["spec"]
    causes = [*_counts(after), *_template(after)]
    for key in FIXED_SPEC:
        if before.get(key) != after.get(key):
            shown = f"Invalid value: {_compact(after.get(key))}: field is immutable"
            causes.append(Cause(f"spec.{key}", "FieldValueInvalid", shown))
    return causes


def _pod_change(old: Json, new: Json) -> list[Cause]:
    causes = [*_deadline(new["spec"], 1), *_deadline_change(old["spec"], new["spec"])]
    if _fixed(old["spec"]) != _fixed(new["spec"]):
        told = (
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
            "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
        )
        causes.append(Cause("spec", "FieldValueForbidden", told))
    return causes


def _deadline_change(old: Json, new: Json) -> list[Cause]:
    """A deadline may come, or come nearer (ValidatePodUpdate)."""
    before, after = old.get("activeDeadlineSeconds"), new.get("activeDeadlineSeconds")
    if after is None:
        why = "Invalid value: null: must not update from a positive integer to nil value" if before is not None else ""
    elif causes := _deadline(new, 0):
        return causes
    else:
        is_longer = before is not None and before < after
        why = f"Invalid value: {after}: must be less than or equal to previous value" if is_longer else ""
    return [Cause("spec.activeDeadlineSeconds", "FieldValueInvalid", why)] if why else []


def _fixed(spec: Json) -> Json:
    kept = {key: value for key, value in spec.items() if key not in _MUTABLE_POD}
    for kind in ("containers", "initContainers"):
        if kind in kept:
            kept[kind] = [{key: value for key, value in each.items() if key != "image"} for each in kept[kind]]
    return kept


def _kept_change(old: Json, new: Json) -> list[Cause]:
    """A config map or a secret that is immutable stays so (ValidateConfigMapUpdate, ValidateSecretUpdate)."""
    if not old.get("immutable"):
        return []
    told = "Forbidden: field is immutable when `immutable` is set"
    changed = [key for key in ("data", "binaryData") if (old.get(key) or {}) != (new.get(key) or {})]
    if not new.get("immutable"):
        changed.insert(0, "immutable")
    return [Cause(key, "FieldValueForbidden", told) for key in changed]


def _service_change(old: Json, new: Json) -> list[Cause]:
    """A Service keeps its address as long as its type has one (ValidateServiceClusterIPsRelatedFields)."""
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    if not before or before == after or "ExternalName" in (old["spec"].get("type"), new["spec"].get("type")):
        return []
    why = f"Invalid value: {_compact([after])}: may not change once set"
    return [Cause("spec.clusterIPs[0]", "FieldValueInvalid", why)]


def _revision_change(old: Json, new: Json) -> list[Cause]:
    if old.get("data") != new.get("data"):
        return [Cause("data", "FieldValueInvalid", "Invalid value: field is immutable")]
    return []


def _claim_change(old: Json, new: Json) -> list[Cause]:
    def fixed(item: Json) -> Json:
        spec = {key: value for key, value in item["spec"].items() if key not in ("resources", "volumeName")}
        bound = item["spec"].get("volumeName")
        return {**spec, **({"volumeName": bound} if old["spec"].get("volumeName") else {})}

    if fixed(old) != fixed(new):
        told = (
            "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
            "bound claims"
        )
        return [Cause("spec", "FieldValueForbidden", told)]
    return []


def _config_map(item: Json) -> list[Cause]:
    size = sum(len(str(value)) for part in ("data", "binaryData") for value in (item.get(part) or {}).values())
    return [Cause("[]", "FieldValueTooLong", f"Too long: may not be more than {DATA_LIMIT} bytes")] * (
        size > DATA_LIMIT
    )


_CREATE: Mapping[str, Callable[[Json], list[Cause]]] = {
    "pods": _pod,
    "statefulsets": _statefulset,
    "configmaps": _config_map,
}

_UPDATE: Mapping[str, Callable[[Json, Json], list[Cause]]] = {
    "statefulsets": _statefulset_change,
    "pods": _pod_change,
    "controllerrevisions": _revision_change,
    "configmaps": _kept_change,
    "secrets": _kept_change,
    "services": _service_change,
    "persistentvolumeclaims": _claim_change,
}
