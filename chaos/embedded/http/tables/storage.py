"""Volumes, claims and their classes.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printPersistentVolume, printPersistentVolumeClaim,
printStorageClassList).
"""

import datetime
from collections.abc import Sequence

from chaos.embedded.http.tables.ages import age, instant
from chaos.embedded.http.tables.columns import Cell, Printer, at, members, name_of, named, text, wide, words
from chaos.embedded.interface import Json

UNSET = "<unset>"
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def _volume(item: Json, now: datetime.datetime) -> list[Cell]:
    claim = members(item, "spec", "claimRef")
    return [
        name_of(item),
        text(item, "spec", "capacity", "storage", absent="0"),
        _modes(words(item, "spec", "accessModes")),
        text(item, "spec", "persistentVolumeReclaimPolicy"),
        _phase(item),
        f"{text(claim, 'namespace')}/{text(claim, 'name')}" if claim else "",
        _class(item),
        text(item, "spec", "volumeAttributesClassName", absent=UNSET),
        text(item, "status", "reason"),
        age(item, now),
        text(item, "spec", "volumeMode", absent=UNSET),
    ]


def _claim(item: Json, now: datetime.datetime) -> list[Cell]:
    volume = text(item, "spec", "volumeName")
    return [
        name_of(item),
        _phase(item),
        volume,
        text(item, "status", "capacity", "storage", absent="0") if volume else "",
        _modes(words(item, "status", "accessModes")) if volume else "",
        _class(item),
        text(item, "spec", "volumeAttributesClassName", absent=UNSET),
        age(item, now),
        text(item, "spec", "volumeMode", absent=UNSET),
    ]


def _modes(found: list[str]) -> str:
    return ",".join(short for mode, short in _MODES.items() if mode in found)


def _phase(item: Json) -> str:
    return "Terminating" if at(item, "metadata", "deletionTimestamp") else text(item, "status", "phase")


def _class(item: Json) -> str:
    beta = at(item, "metadata", "annotations", _BETA_CLASS)
    return str(beta) if beta is not None else text(item, "spec", "storageClassName")


def _storage_class(item: Json, now: datetime.datetime) -> list[Cell]:
    return [
        name_of(item),
        text(item, "provisioner"),
        text(item, "reclaimPolicy", absent="Delete"),
        text(item, "volumeBindingMode", absent="Immediate"),
        bool(item.get("allowVolumeExpansion")),
        age(item, now),
    ]


def _storage_classes(items: Sequence[Json], now: datetime.datetime) -> list[list[Cell]]:
    """A list of classes tells which one claims get by default."""
    chosen = _default(items)
    shown = [_storage_class(each, now) for each in items]
    return [[f"{row[0]} (default)", *row[1:]] if row[0] == chosen else row for row in shown]


def _default(items: Sequence[Json]) -> str:
    """The youngest class that is marked as the default, the first by name among those of one age."""
    marked = [each for each in items if any(at(each, "metadata", "annotations", key) == "true" for key in _DEFAULT)]
    best, at_best = "", None
    for each in sorted(marked, key=name_of):
        made = instant(at(each, "metadata", "creationTimestamp"))
        if not best or (made is not None and at_best is not None and made > at_best):
            best, at_best = name_of(each), made
    return best


PRINTERS = {
    "PersistentVolume": Printer(
        (
            *named("Name", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass"),
            *named("VolumeAttributesClass", "Reason", "Age"),
            *wide("VolumeMode"),
        ),
        _volume,
    ),
    "PersistentVolumeClaim": Printer(
        (
            *named(
                "Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"
            ),
            *wide("VolumeMode"),
        ),
        _claim,
    ),
    "StorageClass": Printer(
        named("Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"),
        _storage_class,
        of_list=_storage_classes,
    ),
}
