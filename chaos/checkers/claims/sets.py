"""What the checkers of claims know of the target sets: their templates, and the policies that a sync may have read."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from chaos.checkers.claims.owners import Owner, Policy
from chaos.checkers.controller.states import ordinal_of
from chaos.checkers.past import Cursor, Past
from chaos.checkers.revisions.revision import Digest
from chaos.history.order import Event


class Wish(NamedTuple):
    """What a version of a set says about claims, and about whether a pod is to be updated. `template` is a digest."""

    deletes_with_set: bool
    deletes_when_scaled: bool
    start: int
    replicas: int
    template: str
    update_revision: str

    def policy(self, ordinal: int) -> Policy:
        """About the claims of one ordinal."""
        in_range = self.start <= ordinal < self.start + self.replicas
        return Policy(self.deletes_with_set, self.deletes_when_scaled, in_range)


@dataclass
class KnownSet:
    """One set. `templates` maps the names of its claim templates to their labels, `labels` is the selector's."""

    uid: str
    wishes: Past[Wish]
    templates: dict[str, dict[str, str]]
    labels: dict[str, str]
    is_parallel: bool
    digest: Digest
    deleting: str = ""

    def owner(self, name: str) -> Owner:
        """The set as an owner of claims."""
        return Owner("StatefulSet", name, self.uid)


def wish(known: KnownSet, state: Any) -> Wish:
    """What a state of a set says."""
    spec = state["spec"]
    policy = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    return Wish(
        policy.get("whenDeleted") == "Delete",
        policy.get("whenScaled") == "Delete",
        (spec.get("ordinals") or {}).get("start", 0),
        spec.get("replicas", 1),
        known.digest.of(spec["template"]),
        state.get("status", {}).get("updateRevision", ""),
    )


def is_same(event: Event) -> bool:
    """Whether a version of a set says what the one before says, as far as it matters here."""
    before, after = event.before, event.after
    if before["spec"] is not after["spec"]:
        return False
    return bool(before.get("status", {}).get("updateRevision") == after.get("status", {}).get("updateRevision"))


def known_set(event: Event, cursor: Cursor) -> KnownSet:
    """A set at its first sight."""
    spec = event.after["spec"]
    templates = {
        t["metadata"]["name"]: dict(t["metadata"].get("labels") or {}) for t in spec.get("volumeClaimTemplates") or ()
    }
    labels = dict(spec["selector"].get("matchLabels") or {})
    return KnownSet(event.uid, Past(cursor), templates, labels, spec.get("podManagementPolicy") == "Parallel", Digest())


def place(claim: str, set_name: str, known: KnownSet) -> tuple[str, int]:
    """The template and the ordinal in a claim's name; -1 if it is none of the set's."""
    for template in known.templates:
        ordinal = ordinal_of(claim, f"{template}-{set_name}")
        if ordinal >= 0:
            return template, ordinal
    return "", -1
