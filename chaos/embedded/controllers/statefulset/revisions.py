"""ControllerRevisions: a set's templates, numbered in the order in which they were last wanted. Pure.

A revision has the name that Kubernetes would give it: the hash is of the same bytes.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/history/controller_history.go (HashControllerRevision),
pkg/controller/statefulset/stateful_set_utils.go (getPatch).
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from chaos.embedded.controllers.ownership import controller_reference
from chaos.embedded.interface import Json

HASH = "controller.kubernetes.io/hash"

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST = 223
_ESCAPES = [(each.encode(), rf"\u{ord(each):04x}".encode()) for each in ("<", ">", "&", "\u2028", "\u2029")]

_encode = msgspec.json.Encoder(order="sorted").encode


class Wanted(NamedTuple):
    """What has to be done so that the set's template has the newest revision.

    One of: `found`, which is the newest already; `renumber`, an older one that becomes the newest; `create`.
    """

    found: Json | None = None
    renumber: Json | None = None
    create: Json | None = None


def in_order(revisions: Sequence[Json]) -> list[Json]:
    """Oldest first; equals by age and name."""
    return sorted(
        revisions,
        key=lambda each: (each["revision"], each["metadata"]["creationTimestamp"], each["metadata"]["name"]),
    )


def wanted(statefulset: Json, revisions: Sequence[Json], collisions: int) -> Wanted:
    """How the set's template becomes the newest revision; `revisions` in order."""
    data = data_of(statefulset)
    equal = [each for each in revisions if each.get("data") == data]
    number = revisions[-1]["revision"] + 1 if revisions else 1
    if equal and equal[-1] is revisions[-1]:
        return Wanted(found=equal[-1])
    if equal:
        return Wanted(renumber={**equal[-1], "revision": number})
    return Wanted(create=_new(statefulset, data, number, collisions))


def data_of(statefulset: Json) -> Json:
    """What a revision holds: the template, as a patch that replaces it."""
    return {"spec": {"template": {**statefulset["spec"]["template"], "$patch": "replace"}}}


def template_of(revision: Json) -> Json:
    """The template that a revision holds."""
    template = revision["data"]["spec"]["template"]
    return {key: value for key, value in template.items() if key != "$patch"}


def surplus(statefulset: Json, revisions: Sequence[Json], live: Sequence[str]) -> list[Json]:
    """The oldest revisions past the limit of the history, those in use apart; `revisions` in order."""
    history = [each for each in revisions if each["metadata"]["name"] not in live]
    limit = statefulset["spec"].get("revisionHistoryLimit", 10)
    return history[: max(len(history) - limit, 0)] if limit >= 0 else []


def renamed(statefulset: Json, revision: Json, collisions: int) -> Json:
    """A new revision whose name was taken, under its next name. Its label keeps the first hash, as Kubernetes leaves it."""
    name = _name(statefulset, _digest(revision["data"], collisions))
    return {**revision, "metadata": {**revision["metadata"], "name": name}}


def _digest(data: Json, collisions: int) -> str:
    return _safe(str(_fnv32(_escaped(_encode(data)) + str(collisions).encode())))


def _name(statefulset: Json, digest: str) -> str:
    return f"{statefulset['metadata']['name'][:_LONGEST]}-{digest}"


def _new(statefulset: Json, data: Json, number: int, collisions: int) -> Json:
    meta = statefulset["metadata"]
    digest = _digest(data, collisions)
    labels = {**(statefulset["spec"]["template"].get("metadata", {}).get("labels") or {}), HASH: digest}
    revision_meta: Json = {
        "name": _name(statefulset, digest),
        "namespace": meta["namespace"],
        "labels": labels,
        "ownerReferences": [controller_reference(statefulset)],
    }
    if meta.get("annotations"):
        revision_meta["annotations"] = meta["annotations"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": revision_meta,
        "data": data,
        "revision": number,
    }


def _escaped(data: bytes) -> bytes:
    """JSON as Go's encoding/json writes it, which spares HTML and JavaScript these characters; they occur only in strings."""
    for character, escape in _ESCAPES:
        data = data.replace(character, escape)
    return data


def _fnv32(data: bytes) -> int:
    """FNV-1, not FNV-1a: the product comes first."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value * 0x01000193) & 0xFFFFFFFF) ^ byte
    return value


def _safe(text: str) -> str:
    return "".join(_ALPHABET[ord(character) % len(_ALPHABET)] for character in text)
