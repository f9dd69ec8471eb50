"""A small Kubernetes for tests of the runner: objects with versions, watches, and a StatefulSet whose pods are Ready at once."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import msgspec

from chaos.cluster.port import (
    Cluster,
    ExecChannel,
    ExecResult,
    Json,
    Listing,
    PatchType,
    Propagation,
    Refused,
    WatchEvent,
)
from chaos.history import mergepatch

Key = tuple[str, str, str]

_COUNTS = ("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas")


class Fake(Cluster):
    """Holds objects by (resource, namespace, name).

    `refuses` are the rights it denies, as `verb resource`; `answers` maps such a pair to an error raised in place of the
    answer, once, after the effect if `lost` holds it; `stuck` keeps pods from becoming Ready, with this as the reason.
    """

    def __init__(self) -> None:
        self.objects: dict[Key, Json] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.refuses: set[str] = set()
        self.answers: dict[str, Exception] = {}
        self.lost: set[str] = set()
        self.stuck = ""
        self.ran: list[tuple[str, ...]] = []
        self._rv = 100
        self._events: list[tuple[int, str, str, WatchEvent]] = []
        self._rung = anyio.Event()

    async def version(self) -> str:
        return "1.37.2"

    async def allowed(self, verb: str, resource: str, namespace: str) -> bool:
        return f"{verb} {resource}" not in self.refuses

    async def metrics(self, path: str) -> str:
        return 'kubernetes_feature_enabled{name="MaxUnavailableStatefulSet",stage="BETA"} 1\n'

    async def get(self, resource: str, namespace: str, name: str) -> Json:
        return self._one(resource, namespace, name)

    async def list(self, resource: str, namespace: str, field_selector: str = "") -> Listing:
        name = field_selector.removeprefix("metadata.name=")
        items = tuple(
            state
            for (kind, where, called), state in self.objects.items()
            if kind == resource and where == namespace and name in ("", called)
        )
        return Listing(rv=str(self._rv), items=items)

    def watch(
        self, resource: str, namespace: str, rv: str, field_selector: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[WatchEvent]]:
        async def events() -> AsyncIterator[WatchEvent]:
            at = 0
            while True:
                while at < len(self._events):
                    number, kind, where, event = self._events[at]
                    at += 1
                    if number <= int(rv):
                        continue
                    mine = (kind, where) == (resource, namespace) and not field_selector
                    bookmark = {"metadata": {"resourceVersion": str(number)}}
                    yield event if mine else WatchEvent(type="BOOKMARK", object=bookmark)
                await self._rung.wait()

        @asynccontextmanager
        async def opened() -> AsyncIterator[AsyncIterator[WatchEvent]]:
            yield events()

        return opened()

    async def evict(self, namespace: str, pod: str, body: Json) -> Json:
        self._begin("create", "pods/eviction", pod)
        await self.delete("pods", namespace, pod, uid=body["deleteOptions"]["preconditions"]["uid"])
        return {"kind": "Status", "status": "Success"}

    async def create(self, resource: str, namespace: str, body: Json) -> Json:
        name = body["metadata"]["name"]
        self._begin("create", resource, name)
        if (resource, namespace, name) in self.objects:
            raise Refused(409, "AlreadyExists", f"{name} exists")
        made = self._put("ADDED", resource, namespace, self._defaulted(resource, body))
        self._reconcile(namespace)
        self._end("create", resource)
        return made

    async def update(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        self._begin("update", resource, name)
        old = self._one(resource, namespace, name)
        if body["metadata"].get("resourceVersion") not in (None, old["metadata"]["resourceVersion"]):
            raise Refused(409, "Conflict", "the object has been modified")
        made = self._put("MODIFIED", resource, namespace, {**body, "status": old.get("status", {})})
        self._reconcile(namespace)
        self._end("update", resource)
        return made

    async def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        body: Any,
        patch_type: PatchType = "merge",
        subresource: str = "",
    ) -> Json:
        self._begin("patch", resource, name)
        old = self._one(resource, namespace, name)
        new = _patched(old, body, patch_type)
        if new.get("spec") != old.get("spec"):
            meta = {**new["metadata"], "generation": old["metadata"].get("generation", 0) + 1}
            new = {**new, "metadata": meta}
        made = self._put("MODIFIED", resource, namespace, new)
        self._reconcile(namespace)
        self._end("patch", resource)
        return made

    async def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        grace_s: int | None = None,
        propagation: Propagation | None = None,
    ) -> Json:
        self._begin("delete", resource, name)
        state = self._one(resource, namespace, name)
        if uid not in ("", state["metadata"]["uid"]):
            raise Refused(409, "Conflict", "the UID in the precondition does not match")
        gone = self._remove(resource, namespace, name)
        if resource == "namespaces":
            self.objects = {key: each for key, each in self.objects.items() if key[1] != name}
        elif resource == "statefulsets":
            self._release(namespace, name, state["metadata"]["uid"], orphan=propagation == "Orphan")
        self._reconcile(namespace)
        self._end("delete", resource)
        return gone

    async def ask(self, method: str, path: str) -> Json:
        self._begin(method, path, "")
        raise Refused(404, "NotFound", "the server could not find the requested resource")

    async def run(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> ExecResult:
        self._begin("exec", "pods", pod)
        self.ran.append(command)
        self._end("exec", "pods")
        return ExecResult(0, "", "")

    def attach(
        self, namespace: str, pod: str, container: str, command: tuple[str, ...]
    ) -> AbstractAsyncContextManager[ExecChannel]:
        @asynccontextmanager
        async def opened() -> AsyncIterator[ExecChannel]:
            yield _Probe()

        return opened()

    def names(self, resource: str) -> tuple[str, ...]:
        """The names of a resource's objects in all namespaces, sorted."""
        return tuple(sorted(name for kind, _, name in self.objects if kind == resource))

    def _begin(self, verb: str, resource: str, name: str) -> None:
        self.calls.append((verb, resource, name))
        call = f"{verb} {resource}"
        if call in self.answers and call not in self.lost:
            raise self.answers.pop(call)

    def _end(self, verb: str, resource: str) -> None:
        call = f"{verb} {resource}"
        if call in self.answers:
            raise self.answers.pop(call)

    def _one(self, resource: str, namespace: str, name: str) -> Json:
        found = self.objects.get((resource, namespace, name))
        if found is None:
            raise Refused(404, "NotFound", f"{resource} {name} not found")
        return found

    def _put(self, type: Any, resource: str, namespace: str, state: Json) -> Json:
        self._rv += 1
        uid = state["metadata"].get("uid", f"u{self._rv}")
        meta = {"generation": 1, **state["metadata"], "uid": uid, "resourceVersion": str(self._rv)}
        state = {**state, "metadata": {**meta, "namespace": namespace}}
        self.objects[resource, namespace, meta["name"]] = state
        self._tell(type, resource, namespace, state)
        return state

    def _remove(self, resource: str, namespace: str, name: str) -> Json:
        self._rv += 1
        state = self.objects.pop((resource, namespace, name))
        gone = {**state, "metadata": {**state["metadata"], "resourceVersion": str(self._rv)}}
        self._tell("DELETED", resource, namespace, gone)
        return gone

    def _tell(self, type: Any, resource: str, namespace: str, state: Json) -> None:
        self._events.append((self._rv, resource, namespace, WatchEvent(type=type, object=state)))
        self._rung.set()
        self._rung = anyio.Event()

    def _defaulted(self, resource: str, body: Json) -> Json:
        if resource == "pods" and "status" not in body:
            return {**body, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        return body

    def _reconcile(self, namespace: str) -> None:
        """Bring every set's pods and status to what its spec says, at once."""
        for (resource, where, name), found in list(self.objects.items()):
            if resource == "statefulsets" and where == namespace and found["spec"].get("volumeClaimTemplates"):
                self._sync(namespace, name)

    def _sync(self, namespace: str, name: str) -> None:
        state = self._one("statefulsets", namespace, name)
        revision = f"{name}-{_fingerprint(state['spec']['template'])}"
        self._revise(namespace, state, revision)
        wanted = range(state["spec"]["replicas"])
        rolling = state["spec"]["updateStrategy"]["type"] == "RollingUpdate"
        for (resource, where, pod), found in list(self.objects.items()):
            if resource != "pods" or where != namespace or not pod.startswith(f"{name}-"):
                continue
            is_old = found["metadata"]["labels"]["controller-revision-hash"] != revision
            if int(pod.rpartition("-")[2]) not in wanted or (rolling and is_old):
                self._remove("pods", namespace, pod)
        for ordinal in wanted:
            if ("pods", namespace, f"{name}-{ordinal}") not in self.objects:
                self._put("ADDED", "pods", namespace, self._pod(state, ordinal, revision))
        status = {
            "observedGeneration": state["metadata"]["generation"],
            "currentRevision": revision,
            "updateRevision": revision,
            **dict.fromkeys(_COUNTS, len(wanted)),
        }
        if state.get("status") != status:
            self._put("MODIFIED", "statefulsets", namespace, {**state, "status": status})

    def _revise(self, namespace: str, state: Json, revision: str) -> None:
        if ("controllerrevisions", namespace, revision) in self.objects:
            return
        number = 1 + sum(kind == "controllerrevisions" for kind, _, _ in self.objects)
        data = {"spec": {"template": {**state["spec"]["template"], "$patch": "replace"}}}
        body = {"metadata": {"name": revision}, "revision": number, "data": data}
        self._put("ADDED", "controllerrevisions", namespace, body)

    def _pod(self, state: Json, ordinal: int, revision: str) -> Json:
        name = state["metadata"]["name"]
        pod, claim = f"{name}-{ordinal}", f"www-{name}-{ordinal}"
        namespace = state["metadata"]["namespace"]
        if ("persistentvolumeclaims", namespace, claim) not in self.objects:
            self._put("ADDED", "persistentvolumeclaims", namespace, {"metadata": {"name": claim}})
        labels = {
            **state["spec"]["template"]["metadata"]["labels"],
            "statefulset.kubernetes.io/pod-name": pod,
            "apps.kubernetes.io/pod-index": str(ordinal),
            "controller-revision-hash": revision,
        }
        owner = {
            "kind": "StatefulSet",
            "name": name,
            "uid": state["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        spec = {
            **state["spec"]["template"]["spec"],
            "hostname": pod,
            "subdomain": state["spec"]["serviceName"],
            "volumes": [{"name": "www", "persistentVolumeClaim": {"claimName": claim}}],
        }
        return {"metadata": {"name": pod, "labels": labels, "ownerReferences": [owner]}, "spec": spec, **self._state()}

    def _state(self) -> Json:
        if not self.stuck:
            return {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        waiting = {"reason": self.stuck, "message": "not found"}
        container = {"name": "nginx", "image": "nginx:none", "state": {"waiting": waiting}}
        return {"status": {"phase": "Pending", "containerStatuses": [container]}}

    def _release(self, namespace: str, name: str, uid: str, *, orphan: bool) -> None:
        for (resource, where, pod), found in list(self.objects.items()):
            owners = found["metadata"].get("ownerReferences") or ()
            if resource != "pods" or where != namespace or all(each["uid"] != uid for each in owners):
                continue
            if orphan:
                meta = {key: value for key, value in found["metadata"].items() if key != "ownerReferences"}
                self._put("MODIFIED", "pods", namespace, {**found, "metadata": meta})
            else:
                self._remove("pods", namespace, pod)


class _Probe(ExecChannel):
    """A probe pod's loop: every name exists and has no address, every page is not there."""

    def __init__(self) -> None:
        self._in, self._out = anyio.create_memory_object_stream[str](1000)

    async def send(self, data: bytes) -> None:
        await self._in.send(data.decode())

    async def lines(self) -> AsyncIterator[str]:
        yield "ready ns.svc.cluster.local svc.cluster.local cluster.local"
        async with self._in, self._out:
            async for asked in self._out:
                number, kind, name = asked.split()
                yield f"{number} 1 nslookup: can't resolve '{name}': {'No answer' if kind == 'dns' else 'no'}"


def _patched(old: Json, body: Any, patch_type: PatchType) -> Json:
    if patch_type != "json":
        patched: Json = mergepatch.apply(old, body)
        return patched
    new = msgspec.json.decode(msgspec.json.encode(old))
    for operation in body:
        *way, last = operation["path"].strip("/").split("/")
        at = new
        for part in way:
            at = at[int(part)] if isinstance(at, list) else at[part]
        at[last] = operation["value"]
    patched = new
    return patched


def _fingerprint(template: Json) -> str:
    return f"{sum(msgspec.json.encode(template, order='deterministic')) % 99991:05d}"
