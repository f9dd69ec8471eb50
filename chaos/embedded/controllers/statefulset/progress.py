"""The condition Progressing, by which a controller tells how far a set of type Recreate is. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/statefulset/stateful_set_utils.go (setStatefulSetCondition).
"""

import datetime

from chaos.embedded.api.stamps import timestamp
from chaos.embedded.interface import Json

TYPE = "Progressing"


def is_in(status: Json) -> bool:
    """Whether a status has the condition, true or not."""
    return any(each["type"] == TYPE for each in status.get("conditions") or ())


def set_in(status: Json, value: str, reason: str, message: str, now: datetime.datetime) -> Json:
    """The status with this condition; one that says so already stays as it is, and its time with it."""
    told = {"type": TYPE, "status": value, "reason": reason, "message": message}
    found = status.get("conditions") or []
    old = next((each for each in found if each["type"] == TYPE), None)
    if old is not None and {key: old.get(key) for key in told} == told:
        return status
    since = old["lastTransitionTime"] if old is not None and old["status"] == value else timestamp(now)
    new = {**told, "lastTransitionTime": since}
    kept = [new if each is old else each for each in found]
    return {**status, "conditions": kept if old is not None else [*found, new]}
