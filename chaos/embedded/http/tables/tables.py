"""Objects and lists as Tables (meta.k8s.io/v1).

Source: k8s.io/apiserver 0.37.2 pkg/endpoints/handlers/response.go (asTable), pkg/registry/rest/table.go; k8s.io/kubernetes 1.37.2
pkg/printers/tablegenerator.go.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Literal

from chaos.embedded.http.tables import cluster, events, network, pods, storage, workloads
from chaos.embedded.http.tables.columns import Cell, Column, Printer, name_of, named, text
from chaos.embedded.interface import Json

Included = Literal["None", "Metadata", "Object"]
"""What a row has of its object."""


def _unknown(item: Json, now: datetime.datetime) -> list[Cell]:
    return [name_of(item), text(item, "metadata", "creationTimestamp", absent="0001-01-01T00:00:00Z")]


OTHERS = Printer((*named("Name"), Column("Created At", "date")), _unknown)
"""Of kinds that have no columns of their own."""

PRINTERS: Mapping[str, Printer] = {
    **pods.PRINTERS,
    **workloads.PRINTERS,
    **network.PRINTERS,
    **storage.PRINTERS,
    **cluster.PRINTERS,
    **events.PRINTERS,
}
"""By kind."""


def table(item: Json, now: datetime.datetime, version: str, included: Included, *, headers: bool = True) -> Json:
    """An object, or a list of objects of one kind, as a Table of this version of meta.k8s.io."""
    is_list = isinstance(item.get("items"), list)
    items: Sequence[Json] = item["items"] if is_list else [item]
    printer = PRINTERS.get(item["kind"].removesuffix("List") if is_list else item["kind"], OTHERS)
    cells = printer.of_list(items, now) if is_list and printer.of_list else [printer.cells(each, now) for each in items]
    meta = item.get("metadata") or {}
    told = {key: meta[key] for key in ("resourceVersion", "continue", "remainingItemCount") if key in meta}
    columns = [each.definition for each in printer.columns]
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": told,
        "columnDefinitions": columns if headers else None,
        "rows": [_row(printer, each, shown, version, included) for each, shown in zip(items, cells, strict=True)],
    }


def partial(item: Json, version: str) -> Json:
    """An object's metadata alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": item["metadata"]}


def _row(printer: Printer, item: Json, cells: list[Cell], version: str, included: Included) -> Json:
    shown = {"None": None, "Metadata": partial(item, version), "Object": item}[included]
    row: Json = {"cells": cells, "object": shown}
    conditions = printer.conditions(item) if printer.conditions else []
    return {**row, "conditions": conditions} if conditions else row
