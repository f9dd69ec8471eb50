"""managedFields of stored objects, as the API server's verbs keep them.

Objects are tracked from their first apply on, or from their creation where the server asks for that: an object without
managedFields costs a write nothing. Facts: k8s.io/apimachinery 0.37.2 pkg/util/managedfields/internal (fieldmanager.go,
skipnonapplied.go, lastapplied*.go, versioncheck.go), GetResetFields of k8s.io/kubernetes pkg/registry/*/strategy.go.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from chaos.embedded.api.apply.declared import undeclared
from chaos.embedded.api.apply.entries import Owner, Owners, decoded, encoded, is_reset
from chaos.embedded.api.apply.fields import compare, empty, fields_of
from chaos.embedded.api.apply.ownership import Conflicts, after_apply, after_update, refusal
from chaos.embedded.api.apply.paths import Path, Paths, field
from chaos.embedded.api.apply.shapes import Shape, of_type
from chaos.embedded.api.errors import bad_request
from chaos.embedded.api.resources import Resource
from chaos.embedded.api.schema import message_of
from chaos.embedded.interface import ApiError, Json

BEFORE_FIRST_APPLY = "before-first-apply"
UNKNOWN = "unknown"
KUBECTL = "kubectl"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_STATUS_IGNORES: Mapping[str, tuple[Path, ...]] = {
    "pods": (
        (field("spec"),),
        (field("metadata"), field("deletionTimestamp")),
        (field("metadata"), field("ownerReferences")),
    )
}

_ADMITTED: Mapping[str, tuple[Path, ...]] = {
    "pods": tuple(
        (field("spec"), field(name))
        for name in ("serviceAccount", "serviceAccountName", "tolerations", "priority", "preemptionPolicy")
    ),
    "persistentvolumeclaims": ((field("metadata"), field("finalizers")), (field("spec"), field("storageClassName"))),
    "services": tuple(
        (field("spec"), field(name)) for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
    ),
    "namespaces": ((field("spec"), field("finalizers")),),
}
"""What admission or the registry adds to a new object after its fields have got their owner."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Request(NamedTuple):
    """A write as far as ownership is concerned: of which kind, by which manager, through which subresource, when."""

    kind: Resource
    manager: str
    subresource: str
    now: str

    @property
    def ignored(self) -> tuple[Path, ...]:
        """What begins the paths that this way cannot change."""
        if self.subresource == "status":
            return _STATUS_IGNORES.get(self.kind.name, ((field("spec"),),))
        return ((field("status"),),) if "status" in self.kind.subresources else ()


def created(request: Request, body: Json, item: Json) -> Json:
    """A new object with its creator as the owner of what it sent in `body` and of the defaults of the types."""
    admitted = [path for path in _ADMITTED.get(request.kind.name, ()) if not _is_given(body, path)]
    start = empty(message_of(request.kind.name).name)
    ignored = (*request.ignored, *admitted)
    return _with(item, after_update(_shape(request), start, item, {}, _updater(request), ignored, request.now), request)


def with_owners(item: Json, entries: list[Json]) -> Json:
    """An object with these managedFields, without any if there are no entries."""
    meta = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    return {**item, "metadata": {**meta, "managedFields": entries} if entries else meta}


def manager_of(user: str) -> str:
    """The name under which a component of the cluster writes, which names none itself."""
    if user.startswith("system:node:"):
        return "kubelet"
    if user.startswith("system:serviceaccount:kube-system:"):
        return "kube-controller-manager"
    return user.removeprefix("system:")


