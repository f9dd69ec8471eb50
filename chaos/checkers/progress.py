"""Convergence (S80): once the spec stands still, the set gets there, or a legal stall (S82) says why not."""

from collections import OrderedDict
from typing import Any, ClassVar, NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.controller.states import controller_uid, is_ready, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

MARGIN_S = 60.0
"""What a correct controller may take beyond its longest possible retry delay."""

NAME = "progress.convergence"

AT_ONCE = "ordering.parallel"

MOVING = ("generation", "deletionTimestamp", "ownerReferences", "labels")
"""Metadata whose change is more than one of a status."""

ENDED = "progress.ended-pods"


class _Debt(NamedTuple):
    """What the controller has to do next, and the guarantee that says so."""

    guarantee: str
    what: str


class ProgressChecker(Checker):
    """Counts phases that settled; of a set that stands still, decides whether the controller had every reason and time to act.

    A failing sync is retried after a delay that doubles, so the next retry comes at the latest after the time that the retries
    took so far, and these cannot have begun before the set was created (spec S83). A set that stood still for longer than
    that, with all its pods Ready and pods missing or condemned, hangs.
    """

    reads = ("events",)
    follows = ("statefulsets", "pods", "persistentvolumeclaims")
    minds: ClassVar = {"statefulsets": MOVING, "pods": MOVING}

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._failures: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._failed = -1.0
        self._present = court.present
        self._moved = 0.0
        # The last change of a claim that goes: after how many changes of the set and its pods, when, and its entry.
        self._claim_changed = (-1, 0.0, 0)
        self._ending_claims: set[str] = set()
        self._charged = -1.0

    def on_entry(self, entry: Entry) -> None:
        """An Event that says why the controller could not act: quota, admission, a claim that is in the way (S82)."""
        data = entry.data
        if not isinstance(data, dict):
            return
        whole = data.get("whole")
        if whole:
            about = whole.get("involvedObject", {}).get("name")
            failed = about == self._set_name and str(whole.get("reason", "")).startswith("Failed")
        else:
            # One that was forgotten may have told of a failure.
            failed = self._failures.get(entry.uid, (0.0, True))[1]
        self._failures[entry.uid] = (entry.t, failed)
        self._failures.move_to_end(entry.uid)
        while next(iter(self._failures.values()))[0] < entry.t - KEPT_S:
            self._failures.popitem(last=False)
        if failed:
            self._failed = entry.t

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        if event.stream == "pods" and ordinal_of(name, self._set_name) >= 0:
            if author == "controller" and self._replaces(event.before):
                self._ledger.exercised(ENDED)
        elif event.stream == "persistentvolumeclaims" and "deletionTimestamp" in event.after["metadata"]:
            # Its end tells the controller nothing: the pod that waited for it is made at the next retry.
            if event.type == "deleted":
                self._ending_claims.discard(name)
            else:
                self._ending_claims.add(name)
            self._claim_changed = (self._present.changes, event.t, event.i)
        elif event.stream != "statefulsets" or name != self._set_name:
            return
        if _moves(event):
            self._moved = event.t

    def on_whole(self, until: float) -> None:
        """Everything written before `until` is known: whatever was owed all the time is owed, in the middle of a phase too."""
        # What is owed is worked out only where the set may have stood still for long enough: this is asked again and again.
        if self._present.set is not None and self._is_long(self._moved, until):
            self._charge(until)

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended: it got where it was to get, or by the clock."""
        phase = entry.data["name"]
        if self._charge(entry.t):
            return
        if entry.data["reached"]:
            self._ledger.exercised(NAME)
            return
        owed, since = self._debt()
        why = (self._stall(since, entry.t) if owed is not None else "") or entry.data.get("why", "")
        self._ledger.doubted(NAME, f"phase {phase} was not reached: {why}")
        if owed is not None and owed.guarantee == ENDED:
            self._ledger.doubted(ENDED, f"phase {phase} ended too soon after its pod did: {why}")

    def _charge(self, now: float) -> bool:
        """Report what has been owed for too long by now; whether anything has."""
        owed, since = self._debt()
        if owed is None or not self._is_long(since, now) or self._stall(since, now):
            return False
        if since > self._charged:
            self._charged = since
            message = (
                f"{owed.what}, although nothing stalls the set: it stood still for {now - since:.0f} s, longer than any retry "
                f"can take"
            )
            entries = (self._last_change()[1], self._ledger.at)
            self._ledger.violated(owed.guarantee, message, entries, (f"statefulsets/{self._set_name}",))
        return True

    def _debt(self) -> tuple[_Debt | None, float]:
        """What the controller has to do next, and since when nothing happened that bears on it."""
        at_once = self._owed_at_once()
        # What becomes of pods that a Parallel set has does not matter to those that it lacks.
        return (at_once, self._moved) if at_once else (self._owed(), self._last_change()[0])

    def _is_long(self, since: float, now: float) -> bool:
        return now - since > since - self._present.created + self._waiting_s() + MARGIN_S

    def _replaces(self, state: Any) -> bool:
        """Whether a pod that is deleted had ended and is to come again."""
        if state is None or self._present.set is None or not _has_ended(state):
            return False
        return ordinal_of(state["metadata"]["name"], self._set_name) in self._wanted()

    def _last_change(self) -> tuple[float, int]:
        """When anything changed that bears on what the controller does, and the entry that tells."""
        changes, t, i = self._claim_changed
        return (t, i) if changes == self._present.changes else (self._present.changed, self._present.changed_entry)

    def _stall(self, since: float, now: float) -> str:
        """What kept the controller from acting since then; empty if it had every chance."""
        if self._failed >= since:
            return "Events of the set say that the controller failed to act"
        if not self._lease.ran(since, now):
            return "the controller was not seen to run all the time (its Lease was not renewed, or cannot be watched)"
        return ""

    def _waiting_s(self) -> float:
        """For how long a pod that became Ready may be waited for."""
        return float(self._present.set["spec"].get("minReadySeconds", 0)) if self._present.set is not None else 0.0

    def _own(self) -> dict[int, Any] | None:
        """Its pods by ordinal; None if a pod that is not its own has one of its names."""
        own = {}
        for state in self._present.pods.values():
            if controller_uid(state["metadata"]) != self._present.set["metadata"]["uid"]:
                return None
            own[ordinal_of(state["metadata"]["name"], self._set_name)] = state
        return own

    def _wanted(self) -> range:
        spec = self._present.set["spec"]
        start = (spec.get("ordinals") or {}).get("start", 0)
        return range(start, start + spec.get("replicas", 1))

    def _is_held_up(self, ordinal: int) -> bool:
        """Whether a claim keeps the pod of an ordinal from being made: one on its way out, or that of an earlier pod."""
        spec = self._present.set["spec"]
        templates = spec.get("volumeClaimTemplates", ())
        if templates and (spec.get("persistentVolumeClaimRetentionPolicy") or {}).get("whenScaled") == "Delete":
            # The end of a claim that an earlier pod owned wakes nobody (S83).
            return True
        return any(f"{t['metadata']['name']}-{self._set_name}-{ordinal}" in self._ending_claims for t in templates)

    def _owed_at_once(self) -> _Debt | None:
        """What a Parallel set has to do although pods are not Ready, which an ordered set would wait for."""
        if self._present.set is None or "deletionTimestamp" in self._present.set["metadata"] or self._is_foreign():
            return None
        own = self._own()
        if self._present.set["spec"].get("podManagementPolicy") != "Parallel" or own is None:
            return None
        waits = any("deletionTimestamp" in state["metadata"] or not is_ready(state) for state in own.values())
        missing = [ordinal for ordinal in self._wanted() if ordinal not in own]
        # One claim in the way, and the rest of the batch may fail with it (S67).
        if not waits or any(map(self._is_held_up, missing)):
            return None
        if missing:
            return _Debt(AT_ONCE, f"ordinals {missing} are missing and the set is Parallel")
        staying = [o for o, s in own.items() if o not in self._wanted() and "deletionTimestamp" not in s["metadata"]]
        told = f"ordinals {staying} are out of range, still there, and the set is Parallel"
        return _Debt(AT_ONCE, told) if staying else None

    def _is_foreign(self) -> bool:
        """Whether the controller may not know what to do: Recreate has a gate."""
        return bool(self._present.set["spec"].get("updateStrategy", {}).get("type") == "Recreate")

    def _owed(self) -> _Debt | None:
        """What the controller has to do next and nothing legal keeps it from."""
        if self._present.set is None or "deletionTimestamp" in self._present.set["metadata"] or self._is_foreign():
            return None
        spec, wanted, own = self._present.set["spec"], self._wanted(), self._own()
        if own is None:
            return None
        wrong = next((ordinal for ordinal in wanted if not _is_well(own.get(ordinal))), None)
        if wrong is not None and spec.get("podManagementPolicy") != "Parallel":
            # Whatever is wrong with higher pods, the lowest that is missing or has ended is replaced (S11).
            return self._replacement(wrong, own.get(wrong))
        # A pod that is unready or on its way out is the kubelet's to move, and two of those out of range block each other (S82).
        condemned = [ordinal for ordinal in own if ordinal not in wanted]
        if not all(_is_well(state) or (ordinal in wanted and _has_ended(state)) for ordinal, state in own.items()):
            return None
        if wrong is not None:
            return self._replacement(wrong, own.get(wrong))
        if condemned:
            return _Debt(NAME, f"ordinals {condemned} are out of range and still there")
        status = self._present.set.get("status", {})
        if status.get("observedGeneration") != self._present.set["metadata"]["generation"]:
            return _Debt(NAME, "the newest generation was not observed")
        strategy = spec["updateStrategy"]
        if strategy["type"] != "RollingUpdate":
            return None
        first = wanted.start + (strategy.get("rollingUpdate") or {}).get("partition", 0)
        update = status.get("updateRevision")
        old = [
            o
            for o, s in own.items()
            if o >= first and s["metadata"]["labels"].get("controller-revision-hash") != update
        ]
        return _Debt(NAME, f"ordinals {sorted(old)} are not at {update}") if old else None

    def _replacement(self, ordinal: int, state: Any) -> _Debt | None:
        """What is owed for an ordinal whose pod is missing, has ended, or is the kubelet's to move."""
        if state is None:
            return None if self._is_held_up(ordinal) else _Debt(NAME, f"ordinal {ordinal} is missing")
        return _Debt(ENDED, f"the pod of ordinal {ordinal} ended and was not replaced") if _has_ended(state) else None


def _is_well(state: Any) -> bool:
    return (
        state is not None and "deletionTimestamp" not in state["metadata"] and not _is_over(state) and is_ready(state)
    )


def _has_ended(state: Any) -> bool:
    """Whether it is the controller's to delete: one that is being deleted already is not."""
    return "deletionTimestamp" not in state["metadata"] and _is_over(state)


def _is_over(state: Any) -> bool:
    return state.get("status", {}).get("phase") in ("Failed", "Succeeded")


def _moves(event: Event) -> bool:
    """Whether a change is more than one of what an object's status says."""
    if event.before is None or event.type != "modified":
        return True
    if event.stream == "persistentvolumeclaims":
        return True
    old, new = event.before["metadata"], event.after["metadata"]
    return any(old.get(part) != new.get(part) for part in MOVING)
