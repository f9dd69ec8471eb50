"""What the parts of the embedded cluster ask of its API server: verbs on plain objects, answered at once.

Nothing here waits: time is passed in, and whoever wants to be told of changes watches. Objects are decoded JSON. What the
server hands out is shared and must not be changed; what it is given it does not keep a reference to.
"""

import datetime
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

Json = dict[str, Any]

EventType = Literal["ADDED", "MODIFIED", "DELETED"]
Propagation = Literal["Background", "Foreground", "Orphan"]
PatchType = Literal["merge", "json", "strategic", "apply"]

Now = Callable[[], datetime.datetime]
"""The cluster's wall clock, UTC. Waiting is done with anyio; nothing asks the system for the time."""

NewUid = Callable[[], str]
"""Gives the next uid, from a seeded stream."""

OnEvent = Callable[[EventType, Json], None]
"""Called for every change, in the order of resourceVersions, before the verb that caused it returns. It must not write."""


class ApiError(Exception):
    """A verb was refused as Kubernetes refuses it: HTTP status, reason, message, and details of the Status object."""

    def __init__(self, status: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details or {}


class Listing(NamedTuple):
    """All objects of a resource and the resourceVersion they are true for."""

    rv: int
    items: tuple[Json, ...]


class Api(Protocol):
    """The API server's verbs. `user` is who asks; `subresource` is status, scale, eviction, binding or empty.

    Every verb raises `ApiError` as Kubernetes would answer (404 NotFound, 409 AlreadyExists or Conflict, 410 Expired, 422
    Invalid, 403 Forbidden, 400 BadRequest).
    """

    def get(self, resource: str, namespace: str, name: str, *, subresource: str = "") -> Json: ...

    def list(self, resource: str, namespace: str = "") -> Listing: ...

    def list_at(self, resource: str, rv: int) -> tuple[Json, ...]:
        """All objects of a resource as they were at version `rv`, by namespace and name. 410 if that is forgotten."""

    def rehearsal(self) -> "Api":
        """The same verbs, which answer as they would, or refuse, and leave everything as it is."""

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
        """Create; `name` with a subresource (pods/eviction, pods/binding). `manager` owns what a write changes."""

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
    ) -> Json: ...

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
        """Patch; an apply creates what does not exist, and with `force` takes fields from other managers."""

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
        """Delete as Kubernetes does: finalizers hold an object, a scheduled pod gets its grace period and stays."""

    def watch(self, resource: str, on_event: OnEvent, *, since: int) -> Callable[[], None]:
        """Call `on_event` for every change after resourceVersion `since`, at once for those past; returns what ends it.

        Raises:
            ApiError: 410 Expired: `since` was compacted.
        """


class Streams(NamedTuple):
    """A command's standard streams. `stdin` ends when the client closed it, or at once if it sends none."""

    stdin: AsyncIterator[bytes]
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]


class ContainerLog(Protocol):
    """What one run of a container has printed: `pieces` in order, each with when; `is_over` once nothing more will come."""

    @property
    def pieces(self) -> Sequence[tuple[datetime.datetime, bytes]]: ...

    @property
    def is_over(self) -> bool: ...

    async def changed(self) -> None:
        """Wait until there are more pieces, or it is over."""


class Kubelet(Protocol):
    """What the API server passes on to the node of a pod."""

    def check(self, namespace: str, pod: str, container: str, command: Sequence[str]) -> None:
        """See whether a command could be run at all, before the client is told to go on.

        Raises:
            ApiError: 404 no such pod, 400 no such container, no command, or the pod is on no node.
        """

    async def exec(self, namespace: str, pod: str, container: str, command: Sequence[str], streams: Streams) -> int:
        """Run a command in a running container (empty: the pod's first) until it ends; its exit code, 137 if it was killed.

        Raises:
            ApiError: as `check` does; 500 it is not running or there is no such program.
        """

    def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> ContainerLog | None:
        """What the container prints, or its run before this one printed; None if the pod is on no node.

        Raises:
            ApiError: 404 no such pod, 400 no such container or no such run.
        """