def checked(kind: Resource, namespace: str, name: str, config: Any) -> Json:
    """A configuration that may be applied under this name, with the name and namespace that it need not repeat.

    Raises:
        ApiError: 400, it is no object, of another kind, or has another name.
    """
    if not isinstance(config, dict) or not isinstance(config.get("metadata") or {}, dict):
        raise bad_request("error decoding patch: the configuration is not an object")
    version, what = config.get("apiVersion"), config.get("kind")
    if (version, what) != (kind.api_version, kind.kind):
        raise bad_request(f"invalid object type: {version}, Kind={what}")
    meta = config.get("metadata") or {}
    if "managedFields" in meta:
        raise bad_request("metadata.managedFields must be nil")
    if meta.get("name", name) != name:
        raise bad_request(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")
    if kind.namespaced and meta.get("namespace", namespace) != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    placed = {"name": name, **({"namespace": namespace} if kind.namespaced else {})}
    return {**config, "metadata": {**meta, **placed}}


def updated(request: Request, old: Json, new: Json, given: Any) -> Json:
    """A new state with its owners. `given` are the managedFields that came with it, None if none did."""
    owners = _before(request, old, given)
    if not owners:
        return new
    # Kubernetes forgets the time of a change that came through a Scale (managedfields/scalehandler.go, ToParent).
    now = "" if request.subresource == "scale" and _updater(request) not in owners else request.now
    plain = _without_owners(old)
    done = after_update(_shape(request), plain, new, owners, _updater(request), request.ignored, now)
    return _with(new, done, request)


def applied(request: Request, live: Json | None, config: Json, *, force: bool) -> Json:
    """What an apply makes of an object, with its owners; of nothing where `live` is None.

    Raises:
        ApiError: 409 it conflicts, 500 it has a field that there is not.
    """
    _check(request, config)
    shape = _shape(request)
    base: Json = {} if live is None else _without_owners(live)
    owners = {} if live is None else decoded(live["metadata"].get("managedFields"), request.kind.api_version)
    if live is not None and not owners:
        first = Owner(BEFORE_FIRST_APPLY, "Update", request.subresource)
        start = empty(message_of(request.kind.name).name)
        owners = after_update(shape, start, base, {}, first, request.ignored, request.now)
    by = Owner(request.manager or UNKNOWN, "Apply", request.subresource)
    try:
        done = after_apply(shape, base, config, owners, by, request.ignored, force, request.now)
    except Conflicts as error:
        left = _not_from_last_applied(request, base, error)
        if left:
            raise refusal(Conflicts(left), request.kind.api_version) from error
        done = after_apply(shape, base, config, owners, by, request.ignored, True, request.now)
    return _with(_with_last_applied(request, done.item, config), done.owners, request)


def is_same(new: Json, old: Json) -> bool:
    """Whether two states differ in nothing but the times at which their fields changed hands."""
    before, after = old["metadata"].get("managedFields"), new["metadata"].get("managedFields")
    if before is None or after is None:
        return new == old
    return _without_owners(new) == _without_owners(old) and _timeless(after) == _timeless(before)


def _shape(request: Request) -> Shape:
    return of_type(message_of(request.kind.name).name)


def _updater(request: Request) -> Owner:
    return Owner(request.manager or UNKNOWN, "Update", request.subresource)


def _before(request: Request, old: Json, given: Any) -> Owners:
    """The owners that a write starts from: those it brings along, if that is not through a subresource, or the old ones."""
    version = request.kind.api_version
    if not request.subresource and given is not None:
        if is_reset(given):
            return {}
        try:
            brought = decoded(given, version)
        except ValueError:
            brought = {}
        if brought:
            return brought
    return decoded(old["metadata"].get("managedFields"), version)


def _with(item: Json, owners: Owners, request: Request) -> Json:
    return with_owners(item, encoded(owners, request.kind.api_version))


def _without_owners(item: Json) -> Json:
    return {**item, "metadata": {key: value for key, value in item["metadata"].items() if key != "managedFields"}}


def _timeless(entries: list[Json]) -> list[Json]:
    return sorted(({**each, "time": ""} for each in entries), key=_encode)


def _check(request: Request, config: Json) -> None:
    wrong = undeclared(_shape(request), config)
    if wrong:
        meta = config["metadata"]
        named = f"{meta.get('namespace', '')}/{meta['name']}; {request.kind.api_version}, Kind={request.kind.kind}"
        raise ApiError(500, "", f"failed to create typed patch object ({named}): {wrong}")


def _is_given(body: Json, path: Path) -> bool:
    node: Any = body
    for element in path:
        node = node.get(element[2:]) if isinstance(node, dict) else None
    return node is not None


def _not_from_last_applied(request: Request, live: Json, conflicts: Conflicts) -> dict[Owner, Paths]:
    """The conflicts that kubectl's own annotation, written when it merged at its own side, does not explain."""
    if request.manager != KUBECTL:
        return dict(conflicts.by_owner)
    allowed = _last_applied_fields(request, live)
    return {owner: paths - allowed for owner, paths in conflicts.by_owner.items() if paths - allowed}


def _last_applied_fields(request: Request, live: Json) -> Paths:
    """What kubectl applied at its own side and is still as it was applied."""
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED, "")
    try:
        last = _decode(text)
    except msgspec.DecodeError:
        return frozenset()
    if not isinstance(last, dict) or last.get("apiVersion") != request.kind.api_version:
        return frozenset()
    shape = _shape(request)
    changed = compare(shape, last, live)
    return fields_of(shape, last) - changed.modified - changed.added - changed.removed


def _with_last_applied(request: Request, item: Json, config: Json) -> Json:
    annotations = (item.get("metadata") or {}).get("annotations") or {}
    if request.manager != KUBECTL or not annotations.get(LAST_APPLIED):
        return item
    meta = dict(config.get("metadata") or {})
    if meta.get("annotations"):
        meta["annotations"] = {key: value for key, value in meta["annotations"].items() if key != LAST_APPLIED}
    text = _encode({**config, "metadata": meta}).decode() + "\n"
    return {**item, "metadata": {**item["metadata"], "annotations": {**annotations, LAST_APPLIED: text}}}
