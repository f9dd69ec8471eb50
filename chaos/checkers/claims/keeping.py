"""When claims go: by this run, or with the last of their owners, and then they do go (S53-S56, S64)."""

from typing import Any, ClassVar, NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.cascade import COLLECTED_S
from chaos.checkers.claims.living import Living
from chaos.checkers.claims.owners import references
from chaos.checkers.claims.retention import DELETED, SCALED
from chaos.checkers.controller.states import controller_uid, ordinal_of
from chaos.checkers.panel import Checker, Court
from chaos.checkers.requests import OwnRequests
from chaos.history.entries import Entry
from chaos.history.order import Event

KEPT = "claims.kept"


class _Claim(NamedTuple):
    state: Any
    entry: int


class ClaimKeepingChecker(Checker):
    """The controller deletes no claim: it gives it owners, and the garbage collector deletes it once these are gone."""

    reads = ("operations",)
    follows = ("statefulsets", "persistentvolumeclaims", "pods")
    minds: ClassVar = {
        "statefulsets": ("spec", "deletionTimestamp", "finalizers"),
        "pods": ("deletionTimestamp", "finalizers"),
    }

    def __init__(self, court: Court) -> None:
        self._set_name = court.info.statefulset
        self._ledger = court.ledger
        self._lease = court.lease
        self._own = OwnRequests("persistentvolumeclaims")
        self._living = Living()
        self._templates: dict[str, None] = {}
        self._sets: dict[str, None] = {}
        self._claims: dict[str, _Claim] = {}
        self._orphaned: dict[str, float] = {}

    def on_entry(self, entry: Entry) -> None:
        """Claims that this run deletes are its own affair."""
        self._own.on_entry(entry)

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        meta = event.after["metadata"]
        match event.stream:
            case "statefulsets":
                self._living.on_event(event)
                if meta["name"] == self._set_name:
                    self._sets[event.uid] = None
                    claims = event.after["spec"].get("volumeClaimTemplates") or ()
                    self._templates.update(dict.fromkeys(each["metadata"]["name"] for each in claims))
            case "pods":
                self._living.on_event(event)
                if event.type == "deleted" and controller_uid(meta) in self._sets:
                    self._on_pod_gone(meta["name"])
            case "persistentvolumeclaims":
                self._on_claim(event)
                return
        if event.type == "deleted":
            self._bereave(event)

    def finish(self, now: float) -> None:
        """Claims whose owners are gone, and that are still there."""
        for name, since in self._orphaned.items():
            if not self._is_of_the_set(name):
                continue
            claim = self._claims[name]
            waited = now - since
            promise = (
                DELETED if any(ref.kind == "StatefulSet" for ref in references(claim.state["metadata"])) else SCALED
            )
            if waited > COLLECTED_S and self._lease.ran(since, now):
                message = f"claim {name} is still there {waited:.0f} s after the last of its owners was removed"
                self._ledger.violated(promise, message, (claim.entry,), (f"persistentvolumeclaims/{name}",))
            else:
                self._ledger.doubted(promise, f"claim {name} had not been collected when the record ended")

    def _on_claim(self, event: Event) -> None:
        name = event.after["metadata"]["name"]
        known = self._claims.get(name)
        was_going = event.before is not None and "deletionTimestamp" in event.before["metadata"]
        is_going = event.type == "deleted" or "deletionTimestamp" in event.after["metadata"]
        is_new = is_going and not was_going and event.type != "listed" and self._is_of_the_set(name)
        if is_new and not self._own.may_have_made(event, "delete"):
            self._on_deleted(event, name, known.entry if known is not None else event.i)
        if is_going:
            self._claims.pop(name, None)
            self._orphaned.pop(name, None)
        else:
            self._claims[name] = _Claim(event.after, event.i)
            self._judge_orphan(name, event.t)

    def _on_deleted(self, event: Event, name: str, known: int) -> None:
        """Nobody whom this run knows of deleted a claim: only the garbage collector may."""
        # It names the version that it deletes, so that its owners were those of the state before.
        refs = references((event.before or event.after)["metadata"])
        keepers = [ref for ref in refs if self._living.is_solid(ref.uid)]
        if refs and not keepers:
            if any(ref.kind == "Pod" and self._living.was_there(ref.uid) for ref in refs):
                self._ledger.exercised(SCALED)
            elif any(ref.uid in self._sets for ref in refs):
                self._ledger.exercised(DELETED)
            return
        why = f"its owner {keepers[0].kind} {keepers[0].name} is there" if keepers else "it has no owner to go with"
        message = f"claim {name} was removed at resourceVersion {event.rv} by no operation of this run, although {why}"
        self._ledger.violated(KEPT, message, (known, event.i), (f"persistentvolumeclaims/{name}",))

    def _on_pod_gone(self, pod: str) -> None:
        """A pod is gone, and its claims stay unless they were its own."""
        for template in self._templates:
            claim = self._claims.get(f"{template}-{pod}")
            if claim is not None and not any(ref.kind == "Pod" for ref in references(claim.state["metadata"])):
                self._ledger.exercised(KEPT)

    def _bereave(self, event: Event) -> None:
        """A set or a pod is gone: claims may have lost their last owner."""
        for name in self._claims:
            self._judge_orphan(name, event.t)

    def _judge_orphan(self, name: str, now: float) -> None:
        refs = references(self._claims[name].state["metadata"])
        if refs and all(self._living.was_there(ref.uid) for ref in refs):
            self._orphaned.setdefault(name, now)
        else:
            self._orphaned.pop(name, None)

    def _is_of_the_set(self, claim: str) -> bool:
        return any(ordinal_of(claim, f"{template}-{self._set_name}") >= 0 for template in self._templates)
