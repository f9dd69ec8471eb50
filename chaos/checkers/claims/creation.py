"""How claims come: as the set's templates say, before their pod, and again where a pending pod lacks one (S15, S52, S57)."""

from typing import Any, NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.claims.sets import KnownSet, is_same, known_set, place, wish
from chaos.checkers.controller.rules import rules
from chaos.checkers.controller.states import controller_uid, is_ready, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.past import Cursor, Past
from chaos.checkers.progress import MARGIN_S
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event

SHAPE, FIRST, REPAIRED = "claims.shape", "claims.before-pod", "claims.repaired"

UNSEEN_S = 10.0
"""A sync that begins so long after a claim is gone sees that, or is a suspect; the end of a claim begins none (spec S83)."""


class _Claim(NamedTuple):
    uid: str
    terminating: bool


class ClaimCreationChecker(Checker):
    """Judges the claims that come, and the pods that come with them."""

    reads = ("operations",)
    follows = ("statefulsets", "persistentvolumeclaims", "pods")

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._reads_own_writes = rules(court.info.controller.version, court.info.controller.gates).reads_own_writes
        self._own = OwnRequests("persistentvolumeclaims")
        self._cursor = Cursor(court.lease)
        self._sets: dict[str, KnownSet] = {}
        self._claims: dict[str, Past[_Claim | None]] = {}
        self._gone: dict[str, float] = {}
        self._fresh: set[str] = set()
        self._pods: dict[str, Any] = {}
        self._created = 0.0
        self._changed = 0.0
        self._changed_entry = 0

    def on_entry(self, entry: Entry) -> None:
        """Claims of this run's own making are its own affair."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        name = event.after["metadata"]["name"]
        if event.stream == "persistentvolumeclaims":
            self._on_claim(event, name)
            return
        if event.stream == "statefulsets" and name == self._set_name:
            self._on_set(event)
        elif event.stream == "pods" and ordinal_of(name, self._set_name) >= 0:
            self._on_pod(event, name)
        else:
            return
        self._changed, self._changed_entry = event.t, event.i

    def on_restart(self) -> None:
        """A new process may have read anything."""
        self._cursor.restart()

    def on_phase_ended(self, entry: Entry) -> None:
        """A phase ended: if it was not reached, a claim may be owed."""
        if entry.data["reached"]:
            return
        stood_still = entry.t - self._changed
        had_time = stood_still > self._changed - self._created + MARGIN_S and self._lease.ran(self._changed, entry.t)
        for claim, pod in self._owed():
            if had_time and self._changed > self._gone.get(claim, 0.0) + UNSEEN_S:
                message = (
                    f"phase {entry.data['name']}: {pod} is Pending and its claim {claim} is missing, although the controller had "
                    f"reason to look at both and nothing changed for {stood_still:.0f} s"
                )
                objects = (f"pods/{pod}", f"persistentvolumeclaims/{claim}")
                self._ledger.violated(REPAIRED, message, (self._changed_entry, entry.i), objects)
            else:
                self._ledger.doubted(
                    REPAIRED, f"phase {entry.data['name']} ended before the claim {claim} was made again"
                )

    def _on_set(self, event: Event) -> None:
        if event.type == "deleted":
            self._sets.pop(event.uid, None)
            return
        if event.uid not in self._sets:
            self._sets[event.uid] = known_set(event, self._cursor)
            self._created = event.t
        known = self._sets[event.uid]
        known.deleting = str(event.after["metadata"].get("deletionTimestamp", ""))
        if event.before is None or not is_same(event):
            known.wishes.see(event.rv, event.t, wish(known, event.after))

    def _on_claim(self, event: Event, name: str) -> None:
        past = self._claims.get(name)
        if past is None:
            past = self._claims[name] = Past(self._cursor)
        if event.type == "added" and not self._own.may_have_made(event, "create"):
            self._on_new_claim(event, name)
        if event.type == "deleted":
            past.see(event.rv, event.t, None)
            self._gone[name] = event.t
        else:
            past.see(event.rv, event.t, _Claim(event.uid, "deletionTimestamp" in event.after["metadata"]))

    def _on_new_claim(self, event: Event, name: str) -> None:
        for known in self._sets.values():
            template, ordinal = place(name, self._set_name, known)
            if ordinal < 0:
                continue
            self._fresh.add(name)
            if self._reads_own_writes:
                self._cursor.wrote(event.rv, event.t)
            self._ledger.exercised(SHAPE)
            labels = event.after["metadata"].get("labels") or {}
            wanted = {**known.templates[template], **known.labels}
            wrong = [f"{key} is {labels.get(key)!r}" for key, value in wanted.items() if labels.get(key) != value]
            if wrong:
                message = (
                    f"claim {name}, created at resourceVersion {event.rv}: label {', '.join(wrong)}, expected {wanted}"
                )
                self._ledger.violated(SHAPE, message, (event.i,), (f"persistentvolumeclaims/{name}",))
            pod = self._pods.get(f"{self._set_name}-{ordinal}")
            if pod is not None and _waits(pod, known.uid):
                self._ledger.exercised(REPAIRED)

    def _on_pod(self, event: Event, name: str) -> None:
        known = self._sets.get(controller_uid(event.after["metadata"]))
        if event.type == "added" and known is not None:
            for template in known.templates:
                self._on_mount(event, name, f"{template}-{name}")
        if event.type != "deleted":
            self._pods[name] = event.after
        elif self._pods.get(name, event.after)["metadata"]["uid"] == event.uid:
            self._pods.pop(name, None)

    def _on_mount(self, event: Event, pod: str, claim: str) -> None:
        """The controller created a pod that mounts this claim."""
        past = self._claims.setdefault(claim, Past(self._cursor))
        found = past.explain(event.t, lambda state: state is not None and not state.terminating)
        if found.is_refuted:
            now = past.newest
            state = "is being deleted" if now is not None else "does not exist"
            message = (
                f"{pod} was created at resourceVersion {event.rv} while its claim {claim} {state}; no state that the controller "
                f"may have seen has it, and not on its way out"
            )
            objects = (f"pods/{pod}", f"persistentvolumeclaims/{claim}")
            self._ledger.violated(FIRST, message, (event.i,), objects)
        elif found.is_suspect:
            why = f"suspect: {pod} was created at resourceVersion {event.rv}, its claim {claim} was there and to stay only"
            self._ledger.doubted(FIRST, f"{why} {found.stale_s:.1f} s before")
        elif claim in self._fresh or claim in self._gone:
            self._ledger.exercised(FIRST)
        self._fresh.discard(claim)
        self._gone.pop(claim, None)

    def _owed(self) -> list[tuple[str, str]]:
        """Claims that are missing of pending pods that the controller gets to, with these pods."""
        found = []
        for known in self._sets.values():
            newest = known.wishes.newest
            if newest is None or known.deleting:
                continue
            for ordinal in range(newest.start, newest.start + newest.replicas):
                name = f"{self._set_name}-{ordinal}"
                pod = self._pods.get(name)
                if pod is not None and _waits(pod, known.uid):
                    claims = [f"{template}-{name}" for template in known.templates]
                    found += [(claim, name) for claim in claims if self._is_missing(claim)]
                if not known.is_parallel and (pod is None or not _is_healthy(pod)):
                    break
        return found

    def _is_missing(self, claim: str) -> bool:
        past = self._claims.get(claim)
        return past is None or past.newest is None


def _waits(pod: Any, set_uid: str) -> bool:
    meta = pod["metadata"]
    is_pending = pod.get("status", {}).get("phase", "Pending") == "Pending"
    return is_pending and "deletionTimestamp" not in meta and controller_uid(meta) == set_uid


def _is_healthy(pod: Any) -> bool:
    return is_ready(pod) and pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
