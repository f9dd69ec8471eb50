"""What a kubelet knows of a pod and its containers: what their lives write down, and the pod's status tells."""

import datetime
from dataclasses import dataclass, field
from typing import Literal

from chaos.embedded.interface import Json

Kind = Literal["main", "init", "sidecar"]
"""A container of the pod; one that must end before those start; one of the init containers that keeps running beside them."""

UNKNOWN = 255
"""The exit code of a program that ended unseen."""

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
"""When a container began that could not be started."""


@dataclass
class Run:
    """One run of a container's program. `id` is empty, and there are no times, if nobody knows of it."""

    id: str
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None = None
    code: int = 0
    reason: str = ""
    message: str = ""
    is_over: bool = False

    def end(self, code: int, at: datetime.datetime) -> None:
        """Its program has ended."""
        self.code, self.ended_at, self.is_over = code, at, True
        self.reason = self.reason or ("Completed" if code == 0 else "Error")


@dataclass
class ContainerState:
    """What became of one container. While `waiting` names a reason nothing runs, whatever `run` was."""

    name: str
    image: str
    kind: Kind = "main"
    waiting: str = "ContainerCreating"
    message: str = ""
    run: Run | None = None
    last: Run | None = None
    restarts: int = 0
    is_started: bool = False
    is_passing: bool = False

    @property
    def is_running(self) -> bool:
        """Whether its program runs."""
        return not self.waiting and self.run is not None and not self.run.is_over

    @property
    def ended(self) -> Run | None:
        """The run that ended last; None while the program runs, or if it never did."""
        return self.run if self.run is not None and self.run.is_over else None

    @property
    def is_ready(self) -> bool:
        """Whether it does what it is there for: an init container by having succeeded."""
        if self.kind == "init":
            return self.ended is not None and self.ended.code == 0
        return self.is_running and self.is_started and self.is_passing

    def begin(self, run: Run, *, is_started: bool, is_passing: bool) -> None:
        """A run begins, whatever came of the one before."""
        if self.run is not None:
            self.last = self.run
            self.restarts += 1
        self.run, self.waiting, self.message = run, "", ""
        self.is_started, self.is_passing = is_started, is_passing

    def wait(self, reason: str, message: str = "") -> None:
        """Nothing runs, and this is why."""
        self.waiting, self.message = reason, message
        self.is_started = self.is_passing = False

    def give_up(self) -> None:
        """It will not run any more: what is told is how its last run ended, or nothing."""
        if self.waiting and self.ended is not None:
            self.waiting, self.message, self.last = "", "", self.ended
        elif self.waiting and self.waiting != "PodInitializing":
            self.waiting, self.message = "ContainerCreating", ""


@dataclass
class PodState:
    """What a kubelet knows of a pod. `is_expired`: its deadline has passed. `is_over`: nothing of it is left on the node."""

    host_ip: str
    started: datetime.datetime
    containers: list[ContainerState]
    init: list[ContainerState] = field(default_factory=list)
    has_sandbox: bool = False
    ip: str = ""
    tells_ip: bool = False
    is_stopping: bool = False
    is_expired: bool = False
    is_over: bool = False


def fresh(spec: Json, host_ip: str, now: datetime.datetime) -> PodState:
    """What is known of a pod of which nothing has begun."""
    inits = spec.get("initContainers") or ()
    waiting = "PodInitializing" if inits else "ContainerCreating"
    kinds: list[Kind] = ["sidecar" if each.get("restartPolicy") == "Always" else "init" for each in inits]
    return PodState(
        host_ip,
        now,
        [ContainerState(each["name"], each["image"], "main", waiting) for each in spec["containers"]],
        [ContainerState(each["name"], each["image"], kind, waiting) for each, kind in zip(inits, kinds, strict=True)],
    )


def recalled(state: PodState, status: Json, now: datetime.datetime) -> None:
    """Enter what is on record of a pod whose node was lost and is back: what ran has ended, nobody knows how.

    The code and the reason are those that containerd gives containers that it finds after a start.
    """
    if status.get("startTime"):
        state.started = datetime.datetime.fromisoformat(status["startTime"])
    of = {each.name: each for each in (*state.init, *state.containers)}
    for each in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        if not each.get("containerID") or each["name"] not in of:
            continue
        began = next((told.get("startedAt") for told in each["state"].values() if told.get("startedAt")), None)
        run = Run(each["containerID"], datetime.datetime.fromisoformat(began) if began else None)
        run.reason = "Unknown"
        run.end(UNKNOWN, now)
        of[each["name"]].run, of[each["name"]].restarts = run, each["restartCount"]
