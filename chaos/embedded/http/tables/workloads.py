"""Sets, their revisions and budgets, and scales.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printStatefulSet, printControllerRevision,
printPodDisruptionBudget, printScale).
"""

import datetime

from chaos.embedded.http.tables.ages import age
from chaos.embedded.http.tables.columns import Cell, Column, Printer, name_of, named, number, rows, text, wide
from chaos.embedded.interface import Json


def _set(item: Json, now: datetime.datetime) -> list[Cell]:
    containers = rows(item, "spec", "template", "spec", "containers")
    return [
        name_of(item),
        f"{number(item, 'status', 'readyReplicas')}/{number(item, 'spec', 'replicas')}",
        age(item, now),
        ",".join(text(each, "name") for each in containers),
        ",".join(text(each, "image") for each in containers),
    ]


def _revision(item: Json, now: datetime.datetime) -> list[Cell]:
    owner = next((each for each in rows(item, "metadata", "ownerReferences") if each.get("controller")), None)
    return [name_of(item), _owner(owner) if owner else "<none>", number(item, "revision"), age(item, now)]


def _owner(owner: Json) -> str:
    """`statefulset.apps/web`"""
    group = text(owner, "apiVersion").rpartition("/")[0]
    return f"{text(owner, 'kind')}.{group}".lower().rstrip(".") + f"/{text(owner, 'name')}"


def _budget(item: Json, now: datetime.datetime) -> list[Cell]:
    return [
        name_of(item),
        text(item, "spec", "minAvailable", absent="N/A"),
        text(item, "spec", "maxUnavailable", absent="N/A"),
        number(item, "status", "disruptionsAllowed"),
        age(item, now),
    ]


def _scale(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), number(item, "spec", "replicas"), number(item, "status", "replicas"), age(item, now)]


PRINTERS = {
    "StatefulSet": Printer((*named("Name", "Ready", "Age"), *wide("Containers", "Images")), _set),
    "ControllerRevision": Printer(named("Name", "Controller", "Revision", "Age"), _revision),
    "PodDisruptionBudget": Printer(
        (
            *named("Name", "Min Available", "Max Unavailable"),
            Column("Allowed Disruptions", "integer"),
            *named("Age"),
        ),
        _budget,
    ),
    "Scale": Printer(
        (Column("Name"), Column("Desired", "integer"), Column("Available", "integer"), *named("Age")), _scale
    ),
}
