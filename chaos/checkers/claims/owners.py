"""Who owns a claim, by the set's retention policy: what one sync makes of a claim's owner references. Pure.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/statefulset/stateful_set_utils.go (isClaimOwnerUpToDate,
updateClaimOwnerRefForSetAndPod). Before 1.31 foreign controllers were not looked at and own references were plain ones.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Reference(NamedTuple):
    """An owner reference, as far as it matters here."""

    kind: str
    name: str
    uid: str
    is_controller: bool


class Owner(NamedTuple):
    """The set, or the pod of the claim's ordinal; a pod that is not created yet has no uid."""

    kind: str
    name: str
    uid: str


class Policy(NamedTuple):
    """What a version of the set asks for about one claim: `in_range` says whether its ordinal is."""

    deletes_with_set: bool
    deletes_when_scaled: bool
    in_range: bool

    @property
    def keeps(self) -> bool:
        """Retain in both cases."""
        return not (self.deletes_with_set or self.deletes_when_scaled)


References = tuple[Reference, ...]


def references(meta: Mapping[str, Any]) -> References:
    """The owners of an object, in a fixed order."""
    refs = meta.get("ownerReferences")
    if not refs:
        return ()
    return tuple(sorted(Reference(r.get("kind", ""), r["name"], r["uid"], bool(r.get("controller"))) for r in refs))


def wanted(policy: Policy, owner: Owner, pod: Owner) -> tuple[Owner, ...]:
    """Who of the set and the pod is to own the claim."""
    if policy.deletes_when_scaled and not policy.in_range:
        return (pod,)
    return (owner,) if policy.deletes_with_set else ()


def is_stale(refs: References, *owners: Owner) -> bool:
    """Whether an earlier set or pod of the same name owns the claim: then it is left alone."""
    return any(_is_named(ref, owner) and ref.uid != owner.uid for ref in refs for owner in owners)


def is_contested(refs: References, owner: Owner, pod: Owner) -> bool:
    """Whether somebody else controls the claim."""
    return any(ref.is_controller and not _is_named(ref, owner) and not _is_named(ref, pod) for ref in refs)


def written(policy: Policy, owner: Owner, pod: Owner, refs: References) -> References:
    """The references after a sync that reads these; the same if it leaves them alone."""
    if is_stale(refs, owner, pod):
        return refs
    others = tuple(ref for ref in refs if not _is_named(ref, owner) and not _is_named(ref, pod))
    if not policy.keeps and is_contested(refs, owner, pod):
        return others
    ours = (Reference(each.kind, each.name, each.uid, True) for each in wanted(policy, owner, pod))
    return tuple(sorted((*others, *ours)))


def _is_named(ref: Reference, owner: Owner) -> bool:
    return (ref.kind, ref.name) == (owner.kind, owner.name)
