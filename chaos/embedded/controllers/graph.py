"""Who owns whom, as the events tell it, and what an event gives reason to look at. Synchronous, no requests.

Facts: k8s.io/kubernetes 1.37.2 pkg/controller/garbagecollector/graph_builder.go (processGraphChanges). Left out: dependents
that disagree about the coordinates of an owner that nobody has seen.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chaos.embedded.api.deletion import FOREGROUND, ORPHAN
from chaos.embedded.api.resources import RESOURCES
from chaos.embedded.interface import EventType, Json

REMEMBERED = 500
"""Absent owners that are known to be absent without asking again."""

_BY_KIND = {(each.api_version, each.kind): each for each in RESOURCES.values()}


class Ref(NamedTuple):
    """One object in one of its lives."""

    resource: str
    namespace: str
    name: str
    uid: str


class Node:
    """One object: what owns it, what it owns (by uid), and how its deletion goes.

    It is not observed as long as only its dependents have spoken of it.
    """

    __slots__ = (
        "dependents",
        "is_being_deleted",
        "is_deleting_dependents",
        "is_observed",
        "is_orphaning",
        "owners",
        "ref",
    )

    def __init__(self, ref: Ref, *, is_observed: bool) -> None:
        self.ref = ref
        self.owners: Sequence[Json] = ()
        self.dependents: dict[str, Node] = {}
        self.is_observed = is_observed
        self.is_being_deleted = False
        self.is_deleting_dependents = False
        self.is_orphaning = False

    def blocking(self) -> list["Node"]:
        """The dependents that hold up its foreground deletion."""
        return [
            each
            for each in self.dependents.values()
            if any(owner["uid"] == self.ref.uid and owner.get("blockOwnerDeletion") for owner in each.owners)
        ]


class Looks(NamedTuple):
    """Uids of objects to look at: whether they are to be deleted, and whether their dependents are to be let go."""

    delete: list[str]
    orphan: list[str]


class Graph:
    """All objects that own or are owned, by uid."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._absent: dict[Ref, None] = {}

    def get(self, uid: str) -> Node | None:
        """The object, if it is known."""
        return self._nodes.get(uid)

    def observe(self, resource: str, kind: EventType, item: Json) -> Looks:
        """Take in an event."""
        meta = item["metadata"]
        looks = Looks([], [])
        if kind == "DELETED":
            self._remove(meta["uid"], looks)
            return looks
        node = self._nodes.get(meta["uid"])
        ref = Ref(resource, meta.get("namespace", ""), meta["name"], meta["uid"])
        if node is None:
            node = self._nodes[meta["uid"]] = Node(ref, is_observed=True)
        elif not node.is_observed:
            self._reveal(node, ref, looks)
        references = meta.get("ownerReferences") or ()
        if node.owners != references:
            self._own(node, references, looks)
        if "deletionTimestamp" in meta:
            self._begin_deletion(node, meta.get("finalizers") or (), looks)
        return looks

    def forget(self, uid: str) -> Looks:
        """The server says that there is no such object."""
        looks = Looks([], [])
        self._remove(uid, looks)
        return looks

    def is_absent(self, ref: Ref) -> bool:
        """Whether it is known that there is no such owner."""
        return ref in self._absent

    def mark_absent(self, ref: Ref) -> None:
        """Remember that there is no such owner."""
        self._absent[ref] = None
        if len(self._absent) > REMEMBERED:
            del self._absent[next(iter(self._absent))]

    def _reveal(self, node: Node, ref: Ref, looks: Looks) -> None:
        if node.ref != ref:
            node.ref = ref
            looks.delete.extend(uid for uid, each in node.dependents.items() if not _agrees(each, ref))
        node.is_observed = True

    def _own(self, node: Node, references: Sequence[Json], looks: Looks) -> None:
        """Change whom an object is owned by."""
        before = {each["uid"]: each for each in node.owners}
        after = {each["uid"]: each for each in references}
        for uid, reference in before.items():
            still = uid in after and after[uid].get("blockOwnerDeletion")
            if reference.get("blockOwnerDeletion") and not still and uid in self._nodes:
                looks.delete.append(uid)
            if uid not in after and uid in self._nodes:
                self._nodes[uid].dependents.pop(node.ref.uid, None)
        node.owners = references
        for uid, reference in after.items():
            if uid not in before:
                self._add_dependent(node, reference, looks)

    def _add_dependent(self, node: Node, reference: Json, looks: Looks) -> None:
        owner = self._nodes.get(reference["uid"])
        if owner is None:
            ref = owner_ref(node.ref.namespace, reference)
            if ref is None:
                # Of a kind that the server does not know, nobody can say whether it is there.
                return
            owner = self._nodes[ref.uid] = Node(ref, is_observed=False)
            looks.delete.append(ref.uid)
        elif not _agrees(node, owner.ref):
            looks.delete.append(node.ref.uid)
        owner.dependents[node.ref.uid] = node

    def _begin_deletion(self, node: Node, finalizers: Sequence[str], looks: Looks) -> None:
        node.is_being_deleted = True
        if ORPHAN in finalizers:
            if not node.is_orphaning:
                node.is_orphaning = True
                looks.orphan.append(node.ref.uid)
        elif FOREGROUND in finalizers and not node.is_deleting_dependents:
            node.is_deleting_dependents = True
            looks.delete.extend([*node.dependents, node.ref.uid])

    def _remove(self, uid: str, looks: Looks) -> None:
        node = self._nodes.pop(uid, None)
        if node is None:
            return
        if node.dependents:
            self.mark_absent(node.ref)
        looks.delete.extend(node.dependents)
        for reference in node.owners:
            owner = self._nodes.get(reference["uid"])
            if owner is not None:
                owner.dependents.pop(uid, None)
                if owner.is_deleting_dependents:
                    looks.delete.append(owner.ref.uid)


def owner_ref(namespace: str, reference: Json) -> Ref | None:
    """What a reference of an object in `namespace` points at; None if the server knows no such kind."""
    kind = _BY_KIND.get((reference["apiVersion"], reference["kind"]))
    if kind is None:
        return None
    return Ref(kind.name, namespace if kind.namespaced else "", reference["name"], reference["uid"])


def _agrees(dependent: Node, owner: Ref) -> bool:
    """Whether the object names its owner rightly: an owner with a namespace is in that of its dependents."""
    return any(owner_ref(dependent.ref.namespace, each) == owner for each in dependent.owners)
