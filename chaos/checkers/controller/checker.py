"""Turns judged events into controller writes, and what their trials say into findings.

The sets on trial are those whose name is the target's; each object (uid) has a trial of its own.
"""

from collections import OrderedDict
from typing import Any

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.algorithm import Create, Delete, rules
from chaos.checkers.controller.revisions import Revisions
from chaos.checkers.controller.states import (
    Pod,
    PodsVersion,
    Status,
    controller_uid,
    ordinal_of,
    pod,
    set_version,
    unjudged,
)
from chaos.checkers.controller.trial import Explained, Trial, Unjudged, Violation, Write
from chaos.checkers.panel import Checker, Court
from chaos.history.order import Event

FAMILIES = ("ordering.", "update.", "partition.", "ondelete.", "status.", "revision.", "cascade.set-deleting")
"""Prefixes of the guarantees that the explain rule judges."""


COUNTED = 10_000
"""Opportunities that are remembered, so that they count once: what has not been met for so long is another one."""


class ControllerChecker(Checker):
    """Judges every write of the controller to the target set, its pods and its status."""

    follows = ("controllerrevisions", "statefulsets", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._rules = rules(court.info.controller.version, court.info.controller.gates)
        self._ledger = court.ledger
        self._lease = court.lease
        self._revisions = Revisions()
        self._trials: dict[str, Trial] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._excluded: dict[str, str] = {}
        self._objects: dict[str, Any] = {}
        self._seen: dict[str, dict[str, Pod]] = {}
        self._counted: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order; `author` is set for the first event of a pod's deletion."""
        match event.stream:
            case "controllerrevisions":
                self._revisions.on_event(event)
            case "statefulsets" if event.after["metadata"]["name"] == self._set_name:
                self._on_set(event)
            case "pods":
                self._on_pod(event, author)

    def on_restart(self) -> None:
        """The controller runs in a new process from here on."""
        for trial in self._trials.values():
            trial.restart()

    def finish(self, now: float) -> None:
        """Sets that the rules do not cover leave their guarantees unknown."""
        for why in self._excluded.values():
            self.doubt_all(why)

    def doubt_all(self, why: str) -> None:
        """Make every guarantee of the explain rule unknown."""
        for family in FAMILIES:
            self._ledger.doubted(family, why)

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            for known in (self._trials, self._seen, self._labels):
                known.pop(event.uid, None)
            return
        why = unjudged(event.after)
        if why:
            self._excluded[event.uid] = why
            self._trials.pop(event.uid, None)
        if event.uid in self._excluded:
            return
        version = set_version(event)
        trial = self._trials.get(event.uid)
        if trial is None:
            trial = Trial(event.uid, self._set_name, self._rules, self._revisions)
            self._trials[event.uid] = trial
            self._labels[event.uid] = dict(event.after["spec"]["selector"].get("matchLabels", {}))
            self._seen[event.uid] = {}
            for uid in self._objects:
                self._see(event.uid, uid)
            trial.see_pods(self._pods_version(event, event.uid))
        elif version.status != trial.version.status:
            self._judge(trial, event, version.status, f"status of {self._set_name} ({_counters(version.status)})")
        trial.see_set(version)

    def _on_pod(self, event: Event, author: Author | None) -> None:
        owner = controller_uid(event.after["metadata"])
        trial = self._trials.get(owner)
        name = event.after["metadata"]["name"]
        if trial is not None and event.type == "added":
            revision = event.after["metadata"].get("labels", {}).get("controller-revision-hash", "")
            self._judge(
                trial, event, Create(ordinal_of(name, trial.name), revision), f"creation of {name} at {revision}"
            )
        elif trial is not None and author == "controller" and first_deletion(event):
            self._judge(trial, event, Delete(event.uid), f"deletion of {name}")
        elif author == "ambiguous":
            self._ledger.note("pod deletes that this run or the controller may have caused: not judged")
        if event.type == "deleted":
            self._objects.pop(event.uid, None)
        else:
            self._objects[event.uid] = event.after
        for uid, each in self._trials.items():
            if self._see(uid, event.uid):
                each.see_pods(self._pods_version(event, uid))

    def _see(self, set_uid: str, uid: str) -> bool:
        """Take in a pod as it is now; whether that changes what the controller of a set sees."""
        state = self._objects.get(uid)
        new = None if state is None else pod(state, set_uid, self._set_name, self._labels[set_uid])
        seen = self._seen[set_uid]
        if seen.get(uid) == new:
            return False
        if new is None:
            del seen[uid]
        else:
            seen[uid] = new
        return True

    def _pods_version(self, event: Event, set_uid: str) -> PodsVersion:
        return PodsVersion(event.rv, event.i, event.t, tuple(sorted(self._seen[set_uid].values())))

    def _judge(self, trial: Trial, event: Event, what: Create | Delete | Status, about: str) -> None:
        result = trial.judge(Write(event.rv, event.i, event.t, what, about))
        match result:
            case Violation():
                about_both = (f"statefulsets/{trial.name}", f"{event.stream}/{event.after['metadata']['name']}")
                objects = tuple(dict.fromkeys(about_both))
                self._ledger.violated(result.condition.guarantee, result.message, result.entries, objects)
            case Unjudged():
                self.doubt_all(f"{about} at resourceVersion {event.rv} could not be judged: {result.why}")
            case Explained():
                self._count(trial, result)
                if result.fresh is not None:
                    self._suspect(event, about, result)

    def _count(self, trial: Trial, result: Explained) -> None:
        for name in result.exercised:
            self._ledger.exercised(name)
        for name, key in sorted(result.bound):
            if (trial.uid, name, key) not in self._counted:
                self._ledger.exercised(name)
            self._counted[trial.uid, name, key] = None
            self._counted.move_to_end((trial.uid, name, key))
        while len(self._counted) > COUNTED:
            self._counted.popitem(last=False)
        if result.silent:
            self._ledger.note("statuses explained by a refused create or a repeated delete, which leave no event")

    def _suspect(self, event: Event, about: str, result: Explained) -> None:
        assert result.fresh is not None
        text = f"{about} at resourceVersion {event.rv} is explained only by states {result.stale_s:.1f} s old"
        cause = self._lease.covering(event.t - result.stale_s, event.t)
        if cause:
            self._ledger.note(f"{text}; harmless: {cause}")
        else:
            self._ledger.doubted(result.fresh.guarantee, f"suspect: {text} (entries {result.states})")


def _counters(status: Status) -> str:
    return (
        f"replicas {status.replicas}, ready {status.ready}, current {status.current}, updated {status.updated}, "
        f"currentRevision {status.current_revision}, updateRevision {status.update_revision}, observedGeneration "
        f"{status.observed_generation}"
    )
