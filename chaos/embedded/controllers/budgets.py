"""What a PodDisruptionBudget allows, given its pods and the sizes of the sets that control them. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/disruption/disruption.go (getExpectedPodCount, countHealthyPods,
buildDisruptedPodMap, updatePdbStatus). Of controllers, StatefulSets alone are known here.
"""

import datetime
import math
from collections.abc import Mapping, Sequence

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.controllers.ownership import controller_of
from chaos.embedded.controllers.slices import is_ready
from chaos.embedded.interface import Json
from chaos.time import parse_timestamp

DELETION_S = 120.0
"""A pod that was evicted counts as gone for this long, even if nobody has seen its deletion."""


class NoController(Exception):
    """A pod's controller is of an unknown kind, or gone: nobody knows how many pods there should be."""


def status_of(budget: Json, pods: Sequence[Json], scales: Mapping[str, int], now: datetime.datetime) -> Json | None:
    """The budget's status; None if it is right already.

    Args:
        pods: those that the budget selects.
        scales: wanted replicas by the uid of the controller.

    Raises:
        NoController: the sizes cannot be known.
    """
    expected, desired = expectation(budget["spec"], pods, scales)
    gone, _ = disrupted(budget, pods, now)
    healthy = len([pod for pod in pods if _counts(pod, gone)])
    allowed = max(0, healthy - desired) if expected > 0 else 0
    present = budget.get("status") or {}
    generation = budget["metadata"].get("generation", 1)
    reason = "SufficientPods" if allowed > 0 else "InsufficientPods"
    status = {
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "disruptionsAllowed": allowed,
        "observedGeneration": generation,
        "conditions": _conditions(present, allowed > 0, reason, "", generation, now),
        **({"disruptedPods": gone} if gone else {}),
    }
    return None if _without_times(status) == _without_times(present) else status


def failed_status(budget: Json, why: str, now: datetime.datetime) -> Json:
    """The status of a budget whose pods cannot be counted: nothing may go."""
    present = budget.get("status") or {}
    observed = present.get("observedGeneration", 0)
    conditions = _conditions(present, False, "SyncFailed", why, observed, now)
    return {**present, "disruptionsAllowed": 0, "conditions": conditions}


def expectation(spec: Json, pods: Sequence[Json], scales: Mapping[str, int]) -> tuple[int, int]:
    """How many pods there should be, and how many of them healthy."""
    limit = spec.get("maxUnavailable")
    if limit is not None:
        expected = _scale(pods, scales)
        return expected, max(0, expected - _share(limit, expected))
    limit = spec.get("minAvailable")
    if limit is None:
        return 0, 0
    if isinstance(limit, int):
        return len(pods), limit
    expected = _scale(pods, scales)
    return expected, _share(limit, expected)


def disrupted(budget: Json, pods: Sequence[Json], now: datetime.datetime) -> tuple[dict[str, str], float | None]:
    """The pods that were evicted and not seen to go yet, with the times; seconds until the first of them is given up."""
    listed = (budget.get("status") or {}).get("disruptedPods") or {}
    kept: dict[str, str] = {}
    recheck_s = None
    for pod in pods:
        name = pod["metadata"]["name"]
        if name in listed and "deletionTimestamp" not in pod["metadata"]:
            left_s = DELETION_S - (now - parse_timestamp(listed[name])).total_seconds()
            if left_s > 0:
                kept[name] = listed[name]
                recheck_s = left_s if recheck_s is None else min(recheck_s, left_s)
    return kept, recheck_s


def stale_in_s(pod: Json, now: datetime.datetime) -> float | None:
    """Seconds until a pod's DisruptionTarget condition is stale; None if it has none that could become so."""
    if "deletionTimestamp" in pod["metadata"] or pod["status"].get("phase") in ("Failed", "Succeeded"):
        return None
    for each in pod["status"].get("conditions") or ():
        if each["type"] == "DisruptionTarget" and each["status"] == "True":
            if each.get("reason") == "TerminationByKubelet":
                return None
            since = parse_timestamp(each["lastTransitionTime"])
            return max(0.0, DELETION_S - (now - since).total_seconds())
    return None


def _scale(pods: Sequence[Json], scales: Mapping[str, int]) -> int:
    """The sizes of all controllers of the pods; a pod without one counts for nothing."""
    sizes: dict[str, int] = {}
    for pod in pods:
        reference = controller_of(pod)
        if reference is not None:
            if reference["uid"] not in scales:
                raise NoController(f'found no controllers for pod "{pod["metadata"]["name"]}"')
            sizes[reference["uid"]] = scales[reference["uid"]]
    return sum(sizes.values())


def _share(limit: int | str, total: int) -> int:
    """A number, or a percentage of the total, rounded up."""
    return limit if isinstance(limit, int) else math.ceil(int(limit.rstrip("%")) * total / 100)


def _counts(pod: Json, gone: Mapping[str, str]) -> bool:
    meta = pod["metadata"]
    return "deletionTimestamp" not in meta and meta["name"] not in gone and is_ready(pod)


def _conditions(
    present: Json, is_allowed: bool, reason: str, message: str, generation: int, now: datetime.datetime
) -> list[Json]:
    before = {each["type"]: each for each in present.get("conditions") or ()}
    old = before.get("DisruptionAllowed", {})
    status = "True" if is_allowed else "False"
    condition = {
        "type": "DisruptionAllowed",
        "status": status,
        "observedGeneration": generation,
        "lastTransitionTime": old["lastTransitionTime"] if old.get("status") == status else timestamp(now),
        "reason": reason,
        "message": message,
    }
    return list({**before, "DisruptionAllowed": condition}.values())


def _without_times(status: Json) -> Json:
    conditions = [{**each, "lastTransitionTime": ""} for each in status.get("conditions") or ()]
    return {**status, "conditions": conditions}
