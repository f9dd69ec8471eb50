"""One sync, decided: from what the caches show to what is written. Pure.

A sync of an OrderedReady set ends at its first pod write, or at the first pod it has to wait for; one of a Parallel set does
everything at once. The status that ends it counts the pods as they were seen, before those writes.
"""

import datetime
from collections.abc import Sequence
from typing import Literal, NamedTuple

from chaos.embedded.controllers.statefulset import pods as p
from chaos.embedded.controllers.statefulset import progress
from chaos.embedded.controllers.statefulset.rules import Rules
from chaos.embedded.interface import Json

Stage = Literal["recreate", "fill", "retire", "shrink", "update"]
"""The parts of a sync, in their order: old pods under Recreate; the pods in range; the claims of those out of range; those
pods; the update."""

RECREATE = "Recreate"


class Action(NamedTuple):
    """What is done about one pod.

    `claims`: the ordinal's missing claims are made; `own`: its claims get the owners that the retention policy asks for;
    `repair`: identity and storage, and the claims' owners with them.
    """

    kind: Literal["create", "delete", "claims", "own", "repair"]
    pod: Json
    stage: Stage = "fill"


class Decision(NamedTuple):
    """What a sync does, and the status that ends it if all of that succeeds. An action that fails ends the actions.

    Those of an OrderedReady set follow each other; those of a Parallel one (`is_burst`) are done in batches, stage by
    stage, but for the update; those of Recreate in batches in any case.
    """

    actions: list[Action]
    status: Json
    is_burst: bool


class Seen(NamedTuple):
    """What a sync sees: the set, its pods, the names and templates of both revisions."""

    statefulset: Json
    pods: Sequence[Json]
    current: str
    update: str
    current_template: Json
    update_template: Json
    collisions: int
    now: datetime.datetime

    @property
    def spec(self) -> Json:
        spec: Json = self.statefulset["spec"]
        return spec

    @property
    def min_ready_s(self) -> int:
        return int(self.spec.get("minReadySeconds", 0))

    @property
    def start(self) -> int:
        return int((self.spec.get("ordinals") or {}).get("start", 0))

    @property
    def rolling(self) -> Json | None:
        rolling: Json | None = self.spec["updateStrategy"].get("rollingUpdate")
        return rolling

    def is_unavailable(self, pod: Json) -> bool:
        return p.is_unavailable(pod, self.min_ready_s, self.now)


def decide(seen: Seen, rules: Rules) -> Decision:
    """What this sync does."""
    spec = seen.spec
    replicas, condemned = _placed(seen)
    status = _status(seen, rules)
    is_burst = spec.get("podManagementPolicy") == "Parallel"
    if p.is_terminating(seen.statefulset):
        return Decision([], _completed(seen, status, rules), is_burst)
    if spec["updateStrategy"]["type"] == RECREATE:
        old = [pod for pod in (*replicas, *condemned) if p.phase(pod) and p.revision(pod) != seen.update]
        if old:
            deletes = [Action("delete", pod, "recreate") for pod in old if not p.is_terminating(pod)]
            status = progress.set_in(status, "True", "RecreateInProgress", "Deleting old revision pods", seen.now)
            return Decision(deletes, _completed(seen, status, rules), is_burst)
        if seen.current != seen.update:
            told = "Waiting for new-revision pods to be created"
            status = progress.set_in(status, "True", "RecreateInProgress", told, seen.now)
    actions, is_over = _replicas(seen, replicas, is_burst)
    if not is_over:
        down, is_over = _condemned(seen, replicas, condemned, is_burst, rules)
        actions += down
    if not is_over and spec["updateStrategy"]["type"] == "RollingUpdate":
        update = (
            _walk_counting(seen, replicas, is_burst, rules) if rules.max_unavailable else _walk(seen, replicas, rules)
        )
        actions += [Action("delete", pod, "update") for pod in update]
        status["currentReplicas"] -= len(update)
    return Decision(actions, _completed(seen, status, rules), is_burst)


