"""Turns judged events into controller writes, and what their trials say into findings.

The sets on trial are those whose name is the target's; each object (uid) has a trial of its own.
"""

from collections import OrderedDict, deque
from typing import Any

from chaos.checkers.authorship import Author, first_deletion
from chaos.checkers.controller.algorithm import Create, Delete
from chaos.checkers.controller.explanation import Write
from chaos.checkers.controller.revisions import Revisions
from chaos.checkers.controller.roster import Roster
from chaos.checkers.controller.rules import beyond, rules
from chaos.checkers.controller.states import (
    SetVersion,
    Status,
    controller_uid,
    ordinal_of,
    set_version,
    unjudged,
)
from chaos.checkers.controller.trial import Explained, Trial, Unjudged, Violation
from chaos.checkers.controller.wall import ClusterClock
from chaos.checkers.panel import Checker, Court
from chaos.history.order import Event

FAMILIES = (
    "ordering.",
    "update.",
    "partition.",
    "ondelete.",
    "recreate.",
    "status.",
    "revision.",
    "cascade.set-deleting",
)
"""Prefixes of the guarantees that the explain rule judges."""


COUNTED = 10_000
"""Opportunities that are remembered, so that they count once: what has not been met for so long is another one."""

BEFORE_S = 60.0
"""How far back the pods that a new set finds may be read: one cache does not wait for the other."""

FORMERS = 10
"""Sets that may come and go while the controller retries one status: a retry takes milliseconds."""


