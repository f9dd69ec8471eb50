"""The verbs of the API server over the store: what is read, admitted, defaulted, validated, written and refused."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Literal

import msgspec

from chaos.embedded.api import apply, bindings, errors, evictions, reviews, scale, validation
from chaos.embedded.api.admission import admit
from chaos.embedded.api.defaults import defaulted, redefaulted, without_disabled
from chaos.embedded.api.deletion import deletion
from chaos.embedded.api.nulls import without_nulls
from chaos.embedded.api.patches import PatchError, json_patch, merge
from chaos.embedded.api.resources import RESOURCES, Resource
from chaos.embedded.api.schema import Message, message_of, messages
from chaos.embedded.api.stamps import generated, timestamp
from chaos.embedded.api.store import Compacted, Rehearsal, Store
from chaos.embedded.api.strategic import strategic
from chaos.embedded.interface import ApiError, Json, Listing, NewUid, Now, OnEvent, PatchType, Propagation
from chaos.embedded.release import Release

_FIXED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName")
"""Metadata that an update does not change."""

SCALE = "autoscaling.v1.Scale"

ITSELF = "system:apiserver"

FIRST_NODE_PORT = 30000
"""From here on ports of nodes are given to Services (--service-node-port-range)."""

_KUBERNETES: Json = {
    "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
    "spec": {
        "clusterIP": "10.96.0.1",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
    },
}

Tracked = Literal["from creation", "from first apply"]
"""Since when an object's managedFields are kept. Kubernetes has them from creation on; each write then costs more."""