def _placed(seen: Seen) -> tuple[list[Json], list[Json]]:
    """The pods in range, new ones where none is, and those out of range from the highest down."""
    present = {p.ordinal(pod): pod for pod in seen.pods if p.ordinal(pod) >= 0}
    wanted = range(seen.start, seen.start + seen.spec["replicas"])
    replicas = [present.get(number) or _new(seen, number) for number in wanted]
    return replicas, [present[number] for number in sorted(present, reverse=True) if number not in wanted]


def _new(seen: Seen, number: int) -> Json:
    """The missing pod of an ordinal, at the revision that its place in the update gives it."""
    rolling, kind = seen.rolling, seen.spec["updateStrategy"]["type"]
    if rolling is not None:
        keeps = number < seen.start + rolling.get("partition", 0)
    else:
        kept = (seen.statefulset.get("status") or {}).get("currentReplicas", 0)
        keeps = kind == "RollingUpdate" and number < seen.start + kept
    template, revision = (seen.current_template, seen.current) if keeps else (seen.update_template, seen.update)
    return p.new(seen.statefulset, template, revision, number)


def _replicas(seen: Seen, replicas: list[Json], is_burst: bool) -> tuple[list[Action], bool]:
    """What the pods in range need, lowest first, and whether the sync ends with that."""
    actions: list[Action] = []
    is_over = False
    for pod in replicas:
        if p.is_ended(pod):
            if not p.is_terminating(pod):
                actions.append(Action("delete", pod))
            is_over = True
        elif not p.phase(pod):
            actions.append(Action("create", pod))
            is_over = is_over or not is_burst
        else:
            if p.phase(pod) == "Pending":
                actions.append(Action("claims", pod))
            is_ready = p.is_ready(pod) and not seen.is_unavailable(pod)
            if is_ready or is_burst:
                is_right = p.has_identity(seen.statefulset, pod) and p.has_storage(seen.statefulset, pod)
                actions.append(Action("own" if is_right else "repair", pod))
            else:
                is_over = True
        if is_over and not is_burst:
            break
    return actions, is_over and not is_burst


def _condemned(
    seen: Seen, replicas: list[Json], condemned: list[Json], is_burst: bool, rules: Rules
) -> tuple[list[Action], bool]:
    """What the pods out of range get: the highest goes first, and only while everything else is well."""
    owned = [Action("own", pod, "retire") for pod in condemned]
    if is_burst:
        return [*owned, *(Action("delete", pod, "shrink") for pod in condemned if not p.is_terminating(pod))], False
    if not condemned:
        return [], False
    highest = condemned[0]
    if p.is_terminating(highest):
        return owned, True
    is_well = p.is_ready(highest) and p.is_available(highest, seen.min_ready_s, seen.now)
    unavailable = [pod for pod in (*replicas, *reversed(condemned)) if _is_blocking(seen, pod, rules)]
    if is_well or (unavailable and unavailable[0] is highest):
        return [*owned, Action("delete", highest, "shrink")], True
    return owned, True


def _is_blocking(seen: Seen, pod: Json, rules: Rules) -> bool:
    """Whether a scale-down or an update has to wait for the pod."""
    if rules.available_gates:
        return seen.is_unavailable(pod)
    return p.is_terminating(pod) or not p.is_ready(pod)


def _walk(seen: Seen, replicas: list[Json], rules: Rules) -> list[Json]:
    """The update without maxUnavailable: from the highest ordinal down, past nothing that is unavailable."""
    for pod in reversed(replicas[_partition(seen) :]):
        if p.revision(pod) != seen.update and not p.is_terminating(pod):
            return [pod]
        if _is_blocking(seen, pod, rules):
            return []
    return []


def _walk_counting(seen: Seen, replicas: list[Json], is_burst: bool, rules: Rules) -> list[Json]:
    """The update with maxUnavailable: as many from the highest ordinal down as may be missing."""
    unavailable = [pod for pod in replicas if _is_blocking(seen, pod, rules)]
    old = [pod for pod in reversed(replicas[_partition(seen) :]) if p.revision(pod) != seen.update]
    budget = _max_unavailable(seen) - len(unavailable)
    if not is_burst or not rules.broken_first:
        going = [pod for pod in old if not p.is_terminating(pod)]
        return going[: max(budget, 0)]
    lost = [pod for pod in old if not p.is_available(pod, seen.min_ready_s, seen.now) and not p.is_terminating(pod)]
    healthy = [pod for pod in old if not seen.is_unavailable(pod)]
    return [*lost, *healthy[: max(budget, 0)]]


