"""Nodes, namespaces, leases, and what is only kept: config maps, secrets, accounts.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printNode, printNamespace, printLease, printConfigMap,
printSecret, printServiceAccount).
"""

import datetime

from chaos.embedded.http.tables.ages import age
from chaos.embedded.http.tables.columns import Cell, Printer, at, members, name_of, named, rows, text, wide
from chaos.embedded.interface import Json

NONE, UNKNOWN = "<none>", "<unknown>"
_ROLES = "node-role.kubernetes.io/"
_ROLE = "kubernetes.io/role"


def _node(item: Json, now: datetime.datetime) -> list[Cell]:
    ready = next((each for each in rows(item, "status", "conditions") if each.get("type") == "Ready"), None)
    words = ["Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"]
    if at(item, "spec", "unschedulable"):
        words.append("SchedulingDisabled")
    told = members(item, "status", "nodeInfo")
    made_for = f" ({told['architecture']})" if told.get("architecture") else ""
    return [
        name_of(item),
        ",".join(words),
        ",".join(_roles(members(item, "metadata", "labels"))) or NONE,
        age(item, now),
        text(told, "kubeletVersion"),
        _address(item, "InternalIP"),
        _address(item, "ExternalIP"),
        text(told, "osImage", absent=UNKNOWN),
        text(told, "kernelVersion", absent=UNKNOWN) + made_for,
        text(told, "containerRuntimeVersion", absent=UNKNOWN),
    ]


def _roles(labels: Json) -> list[str]:
    named_by_key = [key.removeprefix(_ROLES) for key in labels if key.startswith(_ROLES)]
    return sorted({role: None for role in [*named_by_key, text(labels, _ROLE)] if role})


def _address(item: Json, kind: str) -> str:
    found = (each for each in rows(item, "status", "addresses") if each.get("type") == kind)
    return next((text(each, "address") for each in found), NONE)


def _namespace(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), text(item, "status", "phase"), age(item, now)]


def _lease(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), text(item, "spec", "holderIdentity"), age(item, now)]


def _config_map(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), len(members(item, "data")) + len(members(item, "binaryData")), age(item, now)]


def _secret(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), text(item, "type"), len(members(item, "data")), age(item, now)]


def _account(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), age(item, now)]


PRINTERS = {
    "Node": Printer(
        (
            *named("Name", "Status", "Roles", "Age", "Version"),
            *wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        ),
        _node,
    ),
    "Namespace": Printer(named("Name", "Status", "Age"), _namespace),
    "Lease": Printer(named("Name", "Holder", "Age"), _lease),
    "ConfigMap": Printer(named("Name", "Data", "Age"), _config_map),
    "Secret": Printer(named("Name", "Type", "Data", "Age"), _secret),
    "ServiceAccount": Printer(named("Name", "Age"), _account),
}
