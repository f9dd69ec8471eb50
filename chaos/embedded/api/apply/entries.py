"""The owners of an object's fields, and metadata.managedFields, which tells of them.

Facts: k8s.io/apimachinery 0.37.2 pkg/util/managedfields/internal (managedfields.go, capmanagers.go).
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from chaos.embedded.api.apply.paths import Paths, fields_v1, from_fields_v1
from chaos.embedded.interface import Json

MOST_UPDATERS = 10
"""More than so many, and the oldest become one."""

ANCIENT = "ancient-changes"


class Owner(NamedTuple):
    """Who owns fields, and how they came by them. An applier is the same one in every version of the API."""

    manager: str
    operation: Literal["Apply", "Update"]
    subresource: str = ""


class Owned(NamedTuple):
    """The fields, and when they were last changed; empty if nobody said."""

    fields: Paths
    time: str


Owners = Mapping[Owner, Owned]


def decoded(document: Any, api_version: str) -> Owners:
    """What managedFields say; fields of another version of the API are nobody's.

    Raises:
        ValueError: an entry is malformed.
    """
    found: dict[Owner, Owned] = {}
    for entry in document or ():
        owner, owned = _entry(entry)
        if entry["apiVersion"] == api_version:
            found[owner] = owned
    return found


def encoded(owners: Owners, api_version: str) -> list[Json]:
    """As managedFields: appliers first, older ones before newer ones."""
    ordered = sorted(
        owners.items(), key=lambda each: (each[0].operation, each[1].time, each[0].manager, each[0].subresource)
    )
    return [_document(owner, owned, api_version) for owner, owned in ordered]


def is_reset(document: Any) -> bool:
    """Whether managedFields, given as none or as one empty entry, ask for everything to be forgotten."""
    return document in ([], [{}])


def capped(owners: Owners) -> Owners:
    """The owners, with the oldest updaters as one where there are too many of them."""
    updaters = [owner for owner in owners if owner.operation == "Update"]
    if len(updaters) <= MOST_UPDATERS:
        return owners
    updaters.sort(key=lambda owner: (owners[owner].time, owner))
    oldest = updaters[: len(updaters) - MOST_UPDATERS + 1]
    fields: Paths = frozenset().union(*(owners[owner].fields for owner in oldest))
    kept = {owner: owned for owner, owned in owners.items() if owner not in oldest}
    return {**kept, Owner(ANCIENT, "Update"): Owned(fields, owners[oldest[-1]].time)}


def _entry(entry: Any) -> tuple[Owner, Owned]:
    if not isinstance(entry, dict) or entry.get("operation") not in ("Apply", "Update"):
        raise ValueError("operation must be `Apply` or `Update`")
    if not entry.get("apiVersion"):
        raise ValueError("apiVersion must not be empty")
    if entry.get("fieldsType") != "FieldsV1":
        raise ValueError(f"invalid fieldsType {entry.get('fieldsType')!r} in managed fields entry")
    owner = Owner(entry.get("manager", ""), entry["operation"], entry.get("subresource", ""))
    return owner, Owned(from_fields_v1(entry.get("fieldsV1") or {}), entry.get("time") or "")


def _document(owner: Owner, owned: Owned, api_version: str) -> Json:
    return {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": api_version,
        **({"time": owned.time} if owned.time else {}),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields_v1(owned.fields),
        **({"subresource": owner.subresource} if owner.subresource else {}),
    }