class ControllerChecker(Checker):
    """Judges every write of the controller to the target set, its pods and its status."""

    follows = ("controllerrevisions", "statefulsets", "pods")

    def __init__(self, court: Court) -> None:
        controller = court.info.controller
        self._set_name = court.info.statefulset
        self._rules = rules(controller.version, controller.gates)
        self._beyond = beyond(controller.version)
        self._ledger = court.ledger
        self._lease = court.lease
        self._instants = court.instants
        self._clock = ClusterClock()
        self._revisions = Revisions()
        self._trials: dict[str, Trial] = {}
        self._rosters: dict[str, Roster] = {}
        # The sets of this name that went, the last one first, until the controller has written for one after them.
        self._formers: deque[Trial] = deque(maxlen=FORMERS)
        self._excluded: dict[str, str] = {}
        self._objects: dict[str, Any] = {}
        # The last changes of pods, and when they were written.
        self._recent: deque[tuple[Event, float]] = deque()
        self._counted: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order; `author` is set for the first event of a pod's deletion."""
        written = self._instants.not_before(event.rv)
        if event.type == "added":
            self._clock.learn(event, written)
        match event.stream:
            case "pods":
                self._on_pod(event, author, written)
            case "statefulsets" if event.after["metadata"]["name"] == self._set_name:
                self._on_set(event, written)
            case "controllerrevisions":
                self._revisions.on_event(event)

    def on_restart(self) -> None:
        """The controller runs in a new process from here on."""
        self._revisions.restart()
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

    def _on_set(self, event: Event, written: float) -> None:
        if event.type == "deleted":
            gone = self._trials.get(event.uid)
            if gone is not None:
                self._formers.appendleft(gone)
            self._drop(event.uid)
            return
        trial = self._trials.get(event.uid)
        if trial is None or event.before is None or event.before["spec"] is not event.after["spec"]:
            why = self._beyond or unjudged(event.after, self._rules)
            if why:
                self._excluded[event.uid] = why
                self._drop(event.uid)
            if event.uid in self._excluded:
                return
        if trial is None:
            self._begin(event, set_version(event, written, None))
            return
        version = set_version(event, written, trial.version)
        if version.status != trial.version.status:
            self._judge(trial, event, written, version.status)
        trial.see_set(version)

    def _begin(self, event: Event, version: SetVersion) -> None:
        trial = Trial(event.uid, self._set_name, self._rules, self._revisions, self._clock)
        roster = Roster(event.uid, self._set_name, event.after["spec"]["selector"])
        self._trials[event.uid], self._rosters[event.uid] = trial, roster
        self._forget(event.t)
        states = dict(self._objects)
        for change, _ in reversed(self._recent):
            states[change.uid] = change.before
        for uid, state in states.items():
            if state is not None:
                roster.see(uid, state)
        for change, written in self._recent:
            roster.see(change.uid, _after(change))
            trial.see_pods(roster.version(change, written))
        if not self._recent:
            trial.see_pods(roster.version(event, version.written))
        trial.see_set(version)

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0].t < now - BEFORE_S:
            self._recent.popleft()

    def _drop(self, set_uid: str) -> None:
        self._trials.pop(set_uid, None)
        self._rosters.pop(set_uid, None)

    def _on_pod(self, event: Event, author: Author | None, written: float) -> None:
        if author is not None or event.type == "added":
            self._on_coming_or_going(event, author, written)
        state = _after(event)
        if state is None:
            self._objects.pop(event.uid, None)
        else:
            self._objects[event.uid] = state
        self._recent.append((event, written))
        self._forget(event.t)
        for uid, roster in self._rosters.items():
            if roster.see(event.uid, state):
                self._trials[uid].see_pods(roster.version(event, written))

    def _on_coming_or_going(self, event: Event, author: Author | None, written: float) -> None:
        meta = event.after["metadata"]
        name = meta["name"]
        trial = self._trials.get(controller_uid(meta))
        if trial is not None and event.type == "added":
            revision = meta.get("labels", {}).get("controller-revision-hash", "")
            what = Create(ordinal_of(name, trial.name), revision)
            self._judge(trial, event, written, what)
        elif trial is not None and author == "controller" and first_deletion(event):
            what_else = Delete(ordinal_of(name, trial.name), event.uid)
            self._judge(trial, event, written, what_else)
        elif author == "ambiguous":
            self._ledger.note("pod deletes that may be the controller's or somebody else's: not judged")

    def _judge(self, trial: Trial, event: Event, written: float, what: Create | Delete | Status) -> None:
        write = Write(event.rv, event.i, event.t, written, what, event.after["metadata"]["name"])
        result = trial.judge(write)
        formers = tuple(self._formers)
        self._formers.clear()
        is_status = isinstance(what, Status) and not isinstance(result, Explained)
        if is_status and any(isinstance(former.judge(write), Explained) for former in formers):
            # After a conflict the controller writes what it computed onto whatever set bears the name by then
            # (stateful_set_status_updater.go, UpdateStatefulSetStatus); its next sync is the first of the new set.
            self._ledger.note(
                "a status that was computed for a set that is gone was written onto the next one of its name"
            )
            return
        match result:
            case Violation():
                about_both = (f"statefulsets/{trial.name}", f"{event.stream}/{event.after['metadata']['name']}")
                objects = tuple(dict.fromkeys(about_both))
                self._ledger.violated(result.condition.guarantee, result.message, result.entries, objects)
            case Unjudged():
                self.doubt_all(f"{write.about} at resourceVersion {event.rv} could not be judged: {result.why}")
            case Explained():
                self._count(trial, result)
                if result.suspect is not None:
                    self._suspect(event, write.about, result)

    def _count(self, trial: Trial, result: Explained) -> None:
        for name in result.exercised:
            self._ledger.exercised(name)
        for name, key in sorted(result.bound):
            opportunity = (trial.uid, name, key)
            if opportunity in self._counted:
                self._counted.move_to_end(opportunity)
            else:
                self._ledger.exercised(name)
                self._counted[opportunity] = None
        while len(self._counted) > COUNTED:
            self._counted.popitem(last=False)
        if result.silent:
            self._ledger.note("statuses explained by a refused create or a repeated delete, which leave no event")

    def _suspect(self, event: Event, about: str, result: Explained) -> None:
        assert result.suspect is not None
        text = f"{about} at resourceVersion {event.rv} is explained only {result.suspect.only}"
        cause = self._lease.covering(event.t - result.stale_s, event.t)
        if cause:
            self._ledger.note(f"{text}; harmless: {cause}")
        else:
            self._ledger.doubted(result.suspect.condition.guarantee, f"suspect: {text} (entries {result.states})")


def _after(event: Event) -> Any:
    """The pod's state after a change; None if it is gone."""
    return None if event.type == "deleted" else event.after
