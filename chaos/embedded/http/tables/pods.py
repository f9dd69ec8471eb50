"""Pods: how many of their containers are ready, and in one word how they are.

Source: k8s.io/kubernetes 1.37.2 pkg/printers/internalversion/printers.go (printPod).
"""

import datetime
from typing import NamedTuple

from chaos.embedded.http.tables.ages import age, instant, since
from chaos.embedded.http.tables.columns import Cell, Printer, at, name_of, named, number, rows, text, wide
from chaos.embedded.interface import Json

NONE = "<none>"
_ENDED = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}


class _Counted(NamedTuple):
    """What became of some containers: ready ones, restarts, when the last of those was, and the word for it all."""

    ready: int
    restarts: int
    restarted: str
    word: str


def _cells(pod: Json, now: datetime.datetime) -> list[Cell]:
    sidecars = [
        text(each, "name") for each in rows(pod, "spec", "initContainers") if each.get("restartPolicy") == "Always"
    ]
    total = len(rows(pod, "spec", "containers")) + len(sidecars)
    told = _counted(pod, sidecars)
    restarts = (
        f"{told.restarts} ({since(told.restarted, now)} ago)"
        if told.restarts and told.restarted
        else str(told.restarts)
    )
    addresses = rows(pod, "status", "podIPs")
    return [
        name_of(pod),
        f"{told.ready}/{total}",
        _ending(pod) or told.word,
        restarts,
        age(pod, now),
        text(addresses[0], "ip", absent=NONE) if addresses else NONE,
        text(pod, "spec", "nodeName", absent=NONE),
        text(pod, "status", "nominatedNodeName", absent=NONE),
        _gates(pod),
    ]


def _counted(pod: Json, sidecars: list[str]) -> _Counted:
    word = text(pod, "status", "reason") or text(pod, "status", "phase")
    conditions = rows(pod, "status", "conditions")
    if any(each.get("type") == "PodScheduled" and each.get("reason") == "SchedulingGated" for each in conditions):
        word = "SchedulingGated"
    told, is_initializing = _initialized(pod, sidecars, word)
    if is_initializing and not _holds(pod, "Initialized"):
        return told
    of_sidecars = [each for each in rows(pod, "status", "initContainerStatuses") if each.get("name") in sidecars]
    mains = rows(pod, "status", "containerStatuses")
    ready = sum(
        1 for each in mains if each.get("ready") and at(each, "state", "running") is not None and not _stopped(each)
    )
    both = [*of_sidecars, *mains]
    return _Counted(told.ready + ready, _restarts(both), _restarted(both), _running_word(pod, mains, told.word))


def _initialized(pod: Json, sidecars: list[str], word: str) -> tuple[_Counted, bool]:
    """The init containers up to the first that has not done what it is there for."""
    statuses, ready = rows(pod, "status", "initContainerStatuses"), 0
    for position, each in enumerate(statuses):
        ended, waiting = at(each, "state", "terminated"), text(each, "state", "waiting", "reason")
        if ended is not None and number(each, "state", "terminated", "exitCode") == 0:
            continue
        if each.get("name") in sidecars and each.get("started"):
            ready += 1 if each.get("ready") else 0
            continue
        if ended is not None:
            word = f"Init:{_how_ended(each)}"
        elif waiting and waiting != "PodInitializing":
            word = f"Init:{waiting}"
        else:
            word = f"Init:{position}/{len(rows(pod, 'spec', 'initContainers'))}"
        seen = statuses[: position + 1]
        return _Counted(ready, _restarts(seen), _restarted(seen), word), True
    return _Counted(ready, _restarts(statuses), _restarted(statuses), word), False


def _running_word(pod: Json, mains: list[Json], word: str) -> str:
    """The word of the first container that has one of its own; a pod of which something still runs has not completed."""
    is_running, error = False, ""
    for each in reversed(mains):
        ended, waiting = at(each, "state", "terminated"), text(each, "state", "waiting", "reason")
        if waiting:
            word = waiting
        elif ended is not None:
            word = _how_ended(each)
            error = word if number(each, "state", "terminated", "exitCode") else error
        elif each.get("ready") and at(each, "state", "running") is not None:
            is_running = True
    if word != "Completed":
        return word
    if is_running and _holds(pod, "Ready"):
        return "Running"
    return error or ("NotReady" if is_running else word)


def _stopped(status: Json) -> bool:
    return bool(text(status, "state", "waiting", "reason")) or at(status, "state", "terminated") is not None


def _how_ended(status: Json) -> str:
    ended = ("state", "terminated")
    if reason := text(status, *ended, "reason"):
        return reason
    signal = number(status, *ended, "signal")
    return f"Signal:{signal}" if signal else f"ExitCode:{number(status, *ended, 'exitCode')}"


def _restarts(statuses: list[Json]) -> int:
    return sum(number(each, "restartCount") for each in statuses)


def _restarted(statuses: list[Json]) -> str:
    """When the last of the containers ended that have been started again."""
    ends = [text(each, "lastState", "terminated", "finishedAt") for each in statuses]
    found = [(then, end) for end in ends if (then := instant(end)) is not None]
    return max(found)[1] if found else ""


def _ending(pod: Json) -> str:
    """The word for a pod that is being deleted; empty if it is not."""
    if not at(pod, "metadata", "deletionTimestamp"):
        return ""
    if text(pod, "status", "reason") == "NodeLost":
        return "Unknown"
    return "" if text(pod, "status", "phase") in _ENDED else "Terminating"


def _holds(pod: Json, condition: str) -> bool:
    conditions = rows(pod, "status", "conditions")
    return any(each.get("type") == condition and each.get("status") == "True" for each in conditions)


def _gates(pod: Json) -> str:
    gates = [text(each, "conditionType") for each in rows(pod, "spec", "readinessGates")]
    return f"{sum(_holds(pod, each) for each in gates)}/{len(gates)}" if gates else NONE


def _conditions(pod: Json) -> list[Json]:
    phase = text(pod, "status", "phase")
    if phase not in _ENDED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDED[phase]}]


PRINTERS = {
    "Pod": Printer(
        (
            *named("Name", "Ready", "Status", "Restarts", "Age"),
            *wide("IP", "Node", "Nominated Node", "Readiness Gates"),
        ),
        _cells,
        conditions=_conditions,
    )
}
