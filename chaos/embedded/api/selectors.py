"""Field selectors of URLs, parsed once, and LabelSelector objects. Pure.

Facts: k8s.io/apimachinery 0.37.2 pkg/fields/selector.go; k8s.io/kubernetes 1.37.2 pkg/apis/core/v1/conversion.go (which fields of each
kind may be selected by), pkg/registry/core/event/strategy.go.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chaos.embedded.api.errors import bad_request
from chaos.embedded.interface import Json

Matches = Callable[[Json], bool]

FLAGS = (("spec", "unschedulable"), ("spec", "hostNetwork"))
"""Fields that are false where they are absent."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "nodes": ("spec.unschedulable",),
    "events": (
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "services": ("spec.clusterIP", "spec.type"),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
}
"""What may be selected by besides metadata.name and metadata.namespace."""


def field_selector(resource: str, text: str) -> Matches | None:
    """The predicate of a field selector such as `metadata.name=web-0`; None if it selects everything.

    Raises:
        ApiError: 400, it cannot be parsed or the field cannot be selected by.
    """
    tests: list[Matches] = []
    for part in filter(None, text.split(",")):
        key, operator, value = _field(part)
        if key not in ("metadata.name", "metadata.namespace", *FIELDS.get(resource, ())):
            raise bad_request(f"field label not supported: {key}")
        path = tuple(key.split("."))
        tests.append(_equals(path, value) if operator != "!=" else _differs(path, value))
    if not tests:
        return None
    return lambda item: all(test(item) for test in tests)


def _field(part: str) -> tuple[str, str, str]:
    for operator in ("!=", "==", "="):
        key, found, value = part.partition(operator)
        if found:
            return key.strip(), operator, value.strip()
    raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")


def _equals(path: tuple[str, ...], value: str) -> Matches:
    return lambda item: _at(item, path) == value


def _differs(path: tuple[str, ...], value: str) -> Matches:
    return lambda item: _at(item, path) != value


def _at(item: Any, path: tuple[str, ...]) -> str:
    if path == ("source",):
        return str((item.get("source") or {}).get("component") or item.get("reportingComponent") or "")
    for part in path:
        item = item.get(part) if isinstance(item, dict) else None
    if isinstance(item, bool):
        return str(item).lower()
    if item is None:
        return "false" if path in FLAGS else ""
    return str(item)


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether labels fit a LabelSelector object; an empty one fits everything, an absent one nothing."""
    if selector is None:
        return False
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    for key, value in wanted.items():
        if labels.get(key) != value:
            return False
    expressions = selector.get("matchExpressions")
    return not expressions or all(_expression(each, labels) for each in expressions)


def _expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
    return key not in labels
