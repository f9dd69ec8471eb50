"""What a write makes of the owners: an update takes what it changes, an apply claims what it names. Pure.

Facts: sigs.k8s.io/structured-merge-diff v6 merge/update.go, k8s.io/apimachinery 0.37.2 pkg/util/managedfields/internal
(managedfieldsupdater.go, stripmeta.go, conflict.go).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chaos.embedded.api.apply.entries import Owned, Owner, Owners, capped
from chaos.embedded.api.apply.fields import Comparison, compare, fields_of, with_named
from chaos.embedded.api.apply.merging import merged, settled, without
from chaos.embedded.api.apply.paths import Path, Paths, field, ordered, spelled, under
from chaos.embedded.api.apply.shapes import Shape
from chaos.embedded.interface import ApiError, Json

_META = ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "resourceVersion")
NOBODYS: Paths = frozenset(
    [
        *((field(name),) for name in ("apiVersion", "kind", "metadata")),
        *((field("metadata"), field(name)) for name in (*_META, "managedFields")),
    ]
)
"""Fields that nobody owns."""


class Applied(NamedTuple):
    """The object after an apply, and its owners."""

    item: Json
    owners: Owners


class Conflicts(Exception):
    """Others own fields that a configuration wants to change."""

    def __init__(self, by_owner: Mapping[Owner, Paths]) -> None:
        super().__init__()
        self.by_owner = by_owner

    @property
    def paths(self) -> Paths:
        """The fields."""
        return frozenset().union(*self.by_owner.values())


def after_update(
    shape: Shape, old: Json, new: Json, owners: Owners, by: Owner, ignored: Sequence[Path], now: str
) -> Owners:
    """The owners after somebody replaced a state by another. `ignored` begins the paths that this way cannot change."""
    changed = compare(shape, old, new).without(ignored)
    taken = changed.modified | changed.added
    left = {owner: Owned(owned.fields - taken - changed.removed, owned.time) for owner, owned in owners.items()}
    done = {owner: owned for owner, owned in left.items() if owned.fields}
    mine = taken - NOBODYS
    if mine:
        before = done[by].fields if by in done else frozenset()
        done[by] = Owned(before | mine, now)
    return capped(done)


def after_apply(
    shape: Shape,
    live: Json,
    config: Json,
    owners: Owners,
    by: Owner,
    ignored: Sequence[Path],
    force: bool,
    now: str,
) -> Applied:
    """The object and its owners after a configuration was applied.

    Raises:
        Conflicts: others own what it would change, and it is not forced.
    """
    before = owners.get(by)
    named = fields_of(shape, config)
    claimed = {**owners, by: Owned(named - under(named, ignored), before.time if before else "")}
    pruned = _pruned(shape, merged(shape, live, config), claimed, before)
    changed = compare(shape, live, pruned).without(ignored)
    item = settled(pruned)
    done = _after_taking(claimed, by, changed, force)
    kept = done[by].fields - NOBODYS
    time = now if item != live or before is None else before.time
    done = {owner: owned for owner, owned in done.items() if owner != by}
    return Applied(item, {**done, **({by: Owned(kept, time)} if kept else {})})


def refusal(conflicts: Conflicts, api_version: str) -> ApiError:
    """409, with one cause for each field."""
    pairs = [
        (owner, path)
        for owner in sorted(conflicts.by_owner, key=lambda each: (each.manager, each.operation, each.subresource))
        for path in ordered(conflicts.by_owner[owner])
    ]
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_called(owner, api_version)}",
            "field": spelled(path),
        }
        for owner, path in pairs
    ]
    return ApiError(409, "Conflict", _message(pairs, api_version), {"causes": causes})


def _after_taking(owners: Owners, by: Owner, changed: Comparison, force: bool) -> dict[Owner, Owned]:
    taken = changed.modified | changed.added
    others = {owner: owned for owner, owned in owners.items() if owner != by}
    conflicts = {owner: owned.fields & taken for owner, owned in others.items() if owned.fields & taken}
    if conflicts and not force:
        raise Conflicts(conflicts)
    left = {owner: Owned(each.fields - taken - changed.removed, each.time) for owner, each in others.items()}
    return {by: owners[by], **{owner: owned for owner, owned in left.items() if owned.fields}}


def _pruned(shape: Shape, item: Any, owners: Owners, last: Owned | None) -> Json:
    """The merged object without what was applied before, is not any more, and belongs to nobody else."""
    if last is None or not last.fields:
        return dict(item)
    managed: Paths = frozenset().union(*(owned.fields for owned in owners.values()))
    mine = with_named(shape, last.fields)
    before = with_named(shape, fields_of(shape, item))
    less = with_named(shape, fields_of(shape, without(shape, item, mine)))
    # What somebody else owns comes back, and so does what stood below a removed field and was not the applier's.
    kept = without(shape, item, before - (less | with_named(shape, managed)))
    gone = (before - with_named(shape, fields_of(shape, kept))) & mine
    return dict(without(shape, item, gone))


def _message(pairs: Sequence[tuple[Owner, Path]], api_version: str) -> str:
    owners = {owner: None for owner, _ in pairs}
    if len(pairs) == 1:
        owner, path = pairs[0]
        return f"Apply failed with 1 conflict: conflict with {_called(owner, api_version)}: {spelled(path)}"
    lines: list[str] = []
    for owner in owners:
        lines.append(f"conflicts with {_called(owner, api_version)}:")
        lines += [f"- {spelled(path)}" for each, path in pairs if each == owner]
    return f"Apply failed with {len(pairs)} conflicts: " + "\n".join(lines)


def _called(owner: Owner, api_version: str) -> str:
    name = f'"{owner.manager}"' + (f' with subresource "{owner.subresource}"' if owner.subresource else "")
    return f"{name} using {api_version}" if owner.operation == "Update" else name
