"""How pods end: with their grace, seen to have ended before they are gone, and never two of one name at once (S3, S4, S20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import Event

GRACEFUL, EVIDENCE = "termination.graceful-deletes", "termination.evidence"
GRACE, ONE = "termination.grace", "termination.one-instance"

CLOCKS_S = 4.0
"""How far times of the API server and of nodes, each told in whole seconds, may be apart."""

REQUEST_S = 10.0
"""How long a delete may be under way. Its grace is that of the pod which it reads first: 0 if that has no node, whatever it has once
the delete is written (k8s.io/apiserver 0.37.2 pkg/registry/generic/registry/store.go: Delete reads, decides, reads again and
keeps what it decided)."""

KILLED = 137

FINAL_PHASE = (1, 27)
"""From this release on a kubelet gives a pod its final phase before it removes it (pkg/kubelet/status: canBeDeleted)."""

TERMINAL = ("Failed", "Succeeded")


class _Begun(NamedTuple):
    """A deletion as it was first marked: the pod's metadata then, and its containers that ran."""

    meta: Any
    running: tuple[str, ...]

    @property
    def grace_s(self) -> float:
        return float(self.meta.get("deletionGracePeriodSeconds") or 0)


@dataclass
class _Asked:
    """What this run asked of one pod: whether to remove it at once, or with less grace, and whether it meddled with its processes."""

    forced: bool = False
    shortened: bool = False
    meddled: bool = False


