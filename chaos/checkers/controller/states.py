"""What the controller can see: versions of a set and versions of its pods, as small values.

Only what the algorithm reads is kept, so that a pod event that changes nothing for it makes no new version.
"""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from chaos import time
from chaos.checkers.controller.rules import Rules
from chaos.checkers.memo import of_same
from chaos.history.order import Event

STALE_S = 10.0
"""How old a state may be that a sync reads. A write that only older ones explain is a suspect (spec A0.4)."""

_ORDINAL = re.compile(r"^(.*)-([0-9]+)$")


class Pod(Struct, frozen=True, gc=False, order=True):
    """A pod as the controller reads it. `adoptable`: it matches, has no controller, and is not terminating.

    `available`: it is Ready, and was so for minReadySeconds at the moment in question. `ready_since` is the second, by the
    cluster's clock, at which it became Ready; infinite if that is not said.
    """

    ordinal: int
    uid: str
    name: str
    revision: str
    phase: str
    ready: bool
    terminating: bool
    adoptable: bool
    available: bool
    ready_since: float

    @property
    def terminal(self) -> bool:
        return self.phase in ("Failed", "Succeeded")

    @property
    def running_and_ready(self) -> bool:
        return self.phase == "Running" and self.ready

    @property
    def healthy(self) -> bool:
        """Running, Ready for long enough, and not terminating."""
        return self.phase == "Running" and self.ready and self.available and not self.terminating


class Status(Struct, frozen=True, gc=False):
    """The part of a status that the controller computes."""

    observed_generation: int
    replicas: int
    ready: int
    available: int
    current: int
    updated: int
    current_revision: str
    update_revision: str


class SetVersion(Struct, frozen=True, gc=False):
    """One version of the StatefulSet. `template` is canonical JSON of spec.template.

    `written`: the second of the run before which it was surely not written. `max_unavailable` may be a share such as 30%.
    """

    rv: int
    i: int
    t: float
    written: float
    generation: int
    replicas: int
    start: int
    partition: int
    has_rolling_update: bool
    max_unavailable: int | str
    type: str
    parallel: bool
    min_ready_s: int
    deleting: bool
    template: str
    status: Status

    def in_range(self, ordinal: int) -> bool:
        return self.start <= ordinal < self.start + self.replicas

    @property
    def ordinals(self) -> range:
        return range(self.start, self.start + self.replicas)

    @property
    def told(self) -> str:
        """What of the spec decides, in words."""
        parts = [f"generation {self.generation}", f"replicas {self.replicas}", self.type, f"partition {self.partition}"]
        if self.parallel:
            parts.append("Parallel")
        if self.start:
            parts.append(f"start {self.start}")
        if self.min_ready_s:
            parts.append(f"minReadySeconds {self.min_ready_s}")
        if self.max_unavailable != 1:
            parts.append(f"maxUnavailable {self.max_unavailable}")
        return ", ".join(parts)


class PodsVersion(Struct, frozen=True, gc=False):
    """All pods of a set, by ordinal, as they were from resourceVersion `rv` on; `written` as in `SetVersion`.

    `ready` of them are Running and Ready. `is_plain`: none is an orphan or ended, so that a sync counts them all, and no
    two have one ordinal.
    """

    rv: int
    i: int
    t: float
    written: float
    pods: tuple[Pod, ...]
    ready: int
    is_plain: bool


class Sight(Struct, frozen=True, gc=False):
    """What one sync sees: the set, the pods that it claims, by ordinal, and the names of two revisions.

    `current` is status.currentRevision, or `update` if no such revision exists; `update` is the revision of spec.template.
    """

    version: SetVersion
    pods: tuple[Pod, ...]
    current: str
    update: str


class Selector:
    """A label selector: matchLabels, and matchExpressions with In, NotIn, Exists and DoesNotExist."""

    def __init__(self, selector: Mapping[str, Any]) -> None:
        self._labels = dict(selector.get("matchLabels") or {})
        self._expressions = [
            (str(each["key"]), str(each["operator"]), tuple(each.get("values") or ()))
            for each in selector.get("matchExpressions") or ()
        ]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is selected."""
        return all(labels.get(key) == value for key, value in self._labels.items()) and all(
            _holds(labels.get(key), operator, values) for key, operator, values in self._expressions
        )


def _holds(value: str | None, operator: str, values: Sequence[str]) -> bool:
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


@functools.lru_cache(maxsize=4096)
def ordinal_of(name: str, set_name: str) -> int:
    """The ordinal in a pod's name, -1 if it is not a name that this set gives."""
    match = _ORDINAL.match(name)
    return int(match[2]) if match and match[1] == set_name else -1


