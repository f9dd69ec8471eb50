"""Label and field selectors: parsed once, asked for every object. Pure.

Facts: k8s.io/apimachinery 0.37 labels/selector.go and the field selectors that each kind supports.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from chaos.embedded.api.errors import bad_request
from chaos.embedded.interface import Json

Matches = Callable[[Json], bool]

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<key0>[\w./-]+)|(?P<key1>[\w./-]+)\s*(?:"
    r"(?P<operator>==|!=|=|>|<)\s*(?P<value>[\w./-]*)|\s(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?)\s*(?:,|$)"
)

FLAGS = (("spec", "unschedulable"), ("spec", "hostNetwork"))
"""Fields that are false where they are absent."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "pods": ("spec.nodeName", "status.phase", "spec.restartPolicy", "spec.schedulerName", "status.podIP"),
    "nodes": ("spec.unschedulable",),
    "events": (
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "involvedObject.uid",
        "reason",
        "type",
    ),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
}
"""What may be selected by besides metadata.name and metadata.namespace."""


def label_selector(text: str) -> Matches | None:
    """The predicate of a selector such as `app=nginx,tier notin (a, b),!canary`; None if it selects everything.

    Raises:
        ApiError: 400, it cannot be parsed.
    """
    tests: list[Callable[[Mapping[str, str]], bool]] = []
    at = 0
    while at < len(text):
        match = _REQUIREMENT.match(text, at)
        if match is None or match.end() == at:
            raise bad_request(f"unable to parse requirement: found '{text[at:]}', expected: identifier")
        tests.append(_test(match))
        at = match.end()
    if not tests:
        return None
    return lambda item: all(test(item["metadata"].get("labels") or {}) for test in tests)


def _test(match: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if match["absent"]:
        key = match["key0"]
        return lambda labels: key not in labels
    key, operator, value = match["key1"], match["operator"], match["value"]
    if match["set"]:
        values = [each.strip() for each in match["values"].split(",")]
        if match["set"] == "in":
            return lambda labels: key in labels and labels[key] in values
        return lambda labels: key not in labels or labels[key] not in values
    match operator:
        case None:
            return lambda labels: key in labels
        case "=" | "==":
            return lambda labels: labels.get(key) == value
        case "!=":
            return lambda labels: labels.get(key) != value
        case ">":
            return lambda labels: _number(labels.get(key)) > _number(value)
    return lambda labels: key in labels and _number(labels[key]) < _number(value)


def _number(text: str | None) -> float:
    return float(text) if text is not None and text.lstrip("-").isdigit() else float("-inf")


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
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _expression(each, labels) for each in selector.get("matchExpressions") or ()
    )


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