class TerminationChecker(Checker):
    """Reads deletions off the pods' metadata, and the ends of containers off their statuses."""

    reads = ("operations", "nodes")
    follows = ("pods", "statefulsets")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._sets: set[str] = set()
        self._asked: dict[str, _Asked] = {}
        self._begun: dict[str, _Begun] = {}
        self._bound: dict[str, float] = {}
        self._ended: dict[str, tuple[datetime, int]] = {}
        self._judged: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """What this run asks of a pod, whatever the answer was: it may have had an effect."""
        if entry.stream == "nodes":
            self._on_node(entry)
        elif entry.type == "start":
            request = entry.data["request"]
            if request["resource"].partition("/")[0] == "pods" and request.get("uid"):
                self._on_asked(self._asked.setdefault(request["uid"], _Asked()), entry.data["operation"], request)

    def _on_asked(self, asked: _Asked, operation: Any, request: Any) -> None:
        body = request.get("body")
        options = (body.get("deleteOptions") or {}) if isinstance(body, dict) else {}
        grace_s = request.get("grace_s", options.get("gracePeriodSeconds"))
        asked.forced |= grace_s == 0
        asked.shortened |= grace_s is not None
        asked.meddled |= request["verb"] == "exec" and operation["kind"] != "write-pages"

    def _on_node(self, entry: Entry) -> None:
        whole = entry.data.get("whole") if isinstance(entry.data, dict) else None
        version = ((whole or {}).get("status", {}).get("nodeInfo") or {}).get("kubeletVersion", "")
        if version and _minor(version) < FINAL_PHASE:
            self._ledger.doubted(EVIDENCE, f"a kubelet of version {version} removes pods without a final phase")

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        if event.stream == "statefulsets":
            if name == self._set_name:
                self._sets.add(event.uid)
        elif ordinal_of(name, self._set_name) >= 0:
            self._on_pod(event, author)

    def _on_pod(self, event: Event, author: Author | None) -> None:
        if first_deletion(event) and event.before is not None and event.type != "deleted":
            self._on_deleted(event, author)
        if event.type == "deleted":
            self._on_gone(event)
            self._asked.pop(event.uid, None)
            self._begun.pop(event.uid, None)
            self._bound.pop(event.uid, None)
            return
        if event.after["spec"].get("nodeName"):
            self._bound.setdefault(event.uid, event.t)
        self._on_containers(event)

    def _on_deleted(self, event: Event, author: Author | None) -> None:
        """The first mark of a deletion: with which grace?"""
        before, meta = event.before, event.after["metadata"]
        statuses = before.get("status", {}).get("containerStatuses") or ()
        running = tuple(each["name"] for each in statuses if (each.get("state") or {}).get("running"))
        self._begun[event.uid] = _Begun(meta, running)
        if author != "controller" or controller_uid(before["metadata"]) not in self._sets or not _can_stop(before):
            return
        own_grace_s = before["spec"].get("terminationGracePeriodSeconds", 30)
        at_once = meta.get("deletionGracePeriodSeconds") == 0
        if own_grace_s == 0 or (at_once and event.t - self._bound.get(event.uid, -REQUEST_S) < REQUEST_S):
            return
        self._ledger.exercised(GRACEFUL)
        if at_once:
            message = (
                f"the controller deleted {meta['name']} at resourceVersion {event.rv} without grace, expected the pod's own of "
                f"{own_grace_s} s: it had been scheduled and had not ended"
            )
            self._ledger.violated(GRACEFUL, message, (event.i,), (f"pods/{meta['name']}",))

    def _on_gone(self, event: Event) -> None:
        """The pod is removed: had it ended?"""
        begun = self._begun.get(event.uid)
        asked = self._asked.get(event.uid, _Asked())
        if begun is None or not begun.grace_s or asked.forced or not event.after["spec"].get("nodeName"):
            return
        name, phase = begun.meta["name"], event.after.get("status", {}).get("phase", "Pending")
        self._ledger.exercised(EVIDENCE)
        if phase not in TERMINAL:
            message = (
                f"{name} was removed at resourceVersion {event.rv} in phase {phase}, expected Failed or Succeeded: it was deleted "
                f"with a grace of {begun.grace_s:.0f} s, and only its kubelet, once its containers have ended, removes it then"
            )
            self._ledger.violated(EVIDENCE, message, (event.i,), (f"pods/{name}",))

    def _on_containers(self, event: Event) -> None:
        statuses = event.after.get("status", {}).get("containerStatuses") or ()
        for each in statuses:
            state = each.get("state") or {}
            if self._ended and state.get("running"):
                self._on_running(event, each, state["running"])
            if "terminated" in state and state["terminated"].get("finishedAt"):
                self._on_terminated(event, each["name"], state["terminated"])

    def _on_running(self, event: Event, container: Any, running: Any) -> None:
        """A container runs: did that of the pod before it still run?"""
        name = event.after["metadata"]["name"]
        last = self._ended.pop(f"{name} {container['name']}", None)
        if last is None or not running.get("startedAt"):
            return
        ended, entry = last
        self._ledger.exercised(ONE)
        began = _time(running["startedAt"])
        if began < ended - timedelta(seconds=CLOCKS_S):
            message = (
                f"container {container['name']} of {name} ran from {running['startedAt']} on, as its status says at resourceVersion "
                f"{event.rv}, while that of the pod before it ran until {_stamp(ended)}"
            )
            self._ledger.violated(ONE, message, (entry, event.i), (f"pods/{name}",))

    def _on_terminated(self, event: Event, container: str, terminated: Any) -> None:
        begun = self._begun.get(event.uid)
        if begun is None:
            return
        name, ended = begun.meta["name"], _time(terminated["finishedAt"])
        asked = self._asked.get(event.uid, _Asked())
        if event.after["status"].get("phase") in TERMINAL and terminated.get("startedAt") and not asked.forced:
            self._ended[f"{name} {container}"] = (ended, event.i)
        key = f"{event.uid} {container}"
        is_own = asked.forced or asked.shortened or asked.meddled
        if key in self._judged or is_own or begun.grace_s <= CLOCKS_S or container not in begun.running:
            return
        began = _time(begun.meta["deletionTimestamp"]) - timedelta(seconds=begun.grace_s)
        lasted = (ended - began).total_seconds()
        if lasted < -CLOCKS_S:
            return
        self._judged.add(key)
        self._ledger.exercised(GRACE)
        # Only an end that says nothing else is the runtime's SIGKILL: not for want of memory, nor a container that was lost.
        killed = terminated.get("exitCode") == KILLED and terminated.get("reason") == "Error"
        if killed and lasted < begun.grace_s - CLOCKS_S:
            message = (
                f"container {container} of {name} was killed {max(lasted, 0):.0f} s after its pod was deleted, as its status says at "
                f"resourceVersion {event.rv}, expected {begun.grace_s:.0f} s of grace"
            )
            self._ledger.violated(GRACE, message, (event.i,), (f"pods/{name}",))


def _can_stop(state: Any) -> bool:
    """Whether the API server leaves a deleted pod its grace: it has a node and has not ended."""
    return bool(state["spec"].get("nodeName")) and state.get("status", {}).get("phase") not in TERMINAL


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split(".")[:2])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _stamp(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
