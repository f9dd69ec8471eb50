"""What an API server refuses about a StatefulSet's update strategy, which depends on a feature gate. Pure.

Source: k8s.io/kubernetes 1.37.2 pkg/apis/apps/validation (ValidateStatefulSetSpec), pkg/registry/apps/statefulset/strategy.go.
"""

import json
from typing import Any

from chaos.embedded.api.errors import Cause
from chaos.embedded.interface import Json
from chaos.embedded.release import RECREATE, Release

_FIELD = "spec.updateStrategy"


def on_strategy(resource: str, old: Json | None, new: Json, release: Release) -> list[Cause]:
    """What is wrong with the strategy of a set that is created (`old` is None) or changed.

    Recreate is known where its gate is on; a set that has it keeps it without.
    """
    if resource != "statefulsets":
        return []
    strategy = new["spec"].get("updateStrategy", {})
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    told = None
    if rolling is not None:
        told = {"Partition": rolling.get("partition") or 0, "MaxUnavailable": rolling.get("maxUnavailable")}
    knows_recreate = release.has(RECREATE) or (old is not None and _type(old) == "Recreate")
    known = ["RollingUpdate", "OnDelete", *(["Recreate"] if knows_recreate else ())]
    if kind not in known:
        must = "'RollingUpdate', 'OnDelete', or 'Recreate'" if knows_recreate else "'RollingUpdate' or 'OnDelete'"
        return [_invalid(_FIELD, {"Type": kind, "RollingUpdate": told}, f"must be {must}")]
    if kind != "RollingUpdate" and told is not None:
        return [_invalid(f"{_FIELD}.rollingUpdate", told, "only allowed for updateStrategy 'RollingUpdate'")]
    return []


def _type(item: Json) -> Any:
    return item["spec"].get("updateStrategy", {}).get("type")


def _invalid(field: str, value: Any, why: str) -> Cause:
    return Cause(field, "FieldValueInvalid", f"Invalid value: {json.dumps(value, separators=(',', ':'))}: {why}")
