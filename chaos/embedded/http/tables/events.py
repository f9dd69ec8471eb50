"""Events, by when they were last seen.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printEvent).
"""

import datetime

from chaos.embedded.http.tables.ages import since
from chaos.embedded.http.tables.columns import Cell, Column, Printer, at, name_of, named, number, text, wide
from chaos.embedded.interface import Json


def _cells(item: Json, now: datetime.datetime) -> list[Cell]:
    first = since(item.get("firstTimestamp") or item.get("eventTime"), now)
    last = since(item.get("lastTimestamp"), now) if item.get("lastTimestamp") else first
    count = number(item, "count") or 1
    if at(item, "series") is not None:
        last, count = since(at(item, "series", "lastObservedTime"), now), number(item, "series", "count")
    kind, name = text(item, "involvedObject", "kind").lower(), text(item, "involvedObject", "name")
    component = text(item, "source", "component") or text(item, "reportingComponent")
    instance = text(item, "source", "host") or text(item, "reportingInstance")
    return [
        last,
        text(item, "type"),
        text(item, "reason"),
        f"{kind}/{name}" if name else kind,
        text(item, "involvedObject", "fieldPath"),
        f"{component}, {instance}" if instance else component,
        text(item, "message").strip(),
        first,
        count,
        name_of(item),
    ]


PRINTERS = {
    "Event": Printer(
        (
            *named("Last Seen", "Type", "Reason", "Object"),
            *wide("Subobject", "Source"),
            Column("Message"),
            *wide("First Seen", "Count", "Name"),
        ),
        _cells,
    )
}
