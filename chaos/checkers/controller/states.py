"""What the controller can see: versions of a set and versions of its pods, as small values.

Only what the algorithm reads is kept, so that a pod event that changes nothing for it makes no new version.
"""

import functools
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from chaos.history.order import Event

_ORDINAL = re.compile(r"^(.*)-([0-9]+)$")


class Pod(NamedTuple):
    """A pod as the controller reads it. `adoptable`: it matches, has no controller, and is not terminating."""

    ordinal: int
    uid: str
    name: str
    revision: str
    phase: str
    ready: bool
    terminating: bool
    adoptable: bool

    @property
    def terminal(self) -> bool:
        return self.phase in ("Failed", "Succeeded")

    @property
    def running_and_ready(self) -> bool:
        return self.phase == "Running" and self.ready

    @property
    def healthy(self) -> bool:
        """Running, Ready and not terminating (minReadySeconds is 0 in every set that is judged)."""
        return self.running_and_ready and not self.terminating


class Status(NamedTuple):
    """The part of a status that the controller computes."""

    observed_generation: int
    replicas: int
    ready: int
    available: int
    current: int
    updated: int
    current_revision: str
    update_revision: str


class SetVersion(NamedTuple):
    """One version of the StatefulSet. `template` is canonical JSON of spec.template."""

    rv: int
    i: int
    t: float
    generation: int
    replicas: int
    start: int
    partition: int
    has_rolling_update: bool
    type: str
    deleting: bool
    template: str
    status: Status

    def in_range(self, ordinal: int) -> bool:
        return self.start <= ordinal < self.start + self.replicas

    @property
    def ordinals(self) -> range:
        return range(self.start, self.start + self.replicas)


class PodsVersion(NamedTuple):
    """All pods of a set, by ordinal, as they were from resourceVersion `rv` on."""

    rv: int
    i: int
    t: float
    pods: tuple[Pod, ...]


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


_canonical: OrderedDict[int, tuple[Any, str]] = OrderedDict()


def canonical(template: Any) -> str:
    """A template as text that is equal for equal templates: keys sorted, nulls and patch directives dropped."""
    # States share what did not change between them, so that most templates that are asked for are the same object.
    known = _canonical.get(id(template))
    if known is not None:
        return known[1]
    text = json.dumps(_plain(template), sort_keys=True, separators=(",", ":"))
    _canonical[id(template)] = (template, text)
    if len(_canonical) > 64:
        _canonical.popitem(last=False)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None and key != "$patch"}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod's condition Ready is True."""
    for each in pod.get("status", {}).get("conditions", ()):
        if each["type"] == "Ready":
            return bool(each["status"] == "True")
    return False


def status_of(state: Mapping[str, Any]) -> Status:
    """The status of a StatefulSet object; what is absent counts 0 or empty."""
    status = state.get("status", {})
    return Status(
        observed_generation=status.get("observedGeneration", 0),
        replicas=status.get("replicas", 0),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        current=status.get("currentReplicas", 0),
        updated=status.get("updatedReplicas", 0),
        current_revision=status.get("currentRevision", ""),
        update_revision=status.get("updateRevision", ""),
    )


def set_version(event: Event) -> SetVersion:
    """The version of a StatefulSet that `event` shows."""
    state = event.after
    meta, spec = state["metadata"], state["spec"]
    strategy = spec.get("updateStrategy", {})
    rolling = strategy.get("rollingUpdate")
    return SetVersion(
        rv=event.rv,
        i=event.i,
        t=event.t,
        generation=meta.get("generation", 0),
        replicas=spec.get("replicas", 1),
        start=spec.get("ordinals", {}).get("start", 0),
        partition=(rolling or {}).get("partition", 0),
        has_rolling_update=rolling is not None,
        type=strategy.get("type", "RollingUpdate"),
        deleting="deletionTimestamp" in meta,
        template=canonical(spec["template"]),
        status=status_of(state),
    )


def unjudged(state: Mapping[str, Any]) -> str:
    """Why the rules here do not cover this set; empty if they do."""
    spec = state["spec"]
    strategy = spec.get("updateStrategy", {})
    if spec.get("podManagementPolicy") == "Parallel":
        return "podManagementPolicy Parallel is not judged"
    if spec.get("minReadySeconds"):
        return "minReadySeconds is not judged"
    if strategy.get("type") not in (None, "RollingUpdate", "OnDelete"):
        return f"updateStrategy {strategy.get('type')} is not judged"
    if (strategy.get("rollingUpdate") or {}).get("maxUnavailable") not in (None, 1):
        return "maxUnavailable other than 1 is not judged"
    if "matchExpressions" in spec["selector"]:
        return "a selector with matchExpressions is not judged"
    policy = spec.get("persistentVolumeClaimRetentionPolicy", {})
    if "Delete" in (policy.get("whenDeleted"), policy.get("whenScaled")):
        return "a claim retention policy other than Retain is not judged"
    return ""


def pod(state: Mapping[str, Any], set_uid: str, set_name: str, labels: Mapping[str, str]) -> Pod | None:
    """The pod as the controller of this set reads it; None if it is neither the set's nor adoptable."""
    meta = state["metadata"]
    own_labels = meta.get("labels", {})
    ordinal = ordinal_of(meta["name"], set_name)
    if ordinal < 0 or any(own_labels.get(key) != value for key, value in labels.items()):
        return None
    owner = controller_uid(meta)
    terminating = "deletionTimestamp" in meta
    if owner not in ("", set_uid) or (not owner and terminating):
        return None
    status = state.get("status", {})
    return Pod(
        ordinal=ordinal,
        uid=meta["uid"],
        name=meta["name"],
        revision=own_labels.get("controller-revision-hash", ""),
        phase=status.get("phase", "Pending"),
        ready=is_ready(state),
        terminating=terminating,
        adoptable=not owner,
    )