Owning = Callable[[Json], Json]
"""Gives a new state of an object its managedFields."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class ApiServer:
    """An API server without HTTP; implements `chaos.embedded.interface.Api`."""

    def __init__(
        self, now: Now, new_uid: NewUid, tracked: Tracked = "from first apply", release: Release | None = None
    ) -> None:
        """Start empty but for the namespaces and the Service that every cluster has."""
        self.store = Store(tuple(RESOURCES))
        self._now = now
        self._new_uid = new_uid
        self._tracked = tracked
        self._release = release or Release()
        self._addresses = self._node_ports = 0
        for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
            self.create("namespaces", "", {"metadata": {"name": name}}, user=ITSELF)
        self.create("services", "default", _KUBERNETES, user=ITSELF)

    def get(self, resource: str, namespace: str, name: str, *, subresource: str = "") -> Json:
        """One object, or its Scale."""
        item = self._existing(resource, namespace, name)
        return scale.view(item) if subresource == "scale" else item

    def list(self, resource: str, namespace: str = "") -> Listing:
        """All objects at the present version."""
        return Listing(self.store.rv, self.store.list(resource, namespace))

    def list_at(self, resource: str, rv: int) -> tuple[Json, ...]:
        """See `Api.list_at`."""
        try:
            return self.store.list_at(resource, rv)
        except Compacted as error:
            raise errors.expired(rv, error.oldest) from error

    def watch(self, resource: str, on_event: OnEvent, *, since: int) -> Callable[[], None]:
        """See `Api.watch`."""
        try:
            return self.store.watch(resource, on_event, since)
        except Compacted as error:
            raise errors.expired(since, error.oldest) from error

    def rehearsal(self) -> "ApiServer":
        """See `Api.rehearsal`."""
        other = copy(self)
        other.store = Rehearsal(self.store)
        return other

    def create(
        self,
        resource: str,
        namespace: str,
        body: Json,
        *,
        user: str,
        subresource: str = "",
        name: str = "",
        manager: str = "",
    ) -> Json:
        """See `Api.create`."""
        if subresource == "binding":
            self.store.put("pods", bindings.bound(self._existing("pods", namespace, name), body, self._now()))
            return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
        if subresource == "eviction":
            return evictions.evict(self, namespace, name, body, user, self._now())
        kind = RESOURCES[resource]
        if not kind.stored:
            return reviews.answered(kind, _kinded(kind, body), user, self._now())
        return self._add(kind, namespace, _decode(_encode(body)), self._created(kind, body, user, manager))

    def update(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Json,
        *,
        user: str,
        subresource: str = "",
        manager: str = "",
    ) -> Json:
        """See `Api.update`."""
        kind, old = RESOURCES[resource], self._existing(resource, namespace, name)
        # Of an update of the status nothing else is looked at.
        given = {key: body[key] for key in ("metadata", "status") if key in body} if subresource == "status" else body
        body = _decode(_encode(given))
        errors.expect(kind, old["metadata"], "UID", (body.get("metadata") or {}).get("uid"), old["metadata"]["uid"])
        return self._update(kind, old, body, subresource, manager or apply.manager_of(user))

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType,
        *,
        user: str,
        subresource: str = "",
        manager: str = "",
        force: bool = False,
    ) -> Json:
        """See `Api.patch`."""
        kind = RESOURCES[resource]
        if patch_type == "apply":
            return self._apply(kind, namespace, name, _decode(_encode(body)), subresource, manager, force)
        old = self._existing(resource, namespace, name)
        shown = scale.view(old) if subresource == "scale" else old
        message = messages()[SCALE] if subresource == "scale" else message_of(resource)
        try:
            new = _PATCHES[patch_type](message, shown, _decode(_encode(body)))
        except PatchError as error:
            if error.status == 400:
                raise errors.bad_request(str(error)) from error
            # What is wrong is not told (k8s.io/apiserver 0.37.2 pkg/endpoints/handlers/patch.go).
            raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request") from error
        except KeyError:
            raise ApiError(415, "UnsupportedMediaType", "the body of the request was in an unknown format") from None
        return self._update(kind, old, new, subresource, manager or apply.manager_of(user))

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        user: str,
        uid: str | None = None,
        rv: str | None = None,
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        """See `Api.delete`; the answer is the object as it was last written."""
        kind = RESOURCES[resource]
        item = self._existing(resource, namespace, name)
        meta = item["metadata"]
        if uid is not None and uid != meta["uid"]:
            raise errors.conflict(
                kind,
                name,
                f"the UID in the precondition ({uid}) does not match the UID in record ({meta['uid']}). "
                "The object might have been deleted and then recreated",
            )
        if rv is not None and rv != meta["resourceVersion"]:
            raise errors.conflict(
                kind,
                name,
                f"the ResourceVersion in the precondition ({rv}) does not match the ResourceVersion in record "
                f"({meta['resourceVersion']}). The object might have been modified",
            )
        if resource == "namespaces":
            return self._terminate(item)
        found = deletion(resource, item, grace_s, propagation, self._now())
        if found.item is not None:
            item = self.store.put(resource, found.item)
        return self.store.remove(resource, item) if found.removes else item

    def compact(self, rv: int) -> None:
        """Forget the changes up to a version: a watch from before it is answered 410."""
        self.store.compact(rv)

    def _existing(self, resource: str, namespace: str, name: str) -> Json:
        item = self.store.get(resource, namespace, name)
        if item is None:
            raise errors.not_found(RESOURCES[resource], name)
        return item

    def _add(self, kind: Resource, namespace: str, body: Json, owning: Owning) -> Json:
        """Create an object."""
        item = self._new(kind, namespace, body)
        admit(self.store, kind, item)
        self._check(kind, item, validation.on_create(kind.name, item, self._release))
        meta = item["metadata"]
        if self.store.get(kind.name, meta.get("namespace", ""), meta["name"]) is not None:
            raise errors.exists(kind, meta["name"])
        return self.store.put(kind.name, owning(self._addressed(item) if kind.name == "services" else item))

    def _update(self, kind: Resource, old: Json, body: Json, subresource: str, manager: str) -> Json:
        """Replace an object by what an update or a patch made of it, or of its Scale."""
        if subresource == "scale":
            owning = self._owning(kind, old, None, subresource, manager)
            return scale.view(self._replace(kind, old, scale.applied(old, body), "", owning))
        given = (body.get("metadata") or {}).get("managedFields")
        return self._replace(kind, old, body, subresource, self._owning(kind, old, given, subresource, manager))

    def _owning(self, kind: Resource, old: Json, given: Any, subresource: str, manager: str) -> Owning:
        """How a new state of an object gets its owners; `given` are the managedFields that came with it."""
        if given is None and "managedFields" not in old["metadata"]:
            # Nearly every write of a run in virtual time: it must cost nothing.
            return _unowned
        request = apply.Request(kind, manager, subresource, timestamp(self._now()))
        return lambda item: apply.updated(request, old, item, given)

    def _apply(
        self, kind: Resource, namespace: str, name: str, config: Any, subresource: str, manager: str, force: bool
    ) -> Json:
        """Merge a configuration into an object, or make the object."""
        live = self.store.get(kind.name, namespace, name)
        if live is None and subresource:
            raise errors.not_found(kind, name)
        if subresource == "scale":
            config = scale.configuration(kind, config)
        request = apply.Request(kind, manager, subresource, timestamp(self._now()))
        new = apply.applied(request, live, apply.checked(kind, namespace, name, config), force=force)
        owners = new["metadata"].get("managedFields", [])
        if live is None:
            if "uid" in new["metadata"]:
                told = f"uid mismatch: the provided object specified uid {new['metadata']['uid']}, and no existing object was found"
                raise errors.conflict(kind, name, told)
            return self._add(kind, namespace, new, lambda item: apply.with_owners(item, owners))
        part = "" if subresource == "scale" else subresource
        stored = self._replace(kind, live, new, part, lambda item: apply.with_owners(item, owners))
        return scale.view(stored) if subresource == "scale" else stored

    def _created(self, kind: Resource, body: Json, user: str, manager: str) -> Owning:
        if self._tracked == "from first apply":
            return _unowned
        request = apply.Request(kind, manager or apply.manager_of(user), "", timestamp(self._now()))
        return lambda item: apply.created(request, body, item)

    def _new(self, kind: Resource, namespace: str, body: Json) -> Json:
        """An object as it is to be stored, but for its version."""
        meta = dict(body.get("metadata") or {})
        uid = self._new_uid()
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = generated(meta["generateName"], uid)
        if kind.namespaced:
            if meta.get("namespace", namespace) != namespace:
                raise errors.bad_request(
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
            meta["namespace"] = namespace
        meta.pop("resourceVersion", None)
        meta.pop("managedFields", None)
        meta.update(uid=uid, creationTimestamp=timestamp(self._now()))
        meta.setdefault("name", "")
        if kind.generation:
            meta["generation"] = 1
        return without_disabled(
            kind.name, defaulted(kind.name, {**_kinded(kind, body), "metadata": meta}), self._release
        )

    def _check(self, kind: Resource, item: Json, causes: Sequence[errors.Cause]) -> None:
        if causes:
            raise errors.invalid(kind, item["metadata"]["name"], causes)

    def _replace(self, kind: Resource, old: Json, body: Json, subresource: str, owning: Owning) -> Json:
        """Write a new state of an object; nothing if it is the old one."""
        old_meta, meta = old["metadata"], dict(body.get("metadata") or {})
        name = old_meta["name"]
        if meta.get("resourceVersion", old_meta["resourceVersion"]) != old_meta["resourceVersion"]:
            raise errors.modified(kind, name)
        if meta.get("name", name) != name:
            raise errors.bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL ({name})"
            )
        new = without_disabled(kind.name, _merged(kind, old, {**body, "metadata": meta}, subresource), self._release)
        causes = [*validation.on_metadata(old_meta, meta), *validation.on_update(kind.name, old, new, self._release)]
        self._check(kind, new, causes)
        if kind.generation and _is_new_generation(kind, old, new):
            new["metadata"]["generation"] = old_meta.get("generation", 0) + 1
        new = owning(new)
        if _is_released(kind, old, new):
            # Watchers see the object as it was, the writer as it wanted it.
            self.store.remove(kind.name, old)
            return new
        return old if apply.is_same(new, old) else self.store.put(kind.name, new)

    def _terminate(self, namespace: Json) -> Json:
        """A namespace goes once a controller has emptied it."""
        if "deletionTimestamp" in namespace["metadata"]:
            return namespace
        meta = {**namespace["metadata"], "deletionTimestamp": timestamp(self._now())}
        return self.store.put("namespaces", {**namespace, "metadata": meta, "status": {"phase": "Terminating"}})

    def _addressed(self, service: Json) -> Json:
        """A Service with the next cluster address and ports of nodes, where its type has such and it names none."""
        spec = dict(service["spec"])
        if spec["type"] == "ExternalName":
            return service
        if spec["type"] in ("NodePort", "LoadBalancer"):
            spec["ports"] = [self._on_nodes(each) for each in spec["ports"]]
        if not spec.get("clusterIP"):
            self._addresses += 1
            spec["clusterIP"] = f"10.96.{1 + self._addresses // 250}.{self._addresses % 250 + 1}"
        spec["clusterIPs"] = [spec["clusterIP"]]
        return {**service, "spec": spec}

    def _on_nodes(self, port: Json) -> Json:
        """A Service's port with the next one of the nodes' ports, unless it names one."""
        if port.get("nodePort"):
            return port
        self._node_ports += 1
        return {**port, "nodePort": FIRST_NODE_PORT + self._node_ports}


def _unowned(item: Json) -> Json:
    return item


def _kinded(kind: Resource, body: Json) -> Json:
    return {
        "kind": kind.kind,
        "apiVersion": kind.api_version,
        **{k: v for k, v in body.items() if k not in ("kind", "apiVersion")},
    }


def _merged(kind: Resource, old: Json, body: Json, subresource: str) -> Json:
    """What is stored of a body: its status only through `status`, everything else only without."""
    if subresource == "status":
        return {**old, "status": body.get("status") or {}}
    if subresource == "finalize":
        return {**old, "spec": body.get("spec") or {}}
    given = {key: value for key, value in body["metadata"].items() if key not in (*_FIXED, "managedFields")}
    fixed = {key: old["metadata"][key] for key in _FIXED if key in old["metadata"]}
    kept = {"resourceVersion": old["metadata"]["resourceVersion"], "name": old["metadata"]["name"]}
    if kind.namespaced:
        kept["namespace"] = old["metadata"]["namespace"]
    meta = {key: value for key, value in {**given, **fixed, **kept}.items() if value not in ({}, [])}
    new = {**_kinded(kind, body), "metadata": meta}
    if "spec" in old:
        new.setdefault("spec", {})
    if "status" in kind.subresources and "status" in old:
        new["status"] = old["status"]
    return redefaulted(kind.name, new)


def _is_new_generation(kind: Resource, old: Json, new: Json) -> bool:
    """Whether a change is one of what is wanted. A slice has no spec: all of it is (pkg/registry/discovery/endpointslice)."""
    if kind.name != "endpointslices":
        return bool(new.get("spec") != old.get("spec"))
    is_relabelled = (new["metadata"].get("labels") or {}) != (old["metadata"].get("labels") or {})
    return is_relabelled or any(new.get(key) != old.get(key) for key in {**old, **new} if key != "metadata")


def _is_released(kind: Resource, old: Json, new: Json) -> bool:
    """Whether an object that is being deleted loses its last finalizer, and its grace is over."""
    if "deletionTimestamp" not in old["metadata"] or new["metadata"].get("finalizers"):
        return False
    if kind.name == "namespaces" and new["spec"].get("finalizers"):
        return False
    return bool(old["metadata"].get("deletionGracePeriodSeconds", 0) == 0)


_PATCHES: Mapping[str, Callable[[Message, Any, Any], Any]] = {
    "merge": lambda _, old, patch: merge(old, patch),
    "json": lambda message, old, patch: without_nulls(message, json_patch(old, patch)),
    "strategic": strategic,
}