def _partition(seen: Seen) -> int:
    return int((seen.rolling or {}).get("partition", 0))


def _max_unavailable(seen: Seen) -> int:
    """How many may be missing; of a percentage, the part rounded down, and never less than one."""
    value = (seen.rolling or {}).get("maxUnavailable", 1)
    if isinstance(value, str):
        value = int(value.removesuffix("%")) * int(seen.spec["replicas"]) // 100
    return max(int(value), 1)


def _status(seen: Seen, rules: Rules) -> Json:
    """The counts of the pods as they were seen."""
    created = [pod for pod in seen.pods if p.ordinal(pod) >= 0]
    staying = [p.revision(pod) for pod in created if not p.is_terminating(pod)]
    ready = [pod for pod in created if p.is_ready(pod)]
    old = seen.statefulset.get("status") or {}
    status: Json = {
        "observedGeneration": seen.statefulset["metadata"]["generation"],
        "replicas": len(created),
        "readyReplicas": len(ready),
        "availableReplicas": sum(p.is_available(pod, seen.min_ready_s, seen.now) for pod in ready),
        "currentReplicas": staying.count(seen.current),
        "updatedReplicas": staying.count(seen.update),
        "currentRevision": seen.current,
        "updateRevision": seen.update,
        "collisionCount": seen.collisions,
    }
    if rules.keeps_conditions and old.get("conditions"):
        status["conditions"] = old["conditions"]
    return status


def _completed(seen: Seen, status: Json, rules: Rules) -> Json:
    """Once every replica is updated and Ready, the update revision is the current one."""
    replicas = seen.spec["replicas"]
    if not rules.completes_on_delete and seen.spec["updateStrategy"]["type"] != "RollingUpdate":
        return status
    if not status["updatedReplicas"] == status["readyReplicas"] == status["replicas"] == replicas:
        return status
    done = {**status, "currentReplicas": status["updatedReplicas"], "currentRevision": status["updateRevision"]}
    if seen.spec["updateStrategy"]["type"] == RECREATE and progress.is_in(done):
        return progress.set_in(done, "False", "RecreateCompleted", "All pods recreated successfully", seen.now)
    return done


def without(decision: Decision, replaced: int) -> Json:
    """The status of a sync that deleted only `replaced` of the pods that its update was to delete.

    It completes nothing: an update that has pods to delete is not complete.
    """
    left = sum(action.stage == "update" for action in decision.actions) - replaced
    return {**decision.status, "currentReplicas": decision.status["currentReplicas"] + left}


def next_look_s(seen: Seen, status: Json, now: datetime.datetime) -> float | None:
    """In how many seconds a pod of the set that is Ready becomes available; None if none has yet to."""
    if not seen.min_ready_s or status["readyReplicas"] == status["availableReplicas"]:
        return None
    due = [
        at for at in (p.available_at(pod, seen.min_ready_s) for pod in seen.pods) if at is not None and at > seen.now
    ]
    return max((min(due) - now).total_seconds(), 0.0) if due else float(seen.min_ready_s)


_COMPARED = (
    "replicas",
    "readyReplicas",
    "availableReplicas",
    "currentReplicas",
    "updatedReplicas",
    "currentRevision",
    "updateRevision",
)


def is_new(statefulset: Json, status: Json) -> bool:
    """Whether a status says something that the set's does not."""
    old = statefulset.get("status") or {}
    return (
        status["observedGeneration"] > old.get("observedGeneration", 0)
        or any((old.get(key) or type(status[key])()) != status[key] for key in _COMPARED)
        or (old.get("conditions") or []) != (status.get("conditions") or [])
    )


def written(status: Json) -> Json:
    """A status as it is stored: counts of nothing are left out, as Kubernetes' types leave them out."""
    kept = ("replicas", "availableReplicas", "collisionCount")
    return {key: value for key, value in status.items() if value or key in kept}
