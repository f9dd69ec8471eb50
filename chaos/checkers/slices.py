"""EndpointSlices tell of each pod what it was at one moment that their controller may have seen (S72, S73, S74).

The slice controller has its own cache of pods, of unknown age, which it reads at once for each Service. What it writes is right
if it agrees with any state of the pods since its last write for that Service. That it writes at all is asked only of one that
was seen to run: the Lease of its process was renewed all the time, so that no retry can take longer than `LATE_S`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chaos.checkers.authorship import Author
from chaos.checkers.backends import Backends, Pods
from chaos.checkers.endpoints import (
    MANAGED_BY,
    MANAGER,
    Backend,
    Backing,
    Endpoint,
    Service,
    backend,
    endpoint,
    has_ended,
    listed,
    service_of,
)
from chaos.checkers.panel import Checker, Court
from chaos.history.entries import Entry
from chaos.history.order import KEPT_S, Event

ENDPOINTS, CONDITIONS, DEPARTURE = "dns.endpoints", "dns.conditions", "dns.departure"

STALE_S = 10.0
"""A write that only older states explain is a suspect."""

LATE_S = 60.0
"""A process that renews its Lease is cut off for 5 s at most, and retries after 1 s, 2 s, 4 s and so on; a watch whose connection
died without a word is found dead after 45 s (endpointslice_controller.go, defaultSyncBackOff; client-go, HTTP/2 health checks)."""


class Difference(NamedTuple):
    """One thing in which slices differ from what they should be: the guarantee it breaks, the pod, and both in words."""

    guarantee: str
    uid: str
    said: str
    expected: str


class _Slice(NamedTuple):
    """A slice of this controller's: its Service's uid, its address type, its endpoints by the uid of their pods."""

    name: str
    owner: str
    family: str
    endpoints: Mapping[str, Endpoint]


class SliceChecker(Checker):
    """Judges every write to the slices of the set's Service."""

    reads = ("nodes", "events")
    follows = ("pods", "services", "endpointslices")

    def __init__(self, court: Court) -> None:
        self._service_name = court.info.service
        self._ledger = court.ledger
        self._lease = court.lease
        self._pods = Backends()
        self._changed: dict[str, tuple[float, int]] = {}
        self._ended: set[str] = set()
        self._leaving: set[str] = set()
        self._names: dict[str, str] = {}
        self._services: dict[str, list[Backing]] = {}
        self._floors: dict[str, int] = {}
        self._reopened: set[str] = set()
        self._slices: dict[str, _Slice] = {}
        self._nodes: dict[str, str] = {}
        self._strange_nodes: set[str] = set()
        self._failed = -1.0
        self._is_dirty = False
        self._owed: list[tuple[float, int, Difference]] = []
        self._told: set[tuple[str, str]] = set()
        self._listed: set[str] = set()

    def on_entry(self, entry: Entry) -> None:
        """Nodes whose pods the controller may leave out, and Events that say why it could not write."""
        if not isinstance(entry.data, dict):
            return
        whole = entry.data.get("whole")
        if entry.stream == "nodes":
            self._on_node(entry, whole)
        elif whole and whole.get("reason") == "FailedToUpdateEndpointSlices":
            if whole.get("involvedObject", {}).get("name") == self._service_name:
                self._failed = entry.t

    def on_event(self, event: Event, author: Author | None) -> None:
        """One event in judged order."""
        match event.stream:
            case "pods":
                self._on_pod(event)
            case "services" if event.after["metadata"]["name"] == self._service_name:
                self._on_service(event)
            case "endpointslices":
                self._on_slice(event)

    def on_restart(self) -> None:
        """The controller manager is another process, whose caches may start from any state that is kept."""
        self._floors = dict.fromkeys(self._floors, 0)
        self._reopened.update(self._floors)

    def on_whole(self, until: float) -> None:
        """Every event that was written before `until` has been given: what the controller owes may be overdue."""
        if self._is_dirty:
            self._is_dirty = False
            self._owed = list(self._still_owed())
        for since, i, difference in self._owed:
            key = (difference.guarantee, difference.uid)
            if until - since > LATE_S and key not in self._told:
                self._told.add(key)
                self._overdue(since, i, until, difference)

    def finish(self, now: float) -> None:
        """Everything is in."""
        self.on_whole(now)

    def _on_node(self, entry: Entry, whole: Any) -> None:
        if whole:
            self._nodes[entry.uid] = whole["metadata"]["name"]
        # The controller has its own cache of nodes: one that came or went may be unknown to it.
        if entry.type in ("added", "deleted"):
            self._strange_nodes.add(self._nodes.pop(entry.uid, ""))

    def _on_pod(self, event: Event) -> None:
        if event.type == "modified" and not _may_matter(event.before, event.after):
            return
        now = None if event.type == "deleted" else backend(event.after)
        if now is not None:
            self._names[event.uid] = now.name
        if event.type == "deleted" or "deletionTimestamp" in event.after["metadata"]:
            self._leaving.add(event.uid)
        if has_ended(event.after):
            self._ended.add(event.uid)
        if self._pods.see(event, now):
            self._changed[event.uid] = (event.t, event.i)
            self._is_dirty = True
            self._forget(event.t)

    def _forget(self, now: float) -> None:
        if len(self._changed) > 1000:
            alive = self._pods.newest
            for uid in [uid for uid, (t, _) in self._changed.items() if uid not in alive and t < now - KEPT_S]:
                del self._changed[uid]
                self._names.pop(uid, None)
                self._ended.discard(uid)
                self._leaving.discard(uid)
                self._listed.discard(uid)

    def _on_service(self, event: Event) -> None:
        self._is_dirty = True
        if event.type == "deleted":
            self._floors.pop(event.uid, None)
            self._reopened.discard(event.uid)
            self._services.pop(event.uid, None)
            return
        version = service_of(event.after)
        versions = self._services.setdefault(event.uid, [])
        if all(version != each.service for each in versions):
            versions.append(Backing(version))
            self._changed[event.uid] = (event.t, event.i)
        self._floors.setdefault(event.uid, self._pods.forgotten)

    def _on_slice(self, event: Event) -> None:
        self._is_dirty = True
        before = self._slices.pop(event.uid, None)
        meta = event.after["metadata"]
        if event.type == "deleted" or (meta.get("labels") or {}).get(MANAGED_BY) != MANAGER:
            return
        owner = next((each["uid"] for each in meta.get("ownerReferences") or () if each.get("kind") == "Service"), "")
        now = _Slice(meta["name"], owner, event.after.get("addressType", "IPv4"), listed(event.after))
        self._slices[event.uid] = now
        is_news = event.type != "listed" and (before is None or before.endpoints != now.endpoints)
        if is_news and owner in self._services:
            self._judge(event, now, before.endpoints if before is not None else {})

    def _judge(self, event: Event, written: _Slice, before: Mapping[str, Endpoint]) -> None:
        floor = self._floors[written.owner]
        explaining = self._explaining(written, max(floor - self._pods.forgotten, 0))
        about = f"EndpointSlice {written.name} at resourceVersion {event.rv}"
        if not explaining:
            self._unexplained(event, about, written, floor)
            return
        self._reopened.discard(written.owner)
        self._floors[written.owner] = explaining[-1] + self._pods.forgotten
        self._count(written, before)
        if explaining[0] + 1 < len(self._pods.versions):
            self._suspect(event, about, event.t - self._pods.versions[explaining[0] + 1].t, written)

    def _explaining(self, written: _Slice, oldest: int) -> list[int]:
        """The versions of the pods, newest first, on which a slice says nothing wrong by some version of its Service."""
        is_alone = self._is_alone(written)
        found: set[int] = set()
        for backing in self._services[written.owner]:
            service = backing.service

            def is_owed(
                pod: Backend,
                right: Endpoint,
                service: Service = service,
                asks: bool = is_alone and service.is_one_group,
            ) -> bool:
                return asks and self._is_owed(service, pod, right)

            found.update(self._pods.agreeing(written.endpoints, backing, written.family, oldest, is_owed))
        return sorted(found, reverse=True)

    def _suspect(self, event: Event, about: str, stale_s: float, written: _Slice) -> None:
        if stale_s <= STALE_S:
            return
        text = f"{about} is explained only by pods {stale_s:.1f} s old"
        cause = self._lease.covering(event.t - stale_s, event.t)
        if cause:
            self._ledger.note(f"{text}; harmless: {cause}")
            return
        backing = self._services[written.owner][-1]
        for difference in self._differences(written, backing, self._pods.versions[-1]):
            self._ledger.doubted(difference.guarantee, f"suspect: {text}")

    def _unexplained(self, event: Event, about: str, written: _Slice, floor: int) -> None:
        versions, backing = self._pods.versions, self._services[written.owner][-1]
        oldest = max(floor - self._pods.forgotten, 0)
        # What is wrong is what is too old: nobody can know what is yet to come.
        youngest = max(
            (self._began(uid, said, backing, written.family) for uid, said in written.endpoints.items()), default=0
        )
        nearest, at = min(
            (
                (self._differences(written, backing, versions[at]), at)
                for at in range(len(versions) - 1, max(oldest, youngest) - 1, -1)
            ),
            key=lambda each: len(each[0]),
        )
        first = nearest[0]
        older = [
            at
            for at in range(oldest)
            if any(not self._differences(written, each, versions[at]) for each in self._services[written.owner])
        ]
        restarted = written.owner in self._reopened or floor < self._pods.forgotten
        if restarted or (older and not self._lease.ran(versions[oldest].t, event.t)):
            self._ledger.doubted(first.guarantee, f"{about} may be explained by what a new process read")
            return
        pods = versions[at]
        message = (
            f"{about} says of the Service {backing.service.name}: {first.said}; expected {first.expected}. No state of the pods that "
            f"its controller may have seen explains it ({len(versions) - oldest} since its last write); nearest are those "
            f"at resourceVersion {pods.rv}"
        )
        evidence = (event.i, pods.i, self._changed.get(first.uid, (0.0, pods.i))[1])
        objects = (f"endpointslices/{written.name}", f"pods/{self._names.get(first.uid, first.uid)}")
        self._ledger.violated(first.guarantee, message, evidence, objects)

    def _began(self, uid: str, said: Endpoint, backing: Backing, family: str) -> int:
        """Since which state of the pods this was last so of one of them; the oldest if it never was."""
        service, versions = backing.service, self._pods.versions
        is_so = [uid in pods.by_uid and endpoint(service, pods.by_uid[uid], family) == said for pods in versions]
        if True not in is_so:
            return 0
        last = len(is_so) - 1 - is_so[::-1].index(True)
        return next((at + 1 for at in range(last, -1, -1) if not is_so[at]), 0)

    def _count(self, written: _Slice, before: Mapping[str, Endpoint]) -> None:
        for uid, now in written.endpoints.items():
            if uid not in self._listed:
                self._listed.add(uid)
                self._ledger.exercised(ENDPOINTS)
            elif uid in before and not before[uid].is_conditioned_as(now):
                self._ledger.exercised(CONDITIONS)
        departed = sum(
            uid not in written.endpoints and (was.terminating or uid in self._leaving) for uid, was in before.items()
        )
        if departed:
            self._ledger.exercised(DEPARTURE, departed)

    def _differences(self, written: _Slice, backing: Backing, pods: Pods) -> list[Difference]:
        """In what a slice differs from what these pods make it."""
        found = []
        for uid, said in written.endpoints.items():
            right = backing.of(pods.by_uid.get(uid), written.family)
            if right != said:
                found.append(self._wrong(uid, said, right))
        says_all = backing.service.is_one_group and self._is_alone(written)
        if says_all and len(written.endpoints) < len(pods.by_uid):
            found += self._missing(written.endpoints, backing, pods.by_uid, written.family)
        return found

    def _is_alone(self, written: _Slice) -> bool:
        """Whether a slice is the only one of its Service and address type, and so says all."""
        return sum((each.owner, each.family) == (written.owner, written.family) for each in self._slices.values()) == 1

    def _wrong(self, uid: str, said: Endpoint, right: Endpoint | None) -> Difference:
        if right is None:
            is_gone = uid in self._leaving
            why = (
                "no endpoint, since the pod is gone or has ended"
                if is_gone
                else "no endpoint, since it is none of the Service's pods"
            )
            return Difference(DEPARTURE if is_gone else ENDPOINTS, uid, f"{said} (uid {uid})", why)
        guarantee = CONDITIONS if said.is_placed_as(right) else ENDPOINTS
        return Difference(guarantee, uid, str(said), str(right))

    def _missing(
        self, said: Mapping[str, Endpoint], backing: Backing, pods: Mapping[str, Backend], family: str
    ) -> Iterator[Difference]:
        for uid, pod in pods.items():
            right = None if uid in said else backing.of(pod, family)
            if right is not None and self._is_owed(backing.service, pod, right):
                yield Difference(ENDPOINTS, uid, f"nothing of {pod.name}", str(right))

    def _is_owed(self, service: Service, pod: Backend, right: Endpoint) -> bool:
        """Whether slices that say nothing of a pod that the Service selects are wrong."""
        return bool(right.addresses) and (service.publishes_unready or self._is_known(pod.node))

    def _is_known(self, node: str) -> bool:
        """Whether the controller surely knows the node: it leaves out the pods of one that it does not."""
        return not node or (node in self._nodes.values() and node not in self._strange_nodes)

    def _still_owed(self) -> Iterator[tuple[float, int, Difference]]:
        """What the slices of the Service that exists do not say yet, and since when they should."""
        pods = self._pods.newest
        for owner, versions in self._services.items():
            backing = versions[-1]
            if not backing.service.is_kept:
                continue
            of_service = [each for each in self._slices.values() if each.owner == owner]
            for family in backing.service.families:
                said = {uid: each for one in of_service if one.family == family for uid, each in one.endpoints.items()}
                whole = _Slice("", owner, family, said)
                for difference in (
                    *self._disagreeing(whole, backing, pods),
                    *self._missing(said, backing, pods, family),
                ):
                    since, i = max(self._changed.get(each, (0.0, 0)) for each in (difference.uid, owner))
                    yield since, i, difference

    def _disagreeing(self, whole: _Slice, backing: Backing, pods: Mapping[str, Backend]) -> Iterator[Difference]:
        for uid, said in whole.endpoints.items():
            right = backing.of(pods.get(uid), whole.family)
            # That an unready pod has ended is no reason to write (util/controller_utils.go, podEndpointsChanged).
            if right != said and not (right is None and uid in self._ended and not said.serving):
                yield self._wrong(uid, said, right)

    def _overdue(self, since: float, i: int, until: float, difference: Difference) -> None:
        text = (
            f"for {until - since:.0f} s the EndpointSlices of {self._service_name} have said {difference.said}; "
            f"expected {difference.expected}"
        )
        if self._failed >= since:
            self._ledger.doubted(difference.guarantee, f"{text}; Events say that its controller failed to write")
        elif not self._lease.ran(since, until):
            self._ledger.doubted(difference.guarantee, f"{text}; its controller was not seen to run all the time")
        else:
            name = self._names.get(difference.uid, difference.uid)
            self._ledger.violated(difference.guarantee, text, (i,), (f"services/{self._service_name}", f"pods/{name}"))


def _may_matter(before: Any, after: Any) -> bool:
    """Whether a change of a pod may change an endpoint; what a patch left alone is the same object."""
    if before.get("status") is not after.get("status"):
        return True
    old, new = before["metadata"], after["metadata"]
    return old.get("labels") is not new.get("labels") or ("deletionTimestamp" in old) != ("deletionTimestamp" in new)