def controller_uid(meta: Mapping[str, Any]) -> str:
    """uid of the object's controller, empty if it has none."""
    for ref in meta.get("ownerReferences", ()):
        if ref.get("controller"):
            return str(ref["uid"])
    return ""


@of_same(64)
def canonical(template: Any) -> str:
    """A template as text that is equal for equal templates: keys sorted, nulls and patch directives dropped."""
    return json.dumps(_plain(template), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None and key != "$patch"}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod's condition Ready is True."""
    return ready_since(pod) is not None


def ready_since(pod: Mapping[str, Any]) -> str | None:
    """Since when a pod is Ready, empty if it does not say; None if it is not."""
    for each in pod.get("status", {}).get("conditions", ()):
        if each["type"] == "Ready":
            return (each.get("lastTransitionTime") or "") if each["status"] == "True" else None
    return None


@functools.lru_cache(maxsize=1024)
def seconds(timestamp: str) -> float:
    """A timestamp of the cluster's as seconds; infinite if it is empty."""
    return time.parse_timestamp(timestamp).timestamp() if timestamp else float("inf")


@of_same(64)
def status_of(state: Mapping[str, Any]) -> Status:
    """The status of a StatefulSet object; what is absent counts 0 or empty."""
    get = state.get("status", {}).get
    return Status(
        get("observedGeneration", 0),
        get("replicas", 0),
        get("readyReplicas", 0),
        get("availableReplicas", 0),
        get("currentReplicas", 0),
        get("updatedReplicas", 0),
        get("currentRevision", ""),
        get("updateRevision", ""),
    )


def set_version(event: Event, written: float, last: SetVersion | None) -> SetVersion:
    """The version of a StatefulSet that `event` shows; `last` is the one before it, if that was taken in."""
    state = event.after
    status = status_of(state)
    if last is not None and event.before is not None and _is_same_but_status(event.before, state):
        return structs.replace(last, rv=event.rv, i=event.i, t=event.t, written=written, status=status)
    meta, spec = state["metadata"], state["spec"]
    strategy = spec.get("updateStrategy", {})
    rolling = strategy.get("rollingUpdate")
    return SetVersion(
        rv=event.rv,
        i=event.i,
        t=event.t,
        written=written,
        generation=meta.get("generation", 0),
        replicas=spec.get("replicas", 1),
        start=(spec.get("ordinals") or {}).get("start", 0),
        partition=(rolling or {}).get("partition", 0),
        has_rolling_update=rolling is not None,
        max_unavailable=(rolling or {}).get("maxUnavailable", 1),
        type=strategy.get("type", "RollingUpdate"),
        parallel=spec.get("podManagementPolicy") == "Parallel",
        min_ready_s=spec.get("minReadySeconds", 0),
        deleting="deletionTimestamp" in meta,
        template=canonical(spec["template"]),
        status=status,
    )


def _is_same_but_status(before: Any, after: Any) -> bool:
    # An unchanged part of an object is the same part.
    old, new = before["metadata"], after["metadata"]
    return (
        (before["spec"] is after["spec"] or before["spec"] == after["spec"])
        and old.get("generation") == new.get("generation")
        and ("deletionTimestamp" in old) == ("deletionTimestamp" in new)
    )


def unjudged(state: Mapping[str, Any], rules: Rules) -> str:
    """Why the rules here do not cover this set; empty if they do."""
    strategy = state["spec"].get("updateStrategy", {}).get("type", "RollingUpdate")
    if strategy == "Recreate" and not rules.recreates:
        return "updateStrategy Recreate means nothing to a controller whose gate StatefulSetRecreateStrategy is off"
    if strategy not in ("RollingUpdate", "OnDelete", "Recreate"):
        return f"updateStrategy {strategy} is not known"
    return ""
